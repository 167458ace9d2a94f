// What the service's tests start from: the embedded AWS with a fresh table, and the app on top of it.
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { IDENTITY_HEADERS, ORIGIN_SECRET_HEADER } from '../../contracts/headers';
import { FUNCTION_ENV, SERVICE_ENV } from '../../contracts/env';
import { functionVariable, keyVariable, tableVariable } from '../../contracts/workload';
import { keyKeeper, type KeeperRequest } from '../src/users/key-keeper';
import { CREDENTIALS_TABLE, USERS_TABLE } from '../src/users/table';
import { startAwsEndpoint } from '../../tools/local/aws/endpoint';
import type { AwsEndpoint, AwsEndpointOptions } from '../../tools/local/aws/endpoint';
import { JSON_API } from '../src/users/jsonapi';
import { openApiOptions } from '../src/users/openapi';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { users } from '../src/app';
import type { AppEnv } from '../src/kit/identity';
import { createRuntime, type Runtime } from '../src/kit/service';
import { setTelemetryEnvironment } from './telemetry';

export const ORIGIN_SECRET = 'a-secret-of-the-origin-for-tests';
export const TABLE = 'users-under-test';
export const CREDENTIALS = 'credentials-under-test';
export const STACK = 'under-test';
export const KEY_KEEPER = 'key-keeper-under-test';
/** Policy that the platform tells the function to put on the keys that it makes. */
export const KEY_POLICY = '{"Version":"2012-10-17","Statement":[]}';

/** Headers that the edge adds for a key with these scopes. */
export function edgeHeaders(
  scopes: string = 'users:read users:write',
  keyId = 'k3yUnderTest',
): Record<string, string> {
  return {
    [ORIGIN_SECRET_HEADER]: ORIGIN_SECRET,
    [IDENTITY_HEADERS.keyId]: keyId,
    [IDENTITY_HEADERS.owner]: 'owner@example.com',
    [IDENTITY_HEADERS.scopes]: scopes,
  };
}

type UsersRuntime = Runtime<OpenAPIHono<AppEnv>>;

export interface Harness {
  readonly aws: AwsEndpoint;
  readonly dynamodb: DynamoDBClient;
  readonly env: NodeJS.ProcessEnv;
  readonly runtime: UsersRuntime;
  readonly logs: string[];
  /** A request with the edge's headers and, where there is a body, JSON:API's media type. */
  call(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Response>;
  /** The same on another task of the service. */
  callAnother: Harness['call'];
  close(): Promise<void>;
}

/** Starts the embedded AWS, makes the tables, and builds the service with `env` besides. */
export async function startHarness(
  env: NodeJS.ProcessEnv = {},
  options: AwsEndpointOptions = {},
): Promise<Harness> {
  const aws = await startAwsEndpoint(options);
  const keyArn = aws.kms.createKey({ description: 'credentials' });
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: aws.url,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
  });
  const dynamodb = new DynamoDBClient({});
  await createUsersTable(dynamodb);
  await createCredentialsTable(dynamodb);
  // The function and its client of KMS, as they would be on Lambda.
  const kms = new KMSClient({});
  const keeper = keyKeeper(kms, {
    [FUNCTION_ENV.stack]: STACK,
    [FUNCTION_ENV.keyPolicy]: KEY_POLICY,
  });
  aws.functions.set(KEY_KEEPER, (request) => keeper(request as KeeperRequest));
  const full: NodeJS.ProcessEnv = {
    AWS_REGION: 'us-east-1',
    [SERVICE_ENV.port]: '0',
    [tableVariable('users')]: TABLE,
    [tableVariable('credentials')]: CREDENTIALS,
    [keyVariable('credentials')]: keyArn,
    [functionVariable('key-keeper')]: KEY_KEEPER,
    [SERVICE_ENV.originSecret]: ORIGIN_SECRET,
    [SERVICE_ENV.stack]: STACK,
    [SERVICE_ENV.drainNoticeSeconds]: '0',
    OTEL_SDK_DISABLED: 'true',
    ...env,
  };
  setTelemetryEnvironment(full);
  const logs: string[] = [];
  const start = () => createRuntime(users, full, (text) => void logs.push(text));
  const runtime = start();
  let another: UsersRuntime | undefined;
  return {
    aws,
    dynamodb,
    env: full,
    runtime,
    logs,
    call: callOn(runtime),
    callAnother: (...request) => callOn((another ??= start()))(...request),
    async close() {
      for (const task of [runtime, another]) {
        task?.close();
        await task?.telemetry.shutdown(100);
      }
      dynamodb.destroy();
      kms.destroy();
      await aws.close();
    },
  };
}

function callOn(runtime: UsersRuntime): Harness['call'] {
  const { paths } = runtime.app.getOpenAPI31Document(openApiOptions);
  return async (method, path, body, headers = {}) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const response = await runtime.app.fetch(
      new Request(`http://localhost${path}`, {
        method,
        headers: {
          ...edgeHeaders(),
          ...(body === undefined ? {} : { 'content-type': JSON_API }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: text }),
      }),
    );
    requireDescribed(paths as Paths, method, path, response);
    return response;
  };
}

interface Operation {
  responses: Record<string, { content?: Record<string, unknown> } | undefined>;
}

type Paths = Record<string, Record<string, Operation> | undefined>;

/** Every answer that a test sees must be one that the OpenAPI document describes. */
function requireDescribed(paths: Paths, method: string, path: string, response: Response): void {
  const plain = path.replace(/\?.*/, '');
  const template =
    paths[plain] === undefined && /^\/users\/[^/]+$/.test(plain) ? '/users/{id}' : plain;
  const operation = paths[template]?.[method.toLowerCase()];
  // No operation: an unknown path or method, answered by 401, 404 or 405.
  if (operation === undefined) return;
  const described = operation.responses[response.status];
  if (described === undefined) {
    throw new Error(`${method} ${template} answers ${response.status}, which is not described`);
  }
  const type = response.headers.get('content-type')?.split(';')[0] ?? undefined;
  if (type !== undefined && described.content?.[type] === undefined) {
    throw new Error(`${method} ${template} ${response.status}: ${type} is not described`);
  }
}

async function createUsersTable(client: DynamoDBClient): Promise<void> {
  const { partitionKey, emailIndex } = USERS_TABLE;
  await client.send(
    new CreateTableCommand({
      TableName: TABLE,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: partitionKey, AttributeType: 'S' },
        { AttributeName: emailIndex.partitionKey, AttributeType: 'S' },
      ],
      KeySchema: [{ AttributeName: partitionKey, KeyType: 'HASH' }],
      GlobalSecondaryIndexes: [
        {
          IndexName: emailIndex.name,
          KeySchema: [{ AttributeName: emailIndex.partitionKey, KeyType: 'HASH' }],
          Projection: {
            ProjectionType: 'INCLUDE',
            NonKeyAttributes: [...emailIndex.projectedAttributes],
          },
        },
      ],
    }),
  );
}

async function createCredentialsTable(client: DynamoDBClient): Promise<void> {
  const { partitionKey } = CREDENTIALS_TABLE;
  await client.send(
    new CreateTableCommand({
      TableName: CREDENTIALS,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: partitionKey, AttributeType: 'S' }],
      KeySchema: [{ AttributeName: partitionKey, KeyType: 'HASH' }],
    }),
  );
}

export interface UserBody {
  type: string;
  id: string;
  attributes: Record<string, string>;
  links: { self: string };
  meta: { version: number };
}

export interface Body {
  data: UserBody;
  errors: { status: string; code: string; detail: string; source?: Record<string, string> }[];
  links: Record<string, string | null>;
}

/** The answer's document. */
export async function documentOf<T = Body>(response: Response): Promise<T> {
  return (await response.json()) as T;
}

/** A document that creates a user. */
export function newUser(attributes: Record<string, unknown> = {}) {
  return {
    data: {
      type: 'users',
      attributes: { name: 'Ana', email: 'ana@example.com', ...attributes },
    },
  };
}
