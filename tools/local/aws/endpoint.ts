// One AWS endpoint on this machine: DynamoDB, KMS and Lambda's Invoke by their wire protocols.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AwsFault } from './faults';
import { invoke, invokedBy, type LocalFunction } from './functions';
import { EmbeddedDynamoDb } from './dynamodb';
import type { DynamoDbEngine } from './engine';
import { startDynoxide } from './dynoxide';
import { LocalKms } from './kms';
import { isForeign, listen, readBody, serverOf, shut } from '../http';

type Input = Record<string, unknown>;

export interface AwsEndpointOptions {
  /** TCP port on 127.0.0.1. @default 0, any free one */
  port?: number;
  /** `dynalite` runs everywhere; `dynoxide` is a second implementation, Linux x64 only. @default dynalite */
  engine?: 'dynalite' | 'dynoxide';
}

/** Decides, before an operation runs, whether it fails: for tests of throttling and outages. */
export type FaultInjector = (
  operation: string,
  input: Input,
) => AwsFault | undefined | Promise<AwsFault | undefined>;

/** One call as it ended: for metrics. */
export interface AwsCall {
  /** For example `DynamoDB.GetItem`. */
  operation: string;
  input: Input;
  /** Faults that were injected and their delays included. */
  durationMs: number;
  /** Name of the exception, when it failed. */
  fault?: string;
}

export interface AwsEndpoint {
  /** What `AWS_ENDPOINT_URL` is set to. */
  readonly url: string;
  readonly kms: LocalKms;
  /** Functions that may be invoked, by their names. */
  readonly functions: Map<string, LocalFunction>;
  /** Consulted on every call, for example `DynamoDB.GetItem` or `KMS.Encrypt`. @default none */
  inject: FaultInjector | undefined;
  /** Told of every call of a known service. @default nobody */
  onCall: ((call: AwsCall) => void) | undefined;
  /** Ends the server, its connections and the engine. */
  close(): Promise<void>;
}

/** DynamoDB takes requests of at most 16 MB (quotas page). */
const BODY_LIMIT_BYTES = 16 * 1024 * 1024;
/** AWS's own hosts, by which the edge function calls, lead here on this machine. */
const AWS_HOST = /^[a-z0-9-]+\.[a-z0-9-]+\.amazonaws\.com$/;
const TTL_SWEEP_MS = 10_000;
interface Service {
  readonly name: 'DynamoDB' | 'KMS' | 'Lambda';
  readonly contentType: string;
}

const SERVICES: Record<string, Service> = {
  DynamoDB_20120810: { name: 'DynamoDB', contentType: 'application/x-amz-json-1.0' },
  TrentService: { name: 'KMS', contentType: 'application/x-amz-json-1.1' },
};
const LAMBDA: Service = { name: 'Lambda', contentType: 'application/json' };

/**
 * Starts the endpoint.
 * @throws Error with code `EADDRINUSE` when the port is taken.
 */
export async function startAwsEndpoint(options: AwsEndpointOptions = {}): Promise<AwsEndpoint> {
  const dynamodb: DynamoDbEngine =
    options.engine === 'dynoxide' ? await startDynoxide() : new EmbeddedDynamoDb();
  const kms = new LocalKms();
  const server = serverOf(handle);
  // Node.js closes idle connections after 5 s; an SDK that just picked one would see a reset.
  server.keepAliveTimeout = 60_000;
  const sweep = setInterval(() => {
    void dynamodb.sweepExpired?.(Math.floor(Date.now() / 1000));
  }, TTL_SWEEP_MS);
  sweep.unref();

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const functionName = invokedBy(request.url);
    const target = functionName === undefined ? String(request.headers['x-amz-target']) : '.Invoke';
    const [prefix = '', operation = ''] = target.split('.');
    const service = functionName === undefined ? SERVICES[prefix] : LAMBDA;
    const startedMs = performance.now();
    let input: Input = {};
    const ended = (fault?: string) => {
      if (service === undefined) return;
      const call = {
        operation: `${service.name}.${operation}`,
        input: functionName === undefined ? input : { FunctionName: functionName },
      };
      const durationMs = performance.now() - startedMs;
      endpoint.onCall?.({ ...call, durationMs, ...(fault === undefined ? {} : { fault }) });
    };
    try {
      if (isForeign(request, AWS_HOST)) {
        throw new AwsFault(
          'AccessDeniedException',
          'Programs on this machine are served here.',
          403,
        );
      }
      const body = await readBody(request, BODY_LIMIT_BYTES);
      if (service === undefined) {
        throw new AwsFault(
          'UnknownOperationException',
          `${prefix} is not emulated here: DynamoDB, KMS and Lambda's Invoke are.`,
        );
      }
      requireSignature(request);
      input = parse(body.toString('utf8'));
      const fault = await endpoint.inject?.(`${service.name}.${operation}`, input);
      if (fault !== undefined) throw fault;
      if (functionName !== undefined) {
        const { payload, headers } = await invoke(endpoint.functions, functionName, input);
        send(response, 200, service.contentType, payload, headers);
        ended(headers['x-amz-function-error']);
      } else {
        const answered =
          service.name === 'KMS' ? kms.call(operation, input) : dynamodb.call(operation, input);
        send(response, 200, service.contentType, await answered);
        ended();
      }
    } catch (error) {
      ended(error instanceof AwsFault ? error.type : 'InternalServerError');
      sendFault(response, service?.contentType ?? 'application/x-amz-json-1.0', error);
    }
  }

  const port = await listen(server, options.port ?? 0).catch(async (error: unknown) => {
    clearInterval(sweep);
    await dynamodb.close();
    throw error;
  });

  const endpoint: AwsEndpoint = {
    url: `http://127.0.0.1:${port}`,
    kms,
    functions: new Map(),
    inject: undefined,
    onCall: undefined,
    async close() {
      clearInterval(sweep);
      await shut(server);
      await dynamodb.close();
    },
  };
  return endpoint;
}

/** The signature itself is not verified: a caller that forgets to sign is what shows here. */
function requireSignature(request: IncomingMessage): void {
  if (request.headers.authorization?.startsWith('AWS4-') !== true) {
    throw new AwsFault(
      'MissingAuthenticationTokenException',
      'Request is missing Authentication Token',
    );
  }
}

function parse(body: string): Input {
  try {
    return JSON.parse(body === '' ? '{}' : body) as Input;
  } catch {
    throw new AwsFault('SerializationException', 'The request body is not JSON.');
  }
}

function send(
  response: ServerResponse,
  status: number,
  contentType: string,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(text),
    'x-amzn-requestid': crypto.randomUUID(),
    ...headers,
  });
  response.end(text);
}

function sendFault(response: ServerResponse, contentType: string, error: unknown): void {
  const fault =
    error instanceof AwsFault
      ? error
      : new AwsFault('InternalServerError', (error as Error).message, 500);
  send(response, fault.status, contentType, {
    __type: fault.type,
    message: fault.message,
    ...fault.members,
  });
}
