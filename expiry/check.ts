// Finds the API keys that end soon, counts them for the alarm, and writes to their owners.
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import type { KeyRecord } from '../contracts/api-key';
import { EXPIRING_DAYS, EXPIRY_ATTRIBUTES, MAIL_DAYS } from '../contracts/key-expiry';
import { KEY_RECORD_ITEM, KEYS_TABLE } from '../contracts/keys-table';
import { KEYS_METRICS } from '../contracts/metrics';

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

export interface CheckOptions {
  readonly client: DynamoDBClient;
  /** Physical name of the table of API keys. */
  readonly table: string;
  /** Name of the stack. */
  readonly stack: string;
  /** The time, epoch milliseconds. */
  readonly now: number;
  /** Takes one line of JSON. */
  readonly log: (line: string) => void;
  /** Sends one mail; rejects when it can't. @default nobody is written to */
  readonly send?: ((mail: Mail) => Promise<unknown>) | undefined;
}

type Ending = Pick<KeyRecord, 'keyId' | 'owner' | 'expiresAt'>;

const DAY_SECONDS = 86_400;

/**
 * Logs one line with the number of keys that end within {@link EXPIRING_DAYS} as a metric, none too.
 * @throws Error when the table can't be read, or after all others when a mail could not be sent.
 */
export async function checkExpiry(options: CheckOptions): Promise<void> {
  const { stack, now, log, send } = options;
  const ending = await endingKeys(options);
  const { namespace, name, dimensions, unit } = KEYS_METRICS.expiring;
  const directive = { Namespace: namespace, Dimensions: [dimensions] };
  log(
    JSON.stringify({
      _aws: {
        Timestamp: now,
        CloudWatchMetrics: [{ ...directive, Metrics: [{ Name: name, Unit: unit }] }],
      },
      Stack: stack,
      [name]: ending.length,
      message: 'keys that end soon',
      keyIds: ending.map(({ keyId }) => keyId),
    }),
  );
  if (send === undefined) return;
  const due = ending.filter((key) => MAIL_DAYS.includes(daysLeft(key, now)));
  const sent = await Promise.allSettled(due.map((key) => send(mailTo(key, stack, now))));
  const failures = due.flatMap(({ keyId }, at) => {
    const outcome = sent[at];
    if (outcome?.status !== 'rejected') return [];
    log(
      JSON.stringify({ level: 'error', message: 'mail not sent', keyId, ...why(outcome.reason) }),
    );
    return [keyId];
  });
  if (failures.length > 0) {
    throw new Error(`The owners of these keys could not be written to: ${failures.join(', ')}.`);
  }
}

/** Keys that work, end soon and have no successor; those that end first come first. */
async function endingKeys({ client, table, now }: CheckOptions): Promise<Ending[]> {
  const names = Object.fromEntries(EXPIRY_ATTRIBUTES.map((name) => [`#${name}`, name]));
  const pages = paginateScan(
    { client: DynamoDBDocumentClient.from(client) },
    {
      TableName: table,
      ProjectionExpression: Object.keys(names).join(', '),
      FilterExpression: `#${KEYS_TABLE.sortKey} = :item`,
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: { ':item': KEY_RECORD_ITEM },
    },
  );
  const ending: Ending[] = [];
  for await (const { Items = [] } of pages) {
    for (const record of Items as KeyRecord[]) {
      const left = record.expiresAt - now / 1000;
      if (record.status !== 'active' || record.rotatedTo !== undefined) continue;
      if (left > 0 && left <= EXPIRING_DAYS * DAY_SECONDS) ending.push(record);
    }
  }
  return ending.sort((a, b) => a.expiresAt - b.expiresAt);
}

/** Days that have begun: 7 on the first day that counts, 1 on the last. */
function daysLeft({ expiresAt }: Ending, now: number): number {
  return Math.ceil((expiresAt - now / 1000) / DAY_SECONDS);
}

/** Without the key, which nobody has, and without anything that could be clicked. */
function mailTo(key: Ending, stack: string, now: number): Mail {
  const { keyId, owner, expiresAt } = key;
  const end = `${new Date(expiresAt * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  const days = daysLeft(key, now);
  return {
    to: owner,
    subject: `API key ${keyId} ends in ${days} ${days === 1 ? 'day' : 'days'}`,
    text: [
      `Your API key ${keyId} of ${stack} ends on ${end}.`,
      'From then on requests with it are answered with 401.',
      'Ask whoever issued it for a successor. Both work for a while, so that you can change over.',
      `For them: npm run keys -- rotate ${keyId} --stack ${stack}`,
    ].join('\n\n'),
  };
}

function why(reason: unknown): { reason: string } {
  return { reason: reason instanceof Error ? reason.message : 'unknown' };
}
