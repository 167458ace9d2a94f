// The entry of a container: starts a service, and ends it without losing a request.
import { getRequestListener } from '@hono/node-server';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SERVICE_KEEP_ALIVE_SECONDS } from '../../../contracts/connections';
import { ConfigError } from './config';
import type { Hono } from 'hono';
import type { AppEnv } from './identity';
import { logOnly } from './log-only';
import { Logger } from './logger';
import { answerAdapterError, refuseUnreadable } from './refusals';
import { createRuntime, type Runtime, type ServiceDefinition } from './service';

/** Requests under way get this long; ECS kills after 30 s by default (stopTimeout). */
const DRAIN_LIMIT_MS = 18_000;
const FLUSH_LIMIT_MS = 3000;
/** For headers and body; the time limit of a request ends it sooner, unless that is set higher. */
const RECEIVE_LIMIT_MS = 30_000;

export interface RunningService {
  readonly port: number;
  /** Drains and ends; resolves when everything is closed. */
  stop(): Promise<void>;
}

/** Starts a service with an environment. */
export async function startService<Own extends object, App extends Hono<AppEnv>>(
  definition: ServiceDefinition<Own, App>,
  env: NodeJS.ProcessEnv,
  write?: (text: string) => void,
): Promise<RunningService> {
  const runtime = createRuntime(definition, env, write);
  const { app, config, logger } = runtime;
  const refusals = { format: definition.workload.errors, logger };
  const listener = getRequestListener(app.fetch, {
    errorHandler: (error) => answerAdapterError(error, refusals),
  });
  const server = createServer(
    {
      keepAliveTimeout: SERVICE_KEEP_ALIVE_SECONDS * 1000,
      requestTimeout: RECEIVE_LIMIT_MS,
      // The adapter looks after it, and its refusal is a document.
      requireHostHeader: false,
    },
    (request, response) => void listener(request, response),
  );
  // What else than 100-continue is expected may be ignored (RFC 9110, section 10.1.1); Node.js would
  // answer a bare 417.
  server.on('checkExpectation', (request, response) => void listener(request, response));
  refuseUnreadable(server, refusals);
  server.listen(config.port);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  logger.info('listening', { port });
  let stopped: Promise<void> | undefined;
  return { port, stop: () => (stopped ??= drain(server, runtime)) };
}

async function drain(server: Server, runtime: Runtime): Promise<void> {
  const { config, logger, telemetry } = runtime;
  runtime.startDraining();
  logger.info('draining');
  // Idle connections would keep the server open: from now on each answer ends its connection.
  server.prependListener('request', (_request, response) => {
    response.setHeader('connection', 'close');
  });
  await delay(config.drainNoticeSeconds * 1000);
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  await Promise.race([closed, delay(DRAIN_LIMIT_MS)]);
  server.closeAllConnections();
  await telemetry.shutdown(FLUSH_LIMIT_MS);
  runtime.close();
  logger.info('stopped');
  logger.flush();
}

function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}

/** Runs until SIGTERM or SIGINT; a wrong environment or a taken port ends it with code 1. */
export async function runContainer<Own extends object, App extends Hono<AppEnv>>(
  definition: ServiceDefinition<Own, App>,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  // Before the level is known, and for what nobody asked to be printed.
  const logger = new Logger('info');
  logOnly(logger);
  try {
    const service = await startService(definition, env);
    const stop = () => void service.stop().then(() => process.exit(0));
    process.once('SIGTERM', stop);
    process.once('SIGINT', stop);
  } catch (error) {
    for (const problem of explain(error)) logger.error(problem);
    logger.flush();
    process.exit(1);
  }
}

/** What went wrong, in plain words: one problem or more. */
export function explain(error: unknown): readonly string[] {
  if (error instanceof ConfigError) return error.problems;
  const { code, message } = error as { code?: string; message: string };
  return [
    code === 'EADDRINUSE'
      ? `The port is taken (${message}): end what listens there, or set PORT to another.`
      : `The service could not start: ${message}`,
  ];
}
