// Answers to what never becomes a request: too many headers, none in time, a host or target that is none.
// Node.js and its adapter would answer with a bare status; here it is an error document like any other.
import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ErrorFormat } from '../../../contracts/errors';
import { REQUEST_ID_HEADER } from '../../../contracts/headers';
import { KIT_ERRORS, renderProblems, type KitErrorCode, type Problem } from './errors';
import { errorFields, type Logger } from './logger';

/** What both kinds of refusal need. */
export interface RefusalOptions {
  readonly format: ErrorFormat;
  readonly logger: Logger;
}

interface Refusal {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** By the codes of Node.js's parser; whatever else it stumbles over is no HTTP. */
const BY_PARSER_CODE: Readonly<Record<string, Problem>> = {
  HPE_HEADER_OVERFLOW: {
    code: 'headers_too_large',
    detail: 'The headers are larger than 16 KiB in all. Send fewer, or shorter ones.',
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    code: 'receive_timeout',
    detail: 'The request did not come in time. Nothing was done; send it again.',
  },
};
const NO_HTTP: Problem = { code: 'invalid_request', detail: 'This is no HTTP request.' };
const NO_TARGET: Problem = {
  code: 'invalid_request',
  detail: 'The host or the target of the request is none. Send one Host, and a path.',
};

/** Answers on connections whose bytes Node.js can't read as a request. */
export function refuseUnreadable(server: Server, options: RefusalOptions): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const { code = '' } = error;
    // Nobody is there, or an answer is on its way: a second one would be read as its end.
    if (code === 'ECONNRESET' || !socket.writable || isAnswering(socket)) {
      socket.destroy();
      return;
    }
    const { status, headers, body } = refusal(BY_PARSER_CODE[code] ?? NO_HTTP, code, options);
    const lines = Object.entries({ ...headers, Connection: 'close' }).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    );
    socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`);
  });
}

/** As Node.js's own handler finds out. */
function isAnswering(socket: Socket & { _httpMessage?: ServerResponse | null }): boolean {
  return socket._httpMessage?.headersSent === true;
}

/** The answer to an error of the adapter: a host or target that is none, or one that nobody foresaw. */
export function answerAdapterError(error: unknown, options: RefusalOptions): Response {
  const isRequest = error instanceof Error && error.name === 'RequestError';
  const problem: Problem = isRequest
    ? NO_TARGET
    : { code: 'internal', detail: 'The service failed. Report it with the request id.' };
  const { status, headers, body } = refusal(problem, isRequest ? 'target' : error, options);
  return new Response(body, { status, headers });
}

/** Makes the answer and logs it. @param reason What it is refused for: a word, or an error. */
function refusal(
  problem: Problem<KitErrorCode>,
  reason: unknown,
  { format, logger }: RefusalOptions,
): Refusal {
  const requestId = randomUUID();
  const { status, contentType, body } = renderProblems([problem], KIT_ERRORS, format, requestId);
  if (typeof reason === 'string') logger.info('no request', { requestId, status, reason });
  else logger.error('request failed', { requestId, code: problem.code, ...errorFields(reason) });
  return {
    status,
    body,
    headers: {
      'Content-Type': contentType,
      'Content-Length': String(Buffer.byteLength(body)),
      'Cache-Control': 'no-store',
      [REQUEST_ID_HEADER]: requestId,
    },
  };
}
