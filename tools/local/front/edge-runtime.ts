// Runs the built bundle of the edge function as Lambda@Edge would: no environment but Lambda's own.
import { Agent, globalAgent, request } from 'node:http';
import type {
  ClientRequest,
  IncomingMessage,
  OutgoingHttpHeaders,
  RequestOptions,
} from 'node:http';
import { builtinModules, createRequire } from 'node:module';
import { urlToHttpOptions } from 'node:url';
import { createContext, Script } from 'node:vm';
import type { CloudFrontRequestEvent, CloudFrontRequestResult } from 'aws-lambda';

export type EdgeHandler = (event: CloudFrontRequestEvent) => Promise<CloudFrontRequestResult>;

export interface EdgeRuntimeOptions {
  /** Code text of a CommonJS module that exports `handler`. */
  code: string;
  /** Region in which the function pretends to run. */
  region: string;
  /** Where `https://dynamodb.<region>.amazonaws.com` is answered on this machine. */
  awsEndpoint: string;
  /** Receives every line that the function logs. */
  onLog: (line: string) => void;
}

const AWS_HOST = /^dynamodb\.[a-z0-9-]+\.amazonaws\.com$/;

/**
 * Loads the bundle.
 * @throws Error when it can't be evaluated or exports no handler.
 */
export function loadEdgeFunction(options: EdgeRuntimeOptions): EdgeHandler {
  const log = (...parts: unknown[]) => options.onLog(parts.map(String).join(' '));
  const moduleObject: { exports: { handler?: EdgeHandler } } = { exports: {} };
  const nodeRequire = createRequire(__filename);
  const https = localHttps(options.awsEndpoint);
  const context = createContext({
    AbortController,
    AbortSignal,
    Buffer,
    TextDecoder,
    TextEncoder,
    URL,
    URLSearchParams,
    atob,
    btoa,
    clearTimeout,
    crypto,
    performance,
    queueMicrotask,
    setTimeout,
    structuredClone,
    console: { log, info: log, warn: log, error: log, debug: log },
    module: moduleObject,
    exports: moduleObject.exports,
    process: {
      env: {
        AWS_REGION: options.region,
        AWS_ACCESS_KEY_ID: 'local',
        AWS_SECRET_ACCESS_KEY: 'local',
        AWS_SESSION_TOKEN: 'local',
      },
      stdout: { write: (text: string) => log(text.trimEnd()) },
      hrtime: process.hrtime,
      memoryUsage: process.memoryUsage,
    },
    require(name: string): unknown {
      if (name === 'node:https' || name === 'https') return https;
      if (builtinModules.includes(name.replace(/^node:/, ''))) return nodeRequire(name);
      throw new Error(`The edge bundle requires ${name}, which does not exist at the edge.`);
    },
  });
  (context as { globalThis: unknown }).globalThis = context;
  new Script(options.code, { filename: 'edge/index.js' }).runInContext(context);
  const { handler } = moduleObject.exports;
  if (typeof handler !== 'function') throw new Error('The edge bundle exports no handler.');
  return handler;
}

type OnResponse = (response: IncomingMessage) => void;
type HttpsRequest = (...given: (string | URL | RequestOptions | OnResponse)[]) => ClientRequest;

/**
 * The bundle's `node:https`: by plain http to this machine for DynamoDB's regional hosts, and to
 * nowhere for any other. There is no `fetch` beside it, because the function must not need one.
 */
function localHttps(awsEndpoint: string): object {
  const { hostname, port } = new URL(awsEndpoint);
  const ask: HttpsRequest = (...given) => {
    const onResponse = given.find((part) => typeof part === 'function');
    const options = Object.assign({}, ...given.map(requestOptions)) as RequestOptions;
    const asked = options.hostname ?? options.host ?? 'localhost';
    const { method, path, headers, agent, timeout, signal } = options;
    // Named one by one: a port, a socket or a look-up of the bundle's own would lead elsewhere.
    const common = { method, path, timeout, signal };
    if (!AWS_HOST.test(asked)) {
      const error = new Error(`${asked} is not reachable from the local edge`);
      const createConnection: RequestOptions['createConnection'] = (_, connected) => {
        connected?.(error, undefined as never);
        return undefined;
      };
      return request({ ...common, createConnection }, onResponse);
    }
    return request(
      {
        ...common,
        headers: { host: asked, ...(headers as OutgoingHttpHeaders) },
        agent,
        host: hostname,
        port,
      },
      onResponse,
    );
  };
  return {
    Agent,
    globalAgent,
    request: ask,
    get: (...given: Parameters<HttpsRequest>) => ask(...given).end(),
  };
}

function requestOptions(part: Parameters<HttpsRequest>[number]): RequestOptions {
  if (typeof part === 'function') return {};
  return typeof part === 'string' || part instanceof URL ? urlToHttpOptions(new URL(part)) : part;
}
