// What every request gets: an id, a log line, an end in time, and its body received.
import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { HTTPException } from 'hono/http-exception';
import { timeout } from 'hono/timeout';
import { REQUEST_ID_HEADER } from '../../../contracts/headers';
import type { AppEnv } from './identity';
import { ServiceError } from './errors';
import type { Logger } from './logger';
import { requestFacts } from './request-facts';

/** A caller's id is taken if it is one; anything else could forge log lines. */
const REQUEST_ID = /^[\w.:-]{1,64}$/;

/** Gives the request an id, which is on every answer and in every error. */
export function requestId(): MiddlewareHandler<AppEnv> {
  return async function setRequestId(c, next) {
    const given = c.req.header(REQUEST_ID_HEADER) ?? '';
    const id = REQUEST_ID.test(given) ? given : randomUUID();
    c.set('requestId', id);
    c.header(REQUEST_ID_HEADER, id);
    c.header('X-Content-Type-Options', 'nosniff');
    await next();
  };
}

/**
 * One line a request: route, never the path or query, key id, never its owner, so that the log
 * holds no personal data. Health checks are logged at `debug`.
 */
export function requestLog(logger: Logger, healthPath: string): MiddlewareHandler<AppEnv> {
  const quietPaths = [healthPath, '/readyz'];
  return async function logRequest(c, next) {
    const startMs = performance.now();
    await next();
    const level = quietPaths.includes(c.req.path) ? 'debug' : 'info';
    if (!logger.isEnabled(level)) return;
    logger[level]('request', {
      method: c.req.method,
      status: c.res.status,
      durationMs: Math.round((performance.now() - startMs) * 100) / 100,
      ...requestFacts(c),
    });
  };
}

/**
 * Answers 503 when the handler takes longer, and 408 when it is the body that does not come; a body that
 * streams out is not limited.
 */
export function timeLimit(seconds: number): MiddlewareHandler<AppEnv> {
  return timeout(seconds * 1000, (c) => {
    const late = (c as Context<AppEnv>).get('isReceiving')
      ? new ServiceError({
          code: 'receive_timeout',
          detail: `The body did not come within ${seconds} s. Nothing was done; send it again.`,
        })
      : new ServiceError(
          {
            code: 'request_timeout',
            detail: `The request took longer than ${seconds} s. It may have been carried out: read before repeating, or repeat with the same Idempotency-Key.`,
          },
          { retryAfterSeconds: 1 },
        );
    // Hono throws whatever it is given here, and asks for its own kind of error.
    return late as unknown as HTTPException;
  });
}

/** Content of which the bytes are text, and JSON above all. */
const TEXT = /^\s*(text\/|application\/([\w.-]+\+)?json\s*(;|$))/i;

/**
 * Receives the body, whole and no larger than `maxBytes`, before anything is done with it. Text must be
 * UTF-8: decoding would put a replacement for what is not, and something else would be stored than sent.
 */
export function receiveBody(maxBytes: number): MiddlewareHandler<AppEnv> {
  const limited = bodyLimit({
    maxSize: maxBytes,
    onError() {
      throw new ServiceError({
        code: 'body_too_large',
        detail: `The body is larger than ${maxBytes} bytes.`,
      });
    },
  });
  return async function receive(c, next) {
    if (c.req.method === 'GET' || c.req.method === 'HEAD') return next();
    c.set('isReceiving', true);
    let bytes = new ArrayBuffer();
    try {
      await limited(c, async () => {
        bytes = await c.req.arrayBuffer();
      });
    } catch (error) {
      if (error instanceof ServiceError) throw error;
      throw new ServiceError(
        { code: 'invalid_request', detail: 'The body ended before all of it was sent.' },
        { cause: error },
      );
    }
    c.set('isReceiving', false);
    if (!TEXT.test(c.req.header('content-type') ?? '')) return next();
    const coding = c.req.header('content-encoding') ?? 'identity';
    if (coding.toLowerCase() !== 'identity') {
      throw new ServiceError({
        code: 'unsupported_media_type',
        detail: 'The body is compressed or coded. Send it as it is, without Content-Encoding.',
        source: { header: 'Content-Encoding' },
      });
    }
    if (!isUtf8(bytes)) {
      throw new ServiceError({
        code: 'malformed_json',
        detail: 'The body is not UTF-8.',
        source: { pointer: '' },
      });
    }
    await next();
  };
}
