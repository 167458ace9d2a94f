// Reads one key's record from DynamoDB by a signed request, nearest replica first.
import { KEY_RECORD_ITEM, KEYS_TABLE } from '../contracts/keys-table';
import { signedHeaders } from '../contracts/signature';
import type { StoredKey } from './key-store';
import { readRecord } from './record';
import type { Answer, Send } from './transport';

export interface DynamoDbOptions {
  readonly table: string;
  /** Regions to ask, one after the other, until one answers. */
  readonly regions: readonly string[];
  /** Deadline of an attempt in milliseconds. */
  readonly timeoutMs: number;
  /** What Lambda sets: the role's credentials. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Sends the request; each attempt gets `timeoutMs` for all of it. */
  readonly send: Send;
  /** The time, epoch milliseconds. */
  readonly now: () => number;
}

/**
 * @returns a function that reads the record of a key id, and rejects with a message fit for a log
 *   when no region gave a proper answer in time.
 */
export function createRecordFetcher(
  options: DynamoDbOptions,
): (keyId: string) => Promise<StoredKey> {
  return async (keyId) => {
    const failures: string[] = [];
    for (const region of options.regions) {
      try {
        return await getItem(keyId, region, options);
      } catch (error) {
        failures.push(`${region}: ${(error as Error).message}`);
      }
    }
    throw new Error(failures.join('; '));
  };
}

async function getItem(
  keyId: string,
  region: string,
  { env, send, table, timeoutMs, now }: DynamoDbOptions,
): Promise<StoredKey> {
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  } = env;
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    throw new Error('no credentials in the environment');
  }
  const host = `dynamodb.${region}.amazonaws.com`;
  const body = requestBody(table, keyId);
  const { status, text } = await send({
    host,
    headers: signedHeaders(
      { host, region, service: 'dynamodb', target: 'DynamoDB_20120810.GetItem', body, time: now() },
      { accessKeyId, secretAccessKey, sessionToken },
    ),
    body,
    timeoutMs,
  });
  return readAnswer(status, text);
}

/**
 * Asks for the attributes of a decision alone, so that IAM can forbid the edge every other one.
 * Consistent, so that a revocation is seen by the next look-up in the region that it was made in.
 */
function requestBody(table: string, keyId: string): string {
  const { partitionKey, sortKey, edgeAttributes } = KEYS_TABLE;
  return JSON.stringify({
    TableName: table,
    Key: { [partitionKey]: { S: keyId }, [sortKey]: { S: KEY_RECORD_ITEM } },
    ConsistentRead: true,
    // By other names: `hash`, `owner` and `status` are reserved words.
    // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ReservedWords.html
    ProjectionExpression: edgeAttributes.map((_, i) => `#${i}`).join(),
    ExpressionAttributeNames: Object.fromEntries(edgeAttributes.map((name, i) => [`#${i}`, name])),
  });
}

function readAnswer(status: Answer['status'], text: string): StoredKey {
  const body = parseObject(text);
  if (body === undefined) {
    throw new Error(`HTTP ${status}, no JSON object`);
  }
  if (status !== 200) {
    throw new Error(`HTTP ${status} ${errorName(body)}`);
  }
  return 'Item' in body ? (readRecord(body.Item) ?? 'malformed') : 'absent';
}

function parseObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** `com.amazonaws.dynamodb.v20120810#ResourceNotFoundException` -> its last part, letters only. */
function errorName(body: object): string {
  const type = '__type' in body ? String(body.__type) : '';
  return /[A-Za-z]{1,64}$/.exec(type)?.[0] ?? 'unnamed error';
}
