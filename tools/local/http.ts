// Small HTTP parts that the stations of the local platform share: listening, proxying, closing.
import { createServer, request as httpRequest } from 'node:http';
import type {
  Agent,
  IncomingMessage,
  OutgoingHttpHeaders,
  Server,
  ServerOptions,
  ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream';

/** Headers that end at each hop (RFC 9110, 7.6.1). */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * A server whose handler may fail: the request is answered with 500 then, and everything else goes
 * on. An error that nobody catches would end the whole platform.
 */
export function serverOf(
  handler: (request: IncomingMessage, response: ServerResponse) => void | Promise<void>,
  options: ServerOptions = {},
): Server {
  return createServer(options, (request, response) => {
    const handle = async () => handler(request, response);
    handle().catch(() => {
      if (response.headersSent) response.destroy();
      else answer(response, 500, { error: 'The local platform failed to answer this.' });
    });
  });
}

const LOOPBACK = /^(127\.0\.0\.1|localhost)(:\d+)?$/;

/**
 * Whether a page of another origin may have made a browser send this: by a host name that was bound
 * to this machine (DNS rebinding), or by a request across origins. Following a link is no such request.
 * @param hosts further hosts that are this machine's.
 */
export function isForeign({ headers }: IncomingMessage, hosts?: RegExp): boolean {
  const { host = '', origin } = headers;
  const { 'sec-fetch-site': site = 'none', 'sec-fetch-mode': mode } = headers;
  if (!LOOPBACK.test(host) && hosts?.test(host) !== true) return true;
  if (origin !== undefined && origin !== `http://${host}`) return true;
  return site !== 'none' && site !== 'same-origin' && mode !== 'navigate';
}

/**
 * Listens on 127.0.0.1.
 * @param port 0 for any free one.
 * @returns the port that was taken.
 * @throws Error with code `EADDRINUSE`.
 */
export async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
  return (server.address() as AddressInfo).port;
}

const givenPorts = new Set<number>();

/** A port of 127.0.0.1 that nothing listened on a moment ago; none is given to two askers. */
export async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer();
    const port = await listen(server, 0);
    await shut(server);
    if (givenPorts.has(port)) continue;
    givenPorts.add(port);
    return port;
  }
}

/** Ends a server and the connections that are still open. */
export async function shut(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}

/**
 * Reads a whole body.
 * @throws RangeError when it is longer than `limitBytes`.
 */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > limitBytes) throw new RangeError(`The body is longer than ${limitBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Answers a small JSON document, or any text with its type. */
export function answer(
  response: ServerResponse,
  status: number,
  body: string | object,
  contentType = 'application/json',
): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

/** How passing a request on ended. */
type Outcome = 'sent' | 'unreachable' | 'timeout' | 'client-gone';

export interface ForwardOptions {
  port: number;
  method: string;
  path: string;
  headers: OutgoingHttpHeaders;
  agent: Agent;
  /** Longest wait for the first byte of an answer. */
  timeoutMs: number;
  /** Called when the answer's headers arrive, before they are passed on; may change them. */
  onResponse?: (status: number, headers: OutgoingHttpHeaders) => void;
}

/**
 * Passes a request on to 127.0.0.1 and streams the answer back with back-pressure.
 * @returns `sent` when an answer was passed on, else why there was none (nothing was written then).
 */
export function forward(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  options: ForwardOptions,
): Promise<Outcome> {
  const { port, method, path, agent, timeoutMs, onResponse } = options;
  return new Promise((resolvePromise) => {
    // An answer may come before the body was read (413): what is left of the body must be taken from
    // the connection, or the next request on it would wait behind it for ever.
    const resolve = (outcome: Outcome) => {
      incoming.unpipe();
      incoming.resume();
      resolvePromise(outcome);
    };
    const headers = withoutHopByHop(options.headers);
    // Node.js frames no body of a GET or DELETE by itself: its bytes would be read as the next request.
    if (incoming.headers['transfer-encoding'] !== undefined) {
      headers['transfer-encoding'] = 'chunked';
    }
    const upstream = httpRequest({ host: '127.0.0.1', port, method, path, headers, agent });
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      upstream.destroy();
    }, timeoutMs);
    upstream.on('response', (response) => {
      clearTimeout(timer);
      const passed = withoutHopByHop(response.headers);
      onResponse?.(response.statusCode ?? 502, passed);
      outgoing.writeHead(response.statusCode ?? 502, passed);
      pipeline(response, outgoing, () => resolve('sent'));
    });
    upstream.on('error', () => {
      clearTimeout(timer);
      const isGone = outgoing.destroyed;
      if (outgoing.headersSent) outgoing.destroy();
      resolve(isGone ? 'client-gone' : timedOut ? 'timeout' : 'unreachable');
    });
    // A client that goes away takes its request with it.
    outgoing.on('close', () => {
      if (!outgoing.writableFinished) upstream.destroy();
    });
    incoming.pipe(upstream);
  });
}

/**
 * Asks a port of 127.0.0.1 by a connection of its own, as health checks do: one that is kept would
 * hold up a server that wants to close.
 * @returns the status.
 * @throws Error when there is no answer, or none in time (code `ETIMEDOUT`).
 */
export function probe(
  port: number,
  path: string,
  options: { timeoutMs: number; method?: string; headers?: Record<string, string> },
): Promise<number> {
  const { timeoutMs, method = 'GET', headers = {} } = options;
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, path, method, headers, agent: false });
    const timer = setTimeout(() => {
      request.destroy(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' }));
    }, timeoutMs);
    request.on('response', (response) => {
      resolve(response.statusCode ?? 0);
      response.destroy();
    });
    request.on('error', reject);
    request.on('close', () => clearTimeout(timer));
    request.end();
  });
}

/** The headers that may cross a hop, in lower case. */
export function withoutHopByHop(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(
    Object.entries(headers).filter(
      ([name, value]) => value !== undefined && !HOP_BY_HOP.has(name.toLowerCase()),
    ),
  );
}
