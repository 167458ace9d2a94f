// The entry of a Lambda function: the same app behind API Gateway's HTTP API.
import type { Hono } from 'hono';
import { handle } from 'hono/aws-lambda';
import type { ErrorFormat } from '../../../contracts/errors';
import { REQUEST_ID_HEADER } from '../../../contracts/headers';
import { KIT_ERRORS, renderProblems, ServiceError, toServiceError } from './errors';
import type { AppEnv } from './identity';
import { createRuntime, type ServiceDefinition } from './service';

/** Lambda freezes the process between calls, so what was recorded leaves before the answer does. */
const FLUSH_LIMIT_MS = 500;

/**
 * Largest answer. A function's is 6 MB at most, and API Gateway's HTTP API takes it only whole and in
 * JSON, where four bytes stand for three.
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/** Starts a service with an environment and returns the function's handler. */
export function lambdaHandler<Own extends object, App extends Hono<AppEnv>>(
  definition: ServiceDefinition<Own, App>,
  env: NodeJS.ProcessEnv,
): ReturnType<typeof handle> {
  const runtime = createRuntime(definition, env);
  const fetch: App['fetch'] = async (...request) =>
    whole(await runtime.app.fetch(...request), definition.workload.errors);
  const serve = handle(Object.assign(Object.create(runtime.app) as App, { fetch }));
  return async (event, context) => {
    try {
      return await serve(event, context);
    } finally {
      await runtime.telemetry.flush(FLUSH_LIMIT_MS);
      runtime.logger.flush();
    }
  };
}

/** The answer with its body read to the end; an error where that fails, or is too much for Lambda. */
async function whole(response: Response, format: ErrorFormat): Promise<Response> {
  const { status, headers, body } = response;
  if (body === null) return response;
  try {
    return new Response(await readWhole(body), { status, headers });
  } catch (error) {
    const { problems } = toServiceError(error);
    const requestId = headers.get(REQUEST_ID_HEADER) as string;
    const rendered = renderProblems(problems, KIT_ERRORS, format, requestId);
    headers.set('Content-Type', rendered.contentType);
    return new Response(rendered.body, { status: rendered.status, headers });
  }
}

async function readWhole(body: ReadableStream<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of body) {
    bytes += piece.length;
    if (bytes > MAX_ANSWER_BYTES) {
      throw new ServiceError({
        code: 'answer_too_large',
        detail: `The answer is larger than ${MAX_ANSWER_BYTES} bytes, more than a Lambda function can give. Ask for less at a time, page by page; on ECS Fargate there is no such limit.`,
      });
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
