// What stands before the routes of every service: id, log, limits, health, identity, errors.
import type { Context, Hono, MiddlewareHandler } from 'hono';
import { methodNotAllowed } from 'hono/method-not-allowed';
import type { Workload } from '../../../contracts/workload';
import type { KitConfig } from './config';
import { KIT_ERRORS, renderProblems, ServiceError, toServiceError, type ErrorKind } from './errors';
import { health, type Readiness } from './health';
import { requireIdentity, type AppEnv } from './identity';
import { errorFields, type Logger } from './logger';
import { countKeys } from './key-metrics';
import { requestFacts } from './request-facts';
import { receiveBody, requestId, requestLog, timeLimit } from './requests';

/** What {@link guard} needs. */
export interface GuardOptions extends Pick<Workload, 'rules' | 'health' | 'errors'> {
  /** Status and title of the API's own codes. */
  readonly errorKinds: Readonly<Record<string, ErrorKind>>;
  readonly config: Pick<
    KitConfig,
    'originSecrets' | 'bodyLimitBytes' | 'requestTimeoutSeconds' | 'keyMetrics' | 'stack'
  >;
  readonly logger: Logger;
  readonly readiness: Readiness;
  /** Measures each request. */
  readonly telemetry: MiddlewareHandler;
}

/** Puts everything on an app that has no route yet; routes are added behind it. */
export function guard(app: Hono<AppEnv>, options: GuardOptions): void {
  const { config, logger, rules } = options;
  const answer = answerIn(options);
  app.use(
    options.telemetry,
    requestId(),
    requestLog(logger, options.health),
    countKeys({ ...config, logger }),
    timeLimit(config.requestTimeoutSeconds),
    methodNotAllowed({
      app,
      onMethodNotAllowed(c, methods) {
        const Allow = methods.join(', ');
        const detail = `This path takes ${Allow}.`;
        return answer(c, new ServiceError({ code: 'method_not_allowed', detail }), { Allow });
      },
    }),
  );
  app.route('/', health(options.health, options.readiness, logger));
  app.use(
    requireIdentity(config.originSecrets, rules),
    noStore,
    receiveBody(config.bodyLimitBytes),
  );
  app.notFound((c) =>
    answer(c, new ServiceError({ code: 'not_found', detail: 'There is nothing at this path.' })),
  );
  app.onError((error, c) => answer(c, toServiceError(error)));
}

/** Answers errors in the API's format, and logs those that are the service's own. */
function answerIn({ errors: format, errorKinds, logger }: GuardOptions) {
  const kinds = { ...KIT_ERRORS, ...errorKinds };
  return (
    c: Context<AppEnv>,
    error: ServiceError<string>,
    headers: Record<string, string> = {},
  ): Response => {
    const { problems, retryAfterSeconds } = error;
    const requestId = c.get('requestId');
    const { status, contentType, body } = renderProblems(problems, kinds, format, requestId);
    if (status >= 500) {
      // What the service refuses of its own accord has no cause, and is no failure.
      const level = status === 503 && error.cause === undefined ? 'warn' : 'error';
      const fields = { code: problems[0].code, ...errorFields(error.cause ?? error) };
      logger[level]('request failed', { ...requestFacts(c), ...fields });
    }
    if (retryAfterSeconds !== undefined) c.header('Retry-After', String(retryAfterSeconds));
    c.header('Vary', 'Accept');
    // What is still to come of the request is not read any more.
    if (status === 408) c.header('Connection', 'close');
    if (status === 401) c.header('WWW-Authenticate', 'ApiKey realm="gatehouse"');
    return c.body(body, status, { 'Content-Type': contentType, ...headers });
  };
}

const noStore: MiddlewareHandler<AppEnv> = async (c, next) => {
  c.header('Cache-Control', 'no-store');
  await next();
};
