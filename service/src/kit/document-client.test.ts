// The lean client against the SDK's own: the same requests, results, errors, retries and credentials.
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as sdk from '@aws-sdk/lib-dynamodb';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { startAwsEndpoint, type AwsEndpoint } from '../../../tools/local/aws/endpoint';
import * as ours from './document-client';

const TABLE = 'things';
const GET = { TableName: TABLE, Key: { id: '1' } };

type Answer = (request: IncomingMessage, response: ServerResponse, call: number) => void;

/** A server that answers as it is told, and keeps what it was sent. */
async function startFake(answer: Answer) {
  const seen: { headers: IncomingMessage['headers']; body: unknown }[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => (text += String(chunk)));
    request.on('end', () => {
      seen.push({ headers: request.headers, body: text === '' ? undefined : JSON.parse(text) });
      answer(request, response, seen.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

/** What a test leaves open. */
const closing: (() => void)[] = [];

function clientOf(options: DynamoDBClientConfig): DynamoDBClient {
  const client = new DynamoDBClient({ region: 'us-east-1', ...options });
  closing.push(() => client.destroy());
  return client;
}

describe('DocumentClient', () => {
  const env = { ...process.env };
  beforeEach(() => {
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' });
  });
  afterEach(() => {
    process.env = { ...env };
    for (const close of closing.splice(0)) close();
  });

  describe('on a table', () => {
    let aws: AwsEndpoint;
    let dynamodb: DynamoDBClient;
    let client: ours.DocumentClient;
    let peer: DynamoDBDocumentClient;
    beforeAll(async () => {
      aws = await startAwsEndpoint();
      dynamodb = new DynamoDBClient({
        region: 'us-east-1',
        endpoint: aws.url,
        credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      });
      client = new ours.DocumentClient(dynamodb);
      peer = DynamoDBDocumentClient.from(dynamodb, {
        marshallOptions: { removeUndefinedValues: true },
      });
      await dynamodb.send(
        new CreateTableCommand({
          TableName: TABLE,
          BillingMode: 'PAY_PER_REQUEST',
          AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
          KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        }),
      );
    });
    afterAll(async () => {
      dynamodb.destroy();
      await aws.close();
    });

    it('writes what the SDK reads, and reads what the SDK writes', async () => {
      const item = {
        text: 'näme "1"',
        count: 1.5,
        yes: true,
        nothing: null,
        bytes: new Uint8Array([0, 1, 255]),
        buffer: Buffer.from([7]),
        set: new Set([new Uint8Array([1]), new Uint8Array([2])]),
        list: ['a', 1],
        map: { B: { BS: 'c' } },
        gone: undefined,
      };
      await client.send(
        new ours.TransactWriteCommand({
          TransactItems: [{ Put: { TableName: TABLE, Item: { id: 'ours', ...item } } }],
        }),
      );
      await peer.send(new sdk.PutCommand({ TableName: TABLE, Item: { id: 'theirs', ...item } }));
      const input = (id: string) => ({ TableName: TABLE, Key: { id }, ConsistentRead: true });
      const read = [
        await peer.send(new sdk.GetCommand(input('ours'))),
        await client.send(new ours.GetCommand(input('theirs'))),
      ].map(({ Item }) => ({ ...Item, id: '' }));
      expect(read[0]).toEqual(read[1]);
      expect(read[1]).toMatchObject({ text: 'näme "1"', count: 1.5, map: { B: { BS: 'c' } } });
      expect(read[1]).not.toHaveProperty('gone');
    });

    it('updates, asks and scans page by page', async () => {
      const updated = await client.send(
        new ours.UpdateCommand({
          TableName: TABLE,
          Key: { id: 'updated' },
          UpdateExpression: 'SET #n = :n',
          ExpressionAttributeNames: { '#n': 'n' },
          ExpressionAttributeValues: { ':n': 5 },
          ReturnValues: 'ALL_NEW',
        }),
      );
      expect(updated.Attributes).toEqual({ id: 'updated', n: 5 });
      const asked = await client.send(
        new ours.QueryCommand({
          TableName: TABLE,
          KeyConditionExpression: 'id = :id',
          ExpressionAttributeValues: { ':id': 'updated' },
        }),
      );
      expect(asked.Items).toEqual([updated.Attributes]);
      const ids: unknown[] = [];
      let ExclusiveStartKey: Record<string, unknown> | undefined;
      do {
        const page = await client.send(
          new ours.ScanCommand({ TableName: TABLE, Limit: 1, ExclusiveStartKey }),
        );
        ids.push(...(page.Items ?? []).map(({ id }) => id as unknown));
        ExclusiveStartKey = page.LastEvaluatedKey;
      } while (ExclusiveStartKey !== undefined);
      expect(ids.sort()).toEqual(['ours', 'theirs', 'updated']);
    });
  });

  const json = (type: string, fields: object = {}) =>
    JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${type}`, ...fields });
  const reply =
    (status: number, body: string, headers = {}): Answer =>
    (_request, response) =>
      void response.writeHead(status, { 'x-amzn-requestid': 'R1', ...headers }).end(body);

  it.each<[string, Answer]>([
    ['a condition', reply(400, json('ConditionalCheckFailedException', { message: 'no' }))],
    [
      'a cancelled transaction',
      reply(
        400,
        json('TransactionCanceledException', {
          Message: 'cancelled',
          CancellationReasons: [{ Code: 'None' }, { Code: 'TransactionConflict', Message: 'x' }],
        }),
      ),
    ],
    ['expired credentials', reply(400, json('ExpiredTokenException', { message: 'old' }))],
    ['throttling', reply(400, json('ThrottlingException', { message: 'slow down' }))],
    ['an internal error', reply(500, json('InternalServerError', { message: 'sorry' }))],
    ['an unknown error with a status that passes', reply(503, json('Whatever', { message: 'x' }))],
    ['a connection that ends', (request) => void request.socket.destroy()],
    [
      'a body that ends',
      (request, response) => {
        response.writeHead(200, { 'content-length': '10' }).write('{');
        setImmediate(() => request.socket.destroy());
      },
    ],
  ])('fails as the SDK does, after as many attempts, at %s', async (_, answer) => {
    const outcomes = [];
    for (const kind of ['ours', 'sdk'] as const) {
      const fake = await startFake(answer);
      const dynamodb = clientOf({ endpoint: fake.url, maxAttempts: 2 });
      const call =
        kind === 'ours'
          ? new ours.DocumentClient(dynamodb).send(new ours.GetCommand(GET))
          : DynamoDBDocumentClient.from(dynamodb).send(new sdk.GetCommand(GET));
      const error = (await call.then(
        () => undefined,
        (reason: unknown) => reason,
      )) as sdk.DynamoDBDocumentClient & Record<string, unknown>;
      const metadata = error['$metadata'] as Record<string, unknown>;
      const { name, message, code, $fault, CancellationReasons } = error as Record<string, unknown>;
      outcomes.push({
        error: { name, message: String(message).split('\n')[0], code, $fault, CancellationReasons },
        status: metadata['httpStatusCode'],
        requestId: metadata['requestId'],
        attempts: metadata['attempts'],
        requests: fake.seen.length,
        body: fake.seen[0]?.body,
        target: fake.seen[0]?.headers['x-amz-target'],
      });
    }
    expect(outcomes[0]).toEqual(outcomes[1]);
  });

  it('succeeds when throttling has passed, each attempt signed anew', async () => {
    const fake = await startFake((request, response, call) =>
      call === 1
        ? reply(400, json('ThrottlingException'))(request, response, call)
        : reply(200, '{"Item":{"id":{"S":"1"}}}')(request, response, call),
    );
    const dynamodb = clientOf({ endpoint: fake.url });
    const { Item, $metadata } = await new ours.DocumentClient(dynamodb).send(
      new ours.GetCommand(GET),
    );
    expect([Item, $metadata.attempts, $metadata.requestId]).toEqual([{ id: '1' }, 2, 'R1']);
    expect(fake.seen).toHaveLength(2);
  });

  it('says the status when what answers is not DynamoDB, and knows such an error for the SDK', async () => {
    const fake = await startFake(reply(403, '<html>no</html>'));
    const dynamodb = clientOf({ endpoint: fake.url });
    await expect(
      new ours.DocumentClient(dynamodb).send(new ours.GetCommand(GET)),
    ).rejects.toMatchObject({ name: 'UnknownError', message: 'HTTP 403', $fault: 'client' });
  });

  it('takes new credentials from the container before the old ones end', async () => {
    const credentials = await startFake((_request, response, call) =>
      response.end(
        JSON.stringify({
          AccessKeyId: `AKIA${call}`,
          SecretAccessKey: `secret${call}`,
          Token: `token${call}`,
          // The SDK asks again five minutes before.
          Expiration: new Date(Date.now() + (call === 1 ? 60_000 : 3_600_000)).toISOString(),
        }),
      ),
    );
    const fake = await startFake(reply(200, '{}'));
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE']) {
      Reflect.deleteProperty(process.env, name);
    }
    process.env['AWS_CONTAINER_CREDENTIALS_FULL_URI'] = `${credentials.url}/credentials`;
    process.env['AWS_ENDPOINT_URL'] = fake.url;
    const dynamodb = clientOf({});
    const client = new ours.DocumentClient(dynamodb);
    const used = () => [
      /Credential=(\w+)/.exec(fake.seen.at(-1)?.headers.authorization ?? '')?.[1],
      fake.seen.at(-1)?.headers['x-amz-security-token'],
    ];
    await client.send(new ours.GetCommand(GET));
    expect(used()).toEqual(['AKIA1', 'token1']);
    // It asks for the new ones meanwhile.
    while (used()[0] === 'AKIA1') await client.send(new ours.GetCommand(GET));
    expect(used()).toEqual(['AKIA2', 'token2']);
  });

  it("signs with the session of Lambda's environment", async () => {
    const fake = await startFake(reply(200, '{}'));
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: 'ASIALAMBDA',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_SESSION_TOKEN: 'session',
    });
    const dynamodb = clientOf({ endpoint: fake.url });
    await new ours.DocumentClient(dynamodb).send(new ours.GetCommand(GET));
    const headers = fake.seen[0]?.headers;
    expect(headers?.['x-amz-security-token']).toBe('session');
    expect(headers?.authorization).toContain('Credential=ASIALAMBDA/');
  });

  it.each([
    [{}, 'dynamodb.eu-west-1.amazonaws.com'],
    [{ useFipsEndpoint: true, region: 'us-east-1' }, 'dynamodb-fips.us-east-1.amazonaws.com'],
    [{ useDualstackEndpoint: true }, 'dynamodb.eu-west-1.api.aws'],
    [{ endpoint: 'https://vpce.example' }, 'vpce.example'],
  ])('calls with %j the host %s', async (options: DynamoDBClientConfig, host) => {
    Reflect.deleteProperty(process.env, 'AWS_ENDPOINT_URL');
    const asked: { hostname: string; protocol: string; port?: number }[] = [];
    const requestHandler = {
      handle: (request: (typeof asked)[0]) => {
        asked.push(request);
        const body = Readable.from([Buffer.from('{}')]);
        return Promise.resolve({ response: { statusCode: 200, headers: {}, body } });
      },
    } as unknown as NonNullable<DynamoDBClientConfig['requestHandler']>;
    const dynamodb = clientOf({ region: 'eu-west-1', requestHandler, ...options });
    await new ours.DocumentClient(dynamodb).send(new ours.GetCommand(GET));
    expect(asked.map(({ hostname, protocol, port }) => [hostname, protocol, port])).toEqual([
      [host, 'https:', undefined],
    ]);
  });

  it('ends a call whose reader has gone', async () => {
    const fake = await startFake(() => undefined);
    const dynamodb = clientOf({ endpoint: fake.url });
    const reader = new AbortController();
    const call = new ours.DocumentClient(dynamodb).send(new ours.GetCommand(GET), {
      abortSignal: reader.signal,
    });
    reader.abort();
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
  });
});
