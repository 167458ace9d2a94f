// What every request gets: an id, a log line, and an end in time.
import { randomUUID } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import type { HTTPException } from 'hono/http-exception';
import { routePath } from 'hono/route';
import { timeout } from 'hono/timeout';
import { REQUEST_ID_HEADER } from '../../../contracts/headers';
import type { AppEnv } from './identity';
import { ServiceError } from './errors';
import type { Logger } from './logger';
import { activeContext } from './telemetry/context';

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
    const context = activeContext();
    logger[level]('request', {
      method: c.req.method,
      route: routePath(c),
      status: c.res.status,
      durationMs: Math.round((performance.now() - startMs) * 100) / 100,
      requestId: c.get('requestId'),
      keyId: (c.get('identity') as { keyId: string } | undefined)?.keyId,
      traceId: context?.traceId,
      spanId: context?.spanId,
    });
  };
}

/** Answers 503 when the handler takes longer; a body that streams is not limited. */
export function timeLimit(seconds: number): MiddlewareHandler<AppEnv> {
  return timeout(seconds * 1000, () => {
    const late = new ServiceError(
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
