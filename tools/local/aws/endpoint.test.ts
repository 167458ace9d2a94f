import {
  CreateTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactGetItemsCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { dynoxideBinary } from './dynoxide';
import { clientOf } from './access';
import { startAwsEndpoint } from './endpoint';
import type { AwsEndpoint } from './endpoint';
import { AwsFault } from './faults';

const engines = ['dynalite', ...(dynoxideBinary() === undefined ? [] : ['dynoxide'])] as (
  'dynalite' | 'dynoxide'
)[];

describe.each(engines)('startAwsEndpoint with %s', (engine) => {
  let endpoint: AwsEndpoint;
  let client: DynamoDBClient;
  const TableName = 'things';

  beforeAll(async () => {
    endpoint = await startAwsEndpoint({ engine });
    client = new DynamoDBClient(clientOf({ url: endpoint.url, region: 'us-east-1' }));
    await client.send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [
          { AttributeName: 'id', AttributeType: 'S' },
          { AttributeName: 'email', AttributeType: 'S' },
        ],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        GlobalSecondaryIndexes: [
          {
            IndexName: 'by-email',
            KeySchema: [{ AttributeName: 'email', KeyType: 'HASH' }],
            Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['name'] },
          },
        ],
      }),
    );
  });

  afterAll(async () => {
    client.destroy();
    await endpoint.close();
  });

  const put = (id: string, extra: Record<string, string> = {}) =>
    client.send(
      new PutItemCommand({
        TableName,
        Item: Object.fromEntries(
          Object.entries({ id, ...extra }).map(([name, S]) => [name, { S }]),
        ),
      }),
    );
  const get = async (id: string) =>
    (await client.send(new GetItemCommand({ TableName, Key: { id: { S: id } } }))).Item;

  it('projects only the named attributes into an index', async () => {
    await put('u1', { email: 'a@example.com', name: 'A', rest: 'secret' });
    const { Items } = await client.send(
      new QueryCommand({
        TableName,
        IndexName: 'by-email',
        KeyConditionExpression: 'email = :e',
        ExpressionAttributeValues: { ':e': { S: 'a@example.com' } },
      }),
    );
    expect(Items).toEqual([{ id: { S: 'u1' }, email: { S: 'a@example.com' }, name: { S: 'A' } }]);
  });

  it('applies every action of a transaction', async () => {
    await client.send(
      new TransactWriteItemsCommand({
        TransactItems: [
          { Put: { TableName, Item: { id: { S: 't1' } } } },
          {
            Update: {
              TableName,
              Key: { id: { S: 't2' } },
              UpdateExpression: 'SET #n = :n',
              ExpressionAttributeNames: { '#n': 'name' },
              ExpressionAttributeValues: { ':n': { S: 'two' } },
            },
          },
        ],
      }),
    );
    const { Responses } = await client.send(
      new TransactGetItemsCommand({
        TransactItems: ['t1', 't2', 'none'].map((id) => ({
          Get: { TableName, Key: { id: { S: id } } },
        })),
      }),
    );
    expect(Responses?.map(({ Item }) => Item)).toEqual([
      { id: { S: 't1' } },
      { id: { S: 't2' }, name: { S: 'two' } },
      undefined,
    ]);
  });

  it('applies nothing when one condition fails, and says which', async () => {
    await put('taken');
    const attempt = client.send(
      new TransactWriteItemsCommand({
        TransactItems: [
          { Put: { TableName, Item: { id: { S: 'fresh' } } } },
          {
            Update: {
              TableName,
              Key: { id: { S: 'taken' } },
              UpdateExpression: 'SET #n = :n',
              ConditionExpression: 'attribute_not_exists(id)',
              ExpressionAttributeNames: { '#n': 'name' },
              ExpressionAttributeValues: { ':n': { S: 'x' } },
            },
          },
        ],
      }),
    );
    await expect(attempt).rejects.toMatchObject({
      name: 'TransactionCanceledException',
      CancellationReasons: [{ Code: 'None' }, { Code: 'ConditionalCheckFailed' }],
    });
    expect(await get('fresh')).toBeUndefined();
    expect(await get('taken')).toEqual({ id: { S: 'taken' } });
  });

  it('undoes what was applied when a later action is invalid', async () => {
    await put('text', { name: 'text' });
    const attempt = client.send(
      new TransactWriteItemsCommand({
        TransactItems: [
          { Put: { TableName, Item: { id: { S: 'undone' } } } },
          {
            Update: {
              TableName,
              Key: { id: { S: 'text' } },
              UpdateExpression: 'ADD #n :one',
              ExpressionAttributeNames: { '#n': 'name' },
              ExpressionAttributeValues: { ':one': { N: '1' } },
            },
          },
        ],
      }),
    );
    await expect(attempt).rejects.toThrow();
    expect(await get('undone')).toBeUndefined();
  });

  it('checks conditions without writing, and refuses two actions on one item', async () => {
    await put('checked');
    const check = (expression: string) => ({
      ConditionCheck: {
        TableName,
        Key: { id: { S: 'checked' } },
        ConditionExpression: expression,
      },
    });
    const write = (id: string) => ({ Put: { TableName, Item: { id: { S: id } } } });
    const send = (items: object[]) =>
      client.send(new TransactWriteItemsCommand({ TransactItems: items }));
    await send([check('attribute_exists(id)'), write('after-check')]);
    expect(await get('after-check')).toBeDefined();
    await expect(send([check('attribute_not_exists(id)'), write('no')])).rejects.toThrow();
    expect(await get('no')).toBeUndefined();
    await expect(send([write('same'), write('same')])).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  it('lets exactly one of many simultaneous transactions reserve a key', async () => {
    const attempts = Array.from({ length: 50 }, () =>
      client.send(
        new TransactWriteItemsCommand({
          TransactItems: [
            {
              Put: {
                TableName,
                Item: { id: { S: 'reserved' } },
                ConditionExpression: 'attribute_not_exists(id)',
              },
            },
          ],
        }),
      ),
    );
    const results = await Promise.allSettled(attempts);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('scans in segments and pages', async () => {
    const ids = new Set<string>();
    for (const Segment of [0, 1]) {
      let key: Record<string, { S: string }> | undefined;
      do {
        const page = await client.send(
          new ScanCommand({
            TableName,
            Segment,
            TotalSegments: 2,
            Limit: 3,
            ExclusiveStartKey: key,
          }),
        );
        for (const item of page.Items ?? []) ids.add(item.id?.S ?? '');
        key = page.LastEvaluatedKey as typeof key;
      } while (key !== undefined);
    }
    expect(ids).toContain('u1');
    expect(ids).toContain('reserved');
  });

  it('remembers the TTL attribute of a table', async () => {
    const TimeToLiveSpecification = { Enabled: true, AttributeName: 'purgeAt' };
    await client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
    const { TimeToLiveDescription } = await client.send(
      new DescribeTimeToLiveCommand({ TableName }),
    );
    expect(TimeToLiveDescription).toEqual({
      TimeToLiveStatus: 'ENABLED',
      AttributeName: 'purgeAt',
    });
  });

  it('fails the calls that a test chooses', async () => {
    endpoint.inject = (operation) =>
      operation === 'DynamoDB.UpdateItem' ? new AwsFault('ValidationException', 'no') : undefined;
    const update = new UpdateItemCommand({ TableName, Key: { id: { S: 'u1' } } });
    await expect(client.send(update)).rejects.toThrow('no');
    endpoint.inject = undefined;
    await expect(client.send(update)).resolves.toBeDefined();
  });
});
