// The entry of a Lambda function: the same app behind API Gateway's HTTP API.
import type { Hono } from 'hono';
import { handle } from 'hono/aws-lambda';
import type { AppEnv } from './identity';
import { createRuntime, type ServiceDefinition } from './service';

/** Lambda freezes the process between calls, so what was recorded leaves before the answer does. */
const FLUSH_LIMIT_MS = 500;

/** Starts a service with an environment and returns the function's handler. */
export function lambdaHandler<Own extends object, App extends Hono<AppEnv>>(
  definition: ServiceDefinition<Own, App>,
  env: NodeJS.ProcessEnv,
): ReturnType<typeof handle> {
  const runtime = createRuntime(definition, env);
  const measured = Object.assign(Object.create(runtime.app) as App, { fetch: runtime.fetch });
  const serve = handle(measured);
  return async (event, context) => {
    try {
      return await serve(event, context);
    } finally {
      runtime.logger.flush();
      await runtime.telemetry.flush(FLUSH_LIMIT_MS);
    }
  };
}
