// Reads one key's record from DynamoDB by a signed request, nearest replica first.
import { AwsV4Signer } from 'aws4fetch';
import { KEY_RECORD_ITEM, KEYS_TABLE } from '../contracts/tables';
import type { StoredKey } from './key-store';
import { byDistance } from './nearest-region';
import { readRecord } from './record';

export interface DynamoDbOptions {
  readonly table: string;
  /** Regions that hold the table, home first. */
  readonly regions: readonly string[];
  /** Deadline of an attempt in milliseconds. */
  readonly timeoutMs: number;
  /** What Lambda sets: AWS_REGION and the role's credentials. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
}

/** The nearest region and one further: two attempts fit into the 5 s of a viewer request. */
const MAX_ATTEMPTS = 2;

/**
 * @returns a function that reads the record of a key id, and rejects with a message fit for a log
 *   when no region gave a proper answer in time.
 */
export function createRecordFetcher(
  options: DynamoDbOptions,
): (keyId: string) => Promise<StoredKey> {
  const regions = byDistance(options.env.AWS_REGION, options.regions).slice(0, MAX_ATTEMPTS);
  const signingKeys = new Map<string, ArrayBuffer>();
  return async (keyId) => {
    const failures: string[] = [];
    for (const region of regions) {
      try {
        return await getItem(keyId, region, signingKeys, options);
      } catch (error) {
        failures.push(`${region}: ${error instanceof Error ? error.message : 'unknown failure'}`);
      }
    }
    throw new Error(failures.join('; '));
  };
}

async function getItem(
  keyId: string,
  region: string,
  cache: Map<string, ArrayBuffer>,
  { env, fetch, table, timeoutMs }: DynamoDbOptions,
): Promise<StoredKey> {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    throw new Error('no credentials in the environment');
  }
  const signed = await new AwsV4Signer({
    method: 'POST',
    url: `https://dynamodb.${region}.amazonaws.com/`,
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'DynamoDB_20120810.GetItem',
    },
    body: requestBody(table, keyId),
    service: 'dynamodb',
    region,
    accessKeyId,
    secretAccessKey,
    sessionToken: env.AWS_SESSION_TOKEN,
    cache,
  }).sign();
  const response = await fetch(signed.url.href, {
    method: signed.method,
    headers: Object.fromEntries(signed.headers),
    body: signed.body as string,
    signal: AbortSignal.timeout(timeoutMs),
  });
  return readAnswer(response.status, await response.text());
}

/**
 * Asks for the attributes of a decision alone, so that IAM can forbid the edge every other one.
 * Consistent, so that a revocation is seen by the next look-up in the home region.
 */
function requestBody(table: string, keyId: string): string {
  return JSON.stringify({
    TableName: table,
    Key: { [KEYS_TABLE.partitionKey]: { S: keyId }, [KEYS_TABLE.sortKey]: { S: KEY_RECORD_ITEM } },
    ConsistentRead: true,
    // `hash`, `owner` and `status` are reserved words:
    // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ReservedWords.html
    ProjectionExpression: 'keyId,#h,#o,scopes,#s,expiresAt',
    ExpressionAttributeNames: { '#h': 'hash', '#o': 'owner', '#s': 'status' },
  });
}

function readAnswer(status: number, text: string): StoredKey {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new Error(`HTTP ${status}, not JSON`);
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new Error(`HTTP ${status}, no JSON object`);
  }
  if (status !== 200) {
    throw new Error(`HTTP ${status} ${errorName(body)}`);
  }
  if (!('Item' in body)) {
    return 'absent';
  }
  return readRecord(body.Item) ?? 'malformed';
}

/** `com.amazonaws.dynamodb.v20120810#ResourceNotFoundException` -> its last part, letters only. */
function errorName(body: object): string {
  const type = '__type' in body ? String(body.__type) : '';
  return /([A-Za-z]{1,64})$/.exec(type)?.[1] ?? 'unnamed error';
}
