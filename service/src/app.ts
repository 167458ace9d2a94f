// The Hono app: middleware and routes put together. It never listens.
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import type { AppEnv } from './kit/identity';
import { docsPage } from './kit/docs-page';
import { describeCode, errorDocument, ServiceError, toServiceError } from './kit/errors';
import { health } from './kit/health';
import type { Readiness } from './kit/health';
import { requireIdentity } from './kit/identity';
import { JSON_API, negotiate } from './users/jsonapi';
import { errorFields } from './kit/logger';
import type { Logger } from './kit/logger';
import { describeService, openApiOptions } from './openapi';
import { requestId, requestLog, timeLimit } from './kit/requests';
import { addUserRoutes } from './users/routes';
import type { UserRoutesDeps } from './users/routes';
import { throwProblems } from './users/validation';

export interface AppDeps extends UserRoutesDeps {
  readonly originSecret: string | undefined;
  readonly bodyLimitBytes: number;
  readonly requestTimeoutSeconds: number;
  readonly logger: Logger;
  readonly readiness: Readiness;
}

/** Builds the app. All it needs from outside is in `deps`. */
export function createApp(deps: AppDeps): OpenAPIHono<AppEnv> {
  const { logger } = deps;
  const app = new OpenAPIHono<AppEnv>({ defaultHook: throwProblems });
  app.use(requestId(), requestLog(logger), timeLimit(deps.requestTimeoutSeconds));
  app.route('/', health(deps.readiness, logger));
  app.use(requireIdentity(deps.originSecret), noStore, limitBody(deps.bodyLimitBytes));
  app.use('/users/*', negotiate());
  addUserRoutes(app, deps);
  describeService(app);
  app.doc31('/openapi.json', openApiOptions);
  app.get('/docs', docsPage);
  refuseOtherMethods(app);
  app.notFound((c) =>
    answer(c, new ServiceError({ code: 'not_found', detail: 'There is nothing at this path.' })),
  );
  app.onError((error, c) => {
    const known = fromHono(error);
    const { status } = describeCode(known.problems[0].code);
    if (status >= 500) {
      const fields = { code: known.problems[0].code, ...errorFields(known.cause ?? known) };
      logger.error('request failed', { requestId: c.get('requestId'), ...fields });
    }
    return answer(c, known);
  });
  return app;
}

const noStore = async (c: Context, next: () => Promise<void>): Promise<void> => {
  c.header('Cache-Control', 'no-store');
  await next();
};

function limitBody(maxSize: number) {
  return bodyLimit({
    maxSize,
    onError: () => {
      throw new ServiceError({
        code: 'body_too_large',
        detail: `The body is larger than ${maxSize} bytes.`,
      });
    },
  });
}

/** Answers 405 with `Allow` where the path exists and the method does not. */
function refuseOtherMethods(app: OpenAPIHono<AppEnv>): void {
  const allowed = new Map<string, Set<string>>();
  for (const { path, method } of app.routes) {
    if (method === 'ALL' || path.includes('*')) continue;
    const methods = allowed.get(path) ?? new Set<string>();
    allowed.set(path, methods.add(method));
  }
  for (const [path, methods] of allowed) {
    if (methods.has('GET')) methods.add('HEAD');
    app.all(path, (c) => {
      c.header('Allow', [...methods].join(', '));
      throw new ServiceError({
        code: 'method_not_allowed',
        detail: `This path takes ${[...methods].join(', ')}.`,
      });
    });
  }
}

function fromHono(error: unknown): ServiceError {
  if (error instanceof HTTPException && error.status === 400) {
    return new ServiceError({
      code: 'malformed_json',
      detail: 'The body is not JSON.',
      source: { pointer: '' },
    });
  }
  return toServiceError(error);
}

function answer(c: Context<AppEnv>, error: ServiceError): Response {
  const statuses = new Set(error.problems.map(({ code }) => describeCode(code).status));
  const [only] = statuses;
  // Several problems of different kinds: the most general status (JSON:API, "Processing Errors").
  const status = statuses.size === 1 && only !== undefined ? only : 400;
  if (error.retryAfterSeconds !== undefined) {
    c.header('Retry-After', String(error.retryAfterSeconds));
  }
  c.header('Vary', 'Accept');
  if (status === 401) c.header('WWW-Authenticate', 'ApiKey realm="gatehouse"');
  const body = errorDocument(error.problems, c.get('requestId'));
  return c.body(JSON.stringify(body), status, { 'Content-Type': JSON_API });
}
