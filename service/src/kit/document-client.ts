// DynamoDB with the configuration, connections and retries of the SDK's client, without its costly layers.
import { DynamoDBServiceException, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type * as lib from '@aws-sdk/lib-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { IncomingMessage } from 'node:http';
import { signedHeaders } from '../../../contracts/signature';

/** One call of DynamoDB, its input and output in JavaScript's own values. */
abstract class Command<Input extends object, Output> {
  /** Of DynamoDB's API. */
  abstract readonly operation: string;
  /** There for the compiler alone. */
  declare readonly output: Output;

  constructor(readonly input: Input) {}
}

// By the names and with the inputs of @aws-sdk/lib-dynamodb.
export class GetCommand extends Command<lib.GetCommandInput, lib.GetCommandOutput> {
  readonly operation = 'GetItem';
}
export class QueryCommand extends Command<lib.QueryCommandInput, lib.QueryCommandOutput> {
  readonly operation = 'Query';
}
export class ScanCommand extends Command<lib.ScanCommandInput, lib.ScanCommandOutput> {
  readonly operation = 'Scan';
}
export class UpdateCommand extends Command<lib.UpdateCommandInput, lib.UpdateCommandOutput> {
  readonly operation = 'UpdateItem';
}
export class TransactWriteCommand extends Command<
  lib.TransactWriteCommandInput,
  lib.TransactWriteCommandOutput
> {
  readonly operation = 'TransactWriteItems';
}

interface Call {
  readonly input: object;
  readonly abortSignal: AbortSignal | undefined;
}
type Handler = (call: Call) => Promise<{ output: object }>;

/** What the SDK's handler of connections answers with. */
interface Response {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: IncomingMessage;
}

/** Where calls go. */
interface Target {
  readonly url: URL;
  readonly region: string;
}

/**
 * What a call through the SDK spends its processor time on. What is left is telemetry, retries
 * and whatever else somebody puts on the client.
 */
const LEFT_OUT = [
  'serializerMiddleware',
  'contentLengthMiddleware',
  'getUserAgentMiddleware',
  'hostHeaderMiddleware',
  'recursionDetectionMiddleware',
  'httpAuthSchemeMiddleware',
  'httpSigningMiddleware',
  'deserializerMiddleware',
];
const PROTOCOL = 'DynamoDB_20120810';

/**
 * Takes the place of `DynamoDBDocumentClient` where calls are many, for half the processor time a
 * call (docs/performance.md). Region, endpoint, credentials and their renewal, connections, time
 * limits and retries are those of the client that it is made of. Errors have the SDK's class and
 * fields; which one it is stands in `name`.
 */
export class DocumentClient {
  private readonly handlers = new Map<string, Handler>();
  private target: Promise<Target> | undefined;

  constructor(private readonly client: DynamoDBClient) {}

  /** @throws DynamoDBServiceException, or an error of the network, after the client's retries. */
  async send<Output>(
    { operation, input }: Command<object, Output>,
    { abortSignal }: { abortSignal?: AbortSignal | undefined } = {},
  ): Promise<Output> {
    let handler = this.handlers.get(operation);
    if (handler === undefined) this.handlers.set(operation, (handler = this.handlerOf(operation)));
    return (await handler({ input, abortSignal })).output as Output;
  }

  private handlerOf(operation: string): Handler {
    const stack = this.client.middlewareStack.clone();
    for (const name of LEFT_OUT) stack.remove(name);
    const attempt: Handler = (call) => this.attempt(operation, call);
    return stack.resolve(attempt as never, { commandName: `${operation}Command` });
  }

  /** One of as many as the client's retries make; credentials and time are those of now. */
  private async attempt(operation: string, { input, abortSignal }: Call) {
    const { config } = this.client;
    const [{ url, region }, credentials] = await Promise.all([
      (this.target ??= this.resolve()),
      config.credentials(),
    ]);
    const body = JSON.stringify(encode(input), bytesAsBase64);
    const headers = signedHeaders(
      {
        host: url.host,
        region,
        service: 'dynamodb',
        target: `${PROTOCOL}.${operation}`,
        body,
        time: Date.now(),
      },
      credentials,
    );
    const request = {
      method: 'POST',
      protocol: url.protocol,
      hostname: url.hostname,
      ...(url.port === '' ? {} : { port: Number(url.port) }),
      path: '/',
      headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
      body,
    };
    const { response } = (await config.requestHandler.handle(request as never, {
      abortSignal,
    })) as { response: Response };
    const text = await textOf(response.body);
    const $metadata = {
      httpStatusCode: response.statusCode,
      requestId: response.headers['x-amzn-requestid'],
    };
    if (response.statusCode !== 200) throw failure(text, $metadata);
    return { response, output: { ...decode(text), $metadata } };
  }

  /** By the SDK's own rules, once: FIPS, dual stack and `AWS_ENDPOINT_URL` among them. */
  private async resolve(): Promise<Target> {
    const { config } = this.client;
    const region = await config.region();
    const own = await config.endpoint?.();
    const { url } = config.endpointProvider({
      Region: region,
      UseFIPS: await config.useFipsEndpoint(),
      UseDualStack: await config.useDualstackEndpoint(),
      Endpoint:
        own === undefined
          ? await config.serviceConfiguredEndpoint?.()
          : `${own.protocol}//${own.hostname}:${own.port ?? ''}`,
    });
    return { url, region };
  }
}

/** Parameters and results that hold attributes of items. */
const ATTRIBUTES = ['Key', 'Item', 'ExpressionAttributeValues', 'ExclusiveStartKey'];
const RESULTS = ['Item', 'Attributes', 'LastEvaluatedKey'];

function encode(input: object): object {
  return mapEntries(input, (name, value) => {
    if (value === undefined) return undefined;
    if (ATTRIBUTES.includes(name)) {
      return marshall(value as object, { removeUndefinedValues: true });
    }
    if (name !== 'TransactItems') return value;
    return (value as object[]).map((item) =>
      mapEntries(item, (_, write) => encode(write as object)),
    );
  });
}

function decode(text: string): object {
  // A reviver takes time with every value: few answers hold bytes.
  const output = JSON.parse(text, /"BS?":/.test(text) ? base64AsBytes : undefined) as object;
  const read = (value: unknown) => unmarshall(value as Parameters<typeof unmarshall>[0]);
  return mapEntries(output, (name, value) => {
    if (RESULTS.includes(name)) return read(value);
    return name === 'Items' ? (value as unknown[]).map(read) : value;
  });
}

function mapEntries(from: object, map: (name: string, value: unknown) => unknown): object {
  return Object.fromEntries(Object.entries(from).map(([name, value]) => [name, map(name, value)]));
}

/** Bytes are base64 in DynamoDB's JSON; of a Buffer only `this` has them, for it has a `toJSON`. */
function bytesAsBase64(this: Record<string, unknown>, name: string, value: unknown): unknown {
  const bytes = this[name];
  return bytes instanceof Uint8Array ? Buffer.from(bytes).toString('base64') : value;
}

/** A string below `B` is bytes: an attribute of that name would hold an object. */
function base64AsBytes(name: string, value: unknown): unknown {
  if (name === 'B' && typeof value === 'string')
    return new Uint8Array(Buffer.from(value, 'base64'));
  if (name !== 'BS' || !Array.isArray(value)) return value;
  return value.map((each) => base64AsBytes('B', each));
}

function textOf(body: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    body.setEncoding('utf8');
    body.on('data', (chunk: string) => (text += chunk));
    body.on('end', () => resolve(text));
    body.on('error', reject);
  });
}

/** `com.amazonaws.dynamodb.v20120810#ThrottlingException`, or no JSON at all from what is in between. */
function failure(text: string, $metadata: { httpStatusCode: number }): DynamoDBServiceException {
  let fields: { __type?: string; message?: string; Message?: string } = {};
  try {
    fields = JSON.parse(text) as typeof fields;
  } catch {
    // The status says enough.
  }
  const { __type: type = 'UnknownError', message, Message, ...rest } = fields;
  const error = new DynamoDBServiceException({
    name: type.replace(/^.*#/, ''),
    message: message ?? Message ?? `HTTP ${$metadata.httpStatusCode}`,
    $fault: $metadata.httpStatusCode < 500 ? 'client' : 'server',
    $metadata,
  });
  return Object.assign(error, rest);
}
