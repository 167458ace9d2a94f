// Tests of notes on the embedded DynamoDB, as a key's owner sees them behind the edge.
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Hono } from 'hono';
import { SERVICE_ENV } from '../../../contracts/env';
import { IDENTITY_HEADERS, ORIGIN_SECRET_HEADER } from '../../../contracts/headers';
import type { AppEnv } from '../../../service/src/kit/identity';
import { createRuntime, type Runtime } from '../../../service/src/kit/service';
import { startAwsEndpoint, type AwsEndpoint } from '../../../tools/local/aws/endpoint';
import { notes } from './app';

const SECRET = 'a-secret-of-the-origin-for-tests';

describe('notes', () => {
  let aws: AwsEndpoint;
  let runtime: Runtime<Hono<AppEnv>>;

  beforeAll(async () => {
    aws = await startAwsEndpoint();
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: aws.url,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
    });
    const client = new DynamoDBClient({});
    await client.send(
      new CreateTableCommand({
        TableName: 'notes-under-test',
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      }),
    );
    client.destroy();
    const env = {
      AWS_REGION: 'us-east-1',
      NOTES_TABLE: 'notes-under-test',
      [SERVICE_ENV.originSecret]: SECRET,
      OTEL_SDK_DISABLED: 'true',
    };
    runtime = createRuntime(notes, env, () => undefined);
  });
  afterAll(async () => {
    runtime.close();
    await aws.close();
  });

  const call = async (method: string, path: string, scopes?: string, body?: unknown) =>
    await runtime.app.fetch(
      new Request(`http://notes.example${path}`, {
        method,
        headers: {
          [ORIGIN_SECRET_HEADER]: SECRET,
          ...(scopes === undefined
            ? {}
            : { [IDENTITY_HEADERS.keyId]: 'k1', [IDENTITY_HEADERS.scopes]: scopes }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
  const write = async (): Promise<string> => {
    const response = await call('POST', '/notes', 'notes:write', { text: 'buy milk' });
    expect(response.status).toBe(201);
    return response.headers.get('location') as string;
  };

  it('writes a note and reads it back, with the key that wrote it', async () => {
    const response = await call('GET', await write(), 'notes:read');
    expect(await response.json()).toMatchObject({ text: 'buy milk', author: 'k1' });
  });

  it('shows a note to everybody once it is published, and to nobody before', async () => {
    const path = await write();
    const open = path.replace('/notes/', '/published/');
    expect((await call('GET', open)).status).toBe(404);
    expect((await call('POST', `${path}/publish`, 'notes:publish')).status).toBe(200);
    expect(await (await call('GET', open)).json()).toEqual({ text: 'buy milk' });
  });

  it.each([
    ['GET', '/notes/1', undefined, 401],
    ['GET', '/notes/1', 'notes:write', 403],
    ['GET', '/notes/1', 'notes:read', 404],
    ['POST', '/notes/1/publish', 'notes:write', 403],
    ['POST', '/notes/1/publish', 'notes:publish', 404],
    ['DELETE', '/notes/1', 'notes:write', 403],
    ['GET', '/elsewhere', 'notes:read', 403],
    ['GET', '/healthz', undefined, 200],
    ['GET', '/readyz', undefined, 200],
  ])('answers %s %s with the scopes %s by %i', async (method, path, scopes, status) => {
    expect((await call(method, path, scopes)).status).toBe(status);
  });

  it.each([[undefined], [null], [{ text: 1 }], [{ text: '' }], [{ text: 'x'.repeat(10_001) }]])(
    'refuses the note %j by problem details',
    async (body) => {
      const response = await call('POST', '/notes', 'notes:write', body);
      expect(response.status).toBe(400);
      expect(response.headers.get('content-type')).toBe('application/problem+json');
      expect(await response.json()).toMatchObject({
        title: 'Invalid request',
        status: 400,
        code: 'invalid_request',
        source: { pointer: '/text' },
      });
    },
  );
});
