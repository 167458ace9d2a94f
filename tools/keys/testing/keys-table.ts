// A keys table in the embedded DynamoDB, for tests.
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KEYS_TABLE } from '../../../contracts/keys-table';
import { startAwsEndpoint, type AwsEndpoint } from '../../local/aws/endpoint';
import type { KeysTable } from '../table';

export interface TestTable {
  readonly aws: AwsEndpoint;
  readonly keys: KeysTable & { readonly client: DynamoDBClient };
  /** The time that the store sees; a test may move it. */
  readonly clock: { ms: number };
  close(): Promise<void>;
}

/** Saturday noon, so that times in expectations are readable. */
const START_MS = Date.parse('2026-11-21T12:00:00.000Z');

export async function startKeysTable(table = 'keys-test'): Promise<TestTable> {
  const aws = await startAwsEndpoint();
  const client = new DynamoDBClient({
    endpoint: aws.url,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
  const { partitionKey, sortKey } = KEYS_TABLE;
  await client.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: partitionKey, AttributeType: 'S' },
        { AttributeName: sortKey, AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: partitionKey, KeyType: 'HASH' },
        { AttributeName: sortKey, KeyType: 'RANGE' },
      ],
    }),
  );
  const clock = { ms: START_MS };
  return {
    aws,
    keys: { client, table, now: () => clock.ms },
    clock,
    async close() {
      client.destroy();
      await aws.close();
    },
  };
}
