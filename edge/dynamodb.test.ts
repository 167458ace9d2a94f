// The look-up against the embedded DynamoDB, and against servers that misbehave.
import type { RequestListener } from 'node:http';
import { startAwsEndpoint, type AwsEndpoint } from '../tools/local/aws/endpoint';
import { KEYS_TABLE } from '../contracts/keys-table';
import { createRecordFetcher, type DynamoDbOptions } from './dynamodb';
import { dynamoItem, makeKey, makeRecord } from './testing/keys';
import { plainHttps } from './testing/plain-https';
import { withServer } from './testing/server';
import { callDynamoDb, createKeysTable } from './testing/table';
import { createTransport } from './transport';

const KEY = makeKey();
const RECORD = makeRecord(KEY);
const ENV = {
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  AWS_SESSION_TOKEN: 'token',
};

let aws: AwsEndpoint;
beforeAll(async () => {
  aws = await startAwsEndpoint();
  await createKeysTable(aws.url, 'keys');
  await callDynamoDb(aws.url, 'PutItem', {
    TableName: 'keys',
    Item: { ...dynamoItem(RECORD), item: { S: 'key' }, name: { S: 'nightly import' } },
  });
  await callDynamoDb(aws.url, 'PutItem', {
    TableName: 'keys',
    Item: { keyId: { S: 'Malformed000' }, item: { S: 'key' }, status: { S: 'active' } },
  });
});
afterAll(() => aws.close());

/** A fetcher whose regions are at these addresses. */
function fetcher(addresses: Record<string, string>, changes: Partial<DynamoDbOptions> = {}) {
  const asked: string[] = [];
  const find = createRecordFetcher({
    table: 'keys',
    regions: Object.keys(addresses),
    timeoutMs: 60_000,
    env: ENV,
    now: () => Date.now(),
    send: createTransport(
      plainHttps((host) => {
        const region = /^dynamodb\.([a-z0-9-]+)\.amazonaws\.com$/.exec(host)?.[1] ?? host;
        asked.push(region);
        return addresses[region] ?? `http://${host}/`;
      }),
    ),
    ...changes,
  });
  return { find, asked };
}

describe('createRecordFetcher', () => {
  it('reads a record, and of it only what a decision needs', async () => {
    const seen: unknown[] = [];
    aws.inject = (operation, input) => void seen.push({ operation, ...input });
    const { find, asked } = fetcher({ 'eu-central-1': aws.url, 'us-east-1': aws.url });
    expect(await find(KEY.keyId)).toEqual(RECORD);
    aws.inject = undefined;
    expect(asked).toEqual(['eu-central-1']);
    expect(seen).toMatchObject([
      {
        operation: 'DynamoDB.GetItem',
        Key: { keyId: { S: KEY.keyId }, item: { S: 'key' } },
        ConsistentRead: true,
        ProjectionExpression: '#0,#1,#2,#3,#4,#5,#6',
      },
    ]);
    // IAM allows the edge to name these, and refuses the whole request for any other.
    const [{ ExpressionAttributeNames: names }] = seen as [{ ExpressionAttributeNames: object }];
    expect(Object.values(names)).toEqual(KEYS_TABLE.edgeAttributes);
  });

  it('tells an absent key from a malformed record', async () => {
    const { find } = fetcher({ 'eu-central-1': aws.url });
    expect(await find('Absent000000')).toBe('absent');
    expect(await find('Malformed000')).toBe('malformed');
  });

  it('does not believe an item that is no record', async () => {
    for (const item of ['"text"', 'null', '[]', '7']) {
      await withServer(
        (_, response) => response.end(`{"Item":${item}}`),
        async (url) => {
          expect(await fetcher({ home: url }).find(KEY.keyId)).toBe('malformed');
        },
      );
    }
  });

  it.each<[string, RequestListener, RegExp]>([
    ['is no JSON', (_, response) => response.end('<html>'), /HTTP 200, no JSON object/],
    ['is null', (_, response) => response.end('null'), /HTTP 200, no JSON object/],
    ['is a list', (_, response) => response.end('[]'), /HTTP 200, no JSON object/],
    ['is a text', (_, response) => response.end('"x"'), /HTTP 200, no JSON object/],
    [
      'is a throttle',
      (_, response) =>
        response
          .writeHead(400)
          .end('{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException"}'),
      /HTTP 400 ThrottlingException$/,
    ],
    [
      'is an error without a name',
      (_, response) => response.writeHead(500).end('{}'),
      /HTTP 500 unnamed error$/,
    ],
    [
      'is an error with an odd name',
      (_, response) => response.writeHead(500).end('{"__type":"\\n!"}'),
      /HTTP 500 unnamed error$/,
    ],
    ['breaks off', (request) => request.socket.destroy(), /^home: ECONNRESET$/],
    ['never comes', () => {}, /^home: no answer in 100 ms$/],
  ])('fails when the answer %s', async (name, listener, message) => {
    await withServer(listener, async (url) => {
      const { find } = fetcher({ home: url }, name === 'never comes' ? { timeoutMs: 100 } : {});
      await expect(find(KEY.keyId)).rejects.toThrow(message);
    });
  });

  it('asks the next region when the nearest one fails', async () => {
    await withServer(
      (_, response) => response.writeHead(503).end('{}'),
      async (url) => {
        const { find, asked } = fetcher({ near: url, 'us-east-1': aws.url });
        expect(await find(KEY.keyId)).toEqual(RECORD);
        expect(asked).toEqual(['near', 'us-east-1']);
      },
    );
  });

  it('names every region that failed', async () => {
    const { find } = fetcher({ a: aws.url, b: aws.url }, { table: 'missing' });
    await expect(find(KEY.keyId)).rejects.toThrow(
      'a: HTTP 400 ResourceNotFoundException; b: HTTP 400 ResourceNotFoundException',
    );
  });

  it.each([
    ['AWS_ACCESS_KEY_ID', { ...ENV, AWS_ACCESS_KEY_ID: undefined }],
    ['AWS_SECRET_ACCESS_KEY', { ...ENV, AWS_SECRET_ACCESS_KEY: undefined }],
  ])('fails without %s', async (_, env) => {
    const { find, asked } = fetcher({ home: aws.url }, { env });
    await expect(find(KEY.keyId)).rejects.toThrow('home: no credentials in the environment');
    expect(asked).toEqual([]);
  });

  it('works with lasting credentials, which have no session token', async () => {
    const { find } = fetcher({ home: aws.url }, { env: { ...ENV, AWS_SESSION_TOKEN: undefined } });
    expect(await find(KEY.keyId)).toEqual(RECORD);
  });
});
