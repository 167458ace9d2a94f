// Liveness and readiness. Liveness never asks a dependency: a restart would not heal DynamoDB.
import { Hono } from 'hono';
import type { AppEnv } from './identity';
import { errorFields } from './logger';
import type { Logger } from './logger';

export interface Readiness {
  /** True once the process was told to stop: the load balancer should send no more. */
  isDraining(): boolean;
  /** Resolves when the dependencies answer. */
  check(): Promise<void>;
}

/** How long an answer of the dependencies counts, so that health checks are no load, in milliseconds. */
const CACHE_MS = 2000;

/** The workload's health path and `/readyz`: the only routes without identity. */
export function health(path: string, readiness: Readiness, logger: Logger): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  let checkedAt = -Infinity;
  let last: Promise<boolean> = Promise.resolve(false);

  function isReady(): Promise<boolean> {
    if (performance.now() - checkedAt < CACHE_MS) return last;
    checkedAt = performance.now();
    last = readiness.check().then(
      () => true,
      (error: unknown) => {
        logger.warn('not ready', errorFields(error));
        return false;
      },
    );
    return last;
  }

  app.get(path, (c) => c.json({ status: 'ok' }));
  app.get('/readyz', async (c) => {
    if (readiness.isDraining()) return c.json({ status: 'draining' }, 503);
    return (await isReady()) ? c.json({ status: 'ready' }) : c.json({ status: 'not ready' }, 503);
  });
  return app;
}
