// What may be shown of a table, asked of the real embedded DynamoDB.
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { clientOf } from '../local/aws/access';
import { startAwsEndpoint } from '../local/aws/endpoint';
import { closeAfterwards, closeAll } from '../local/testing/servers';
import { readableOf, readTable } from './data';

afterEach(closeAll);

const WORKLOAD = {
  tables: {
    items: { partitionKey: { id: 'S' as const }, readable: ['name'], ttl: 'endsAt' },
    seals: { partitionKey: { id: 'S' as const }, writeOnly: true },
    open: { partitionKey: { id: 'S' as const } },
  },
};

describe('readableOf', () => {
  it('shows keys, TTL and what the workload declares; all if it declares nothing, keys if it is written only', () => {
    expect(readableOf('items', WORKLOAD)).toEqual(['id', 'name', 'endsAt']);
    expect(readableOf('open', WORKLOAD)).toBeUndefined();
    expect(readableOf('seals', WORKLOAD)).toEqual(['id']);
  });

  it("never shows a key's hash", () => {
    expect(readableOf('keys', WORKLOAD)).toContain('owner');
    expect(readableOf('keys', WORKLOAD)).not.toContain('hash');
  });
});

describe('readTable', () => {
  it('masks what may not be shown, and says what that was', async () => {
    const aws = closeAfterwards(await startAwsEndpoint());
    const client = new DynamoDBClient(clientOf({ url: aws.url, region: 'eu-central-1' }));
    await client.send(
      new CreateTableCommand({
        ...{ TableName: 'items', BillingMode: 'PAY_PER_REQUEST' },
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      }),
    );
    const Item = { id: '1', name: 'Ada', secret: 'planted', tags: new Set(['a']) };
    await DynamoDBDocumentClient.from(client).send(new PutCommand({ TableName: 'items', Item }));
    const read = (readable: string[] | undefined) =>
      readTable(client, { table: 'items', physicalName: 'items', readable });
    expect(await read(['id', 'name'])).toEqual({
      ...{ table: 'items', masked: ['secret', 'tags'], more: false },
      items: [{ id: '1', name: 'Ada', secret: '••••', tags: '••••' }],
    });
    expect(JSON.stringify(await read(undefined))).toContain('"tags":["a"]');
    client.destroy();
  });
});
