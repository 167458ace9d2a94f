// Runs the built bundle of the edge function as Lambda@Edge would: no environment but Lambda's own.
import { builtinModules, createRequire } from 'node:module';
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

const AWS_HOST = /^https:\/\/dynamodb\.[a-z0-9-]+\.amazonaws\.com/;

/**
 * Loads the bundle.
 * @throws Error when it can't be evaluated or exports no handler.
 */
export function loadEdgeFunction(options: EdgeRuntimeOptions): EdgeHandler {
  const log = (...parts: unknown[]) => options.onLog(parts.map(String).join(' '));
  const moduleObject: { exports: { handler?: EdgeHandler } } = { exports: {} };
  const nodeRequire = createRequire(__filename);
  const context = createContext({
    AbortController,
    AbortSignal,
    Buffer,
    Headers,
    Request,
    Response,
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
    fetch: redirect(options.awsEndpoint),
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

/** A fetch that takes DynamoDB's regional hosts to this machine; all else fails. */
function redirect(awsEndpoint: string): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    if (!AWS_HOST.test(request.url)) {
      throw new TypeError(`fetch failed: ${request.url} is not reachable from the local edge`);
    }
    return fetch(request.url.replace(AWS_HOST, awsEndpoint), {
      method: request.method,
      headers: request.headers,
      body: await request.text(),
      signal: request.signal,
    });
  };
}
