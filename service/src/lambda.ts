// Lambda entry: the same app behind API Gateway's HTTP API.
import { handle } from 'hono/aws-lambda';
import { createRuntime } from './runtime';

/** Lambda freezes the process between calls, so what was recorded leaves before the answer does. */
const FLUSH_LIMIT_MS = 500;

const runtime = createRuntime(process.env);
const measured = Object.assign(Object.create(runtime.app) as typeof runtime.app, {
  fetch: runtime.fetch,
});
const serve = handle(measured);

export const handler: typeof serve = async (event, context) => {
  try {
    return await serve(event, context);
  } finally {
    runtime.logger.flush();
    await runtime.telemetry.flush(FLUSH_LIMIT_MS);
  }
};
