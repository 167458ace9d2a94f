// The daily check on the embedded DynamoDB: which keys count, who is written to, and what fails loudly.
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { hashKey } from '../contracts/api-key';
import { KEYS_METRICS } from '../contracts/metrics';
import { KEYS_TABLE } from '../contracts/keys-table';
import { startAwsEndpoint, type AwsEndpoint } from '../tools/local/aws/endpoint';
import { checkExpiry, type Mail } from './check';

const NOW = Date.parse('2026-11-24T12:00:00.000Z');
const DAY = 86_400;

const TABLE = 'gh-keys';

let aws: AwsEndpoint;
let client: DynamoDBClient;
beforeAll(async () => {
  aws = await startAwsEndpoint();
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  client = new DynamoDBClient({ endpoint: aws.url, region: 'eu-central-1', credentials });
  const { partitionKey, sortKey } = KEYS_TABLE;
  await client.send(
    new CreateTableCommand({
      TableName: TABLE,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [partitionKey, sortKey].map((AttributeName) => ({
        ...{ AttributeName, AttributeType: 'S' },
      })),
      KeySchema: [
        { AttributeName: partitionKey, KeyType: 'HASH' },
        { AttributeName: sortKey, KeyType: 'RANGE' },
      ],
    }),
  );
  const put = (keyId: string, days: number, changes: object = {}, item = 'key') =>
    DynamoDBDocumentClient.from(client).send(
      new PutCommand({
        TableName: TABLE,
        Item: {
          ...{ keyId, item, hash: hashKey(keyId), owner: `${keyId}@example.com`, name: 'billing' },
          ...{ scopes: ['a:b'], status: 'active', createdAt: 1, purgeAt: 2 },
          expiresAt: NOW / 1000 + days * DAY,
          ...changes,
        },
      }),
    );
  await put('later', 8);
  await put('week', 6.9);
  await put('between', 5);
  await put('last', 0.5);
  await put('over', -1);
  await put('revoked', 2, { status: 'revoked' });
  await put('replaced', 2, { rotatedTo: 'other' });
  await put('audited', 2, {}, 'audit#2026#issue');
});
afterAll(async () => {
  client.destroy();
  await aws.close();
});

async function run(send?: (mail: Mail) => Promise<unknown>, table = TABLE) {
  const lines: Record<string, unknown>[] = [];
  const log = (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>);
  const done = checkExpiry({ client, table, stack: 'dev', now: NOW, log, send });
  const error = await done.then(
    () => undefined,
    (reason: Error) => reason.message,
  );
  return { lines, error };
}

describe('checkExpiry', () => {
  it('counts keys that work, end within a week and have no successor, the next first', async () => {
    const { lines, error } = await run();
    expect(error).toBeUndefined();
    expect(lines).toEqual([
      {
        _aws: {
          Timestamp: NOW,
          CloudWatchMetrics: [
            {
              Namespace: 'Gatehouse/Keys',
              Dimensions: [['Stack']],
              Metrics: [{ Name: KEYS_METRICS.expiring.name, Unit: 'Count' }],
            },
          ],
        },
        Stack: 'dev',
        ExpiringKeys: 3,
        message: 'keys that end soon',
        keyIds: ['last', 'between', 'week'],
      },
    ]);
  });

  it('writes to owners on the days that are set, and says nothing of the key itself', async () => {
    const mails: Mail[] = [];
    await run((mail) => Promise.resolve(mails.push(mail)));
    expect(mails.map(({ to, subject }) => [to, subject])).toEqual([
      ['last@example.com', 'API key last ends in 1 day'],
      ['week@example.com', 'API key week ends in 7 days'],
    ]);
    expect(mails[1]?.text).toMatch(/API key week of dev ends on 2026-12-01 09:36 UTC/);
    expect(mails[0]?.text).toMatch(/API key last of dev[^]*keys -- rotate last --stack dev/);
    expect(JSON.stringify(mails)).not.toContain(hashKey('last'));
  });

  it.each([
    [new Error('not verified'), 'not verified'],
    ['odd', 'unknown'],
  ])('writes to the others when one is refused, and fails then', async (thrown, reason) => {
    const written: string[] = [];
    const { lines, error } = await run(({ to }) => {
      written.push(to);
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- that is the case
      return to.startsWith('last') ? Promise.reject(thrown) : Promise.resolve();
    });
    expect(written).toHaveLength(2);
    expect(error).toMatch(/could not be written to: last\.$/);
    expect(lines[1]).toEqual({ level: 'error', message: 'mail not sent', keyId: 'last', reason });
  });

  it('fails when the table can not be read', async () => {
    const { lines, error } = await run(undefined, 'nowhere');
    expect([lines, error]).toEqual([[], expect.any(String)]);
  });
});
