// The service's one error vocabulary: code -> status and title, and its JSON:API form.
import type { ContentfulStatusCode } from 'hono/utils/http-status';

export const ERROR_CODES = [
  'malformed_json',
  'invalid_document',
  'invalid_parameter',
  'unauthenticated',
  'missing_scope',
  'client_id_unsupported',
  'unsupported_update',
  'not_found',
  'method_not_allowed',
  'not_acceptable',
  'type_conflict',
  'id_conflict',
  'email_taken',
  'being_deleted',
  'idempotency_in_use',
  'version_mismatch',
  'body_too_large',
  'unsupported_media_type',
  'invalid_attribute',
  'idempotency_mismatch',
  'internal',
  'dependency_unavailable',
  'request_timeout',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** Where in the request the problem is: JSON pointer, query parameter or header. */
export type ErrorSource = { pointer: string } | { parameter: string } | { header: string };

export interface Problem {
  readonly code: ErrorCode;
  /** What was wrong, expected, and what to do; never quotes a credential. */
  readonly detail: string;
  readonly source?: ErrorSource;
}

/** A request that ends in one of the codes; thrown anywhere, rendered by the app's error handler. */
export class ServiceError extends Error {
  readonly problems: readonly [Problem, ...Problem[]];
  /** Seconds for `Retry-After`. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    problems: Problem | readonly [Problem, ...Problem[]],
    options: { cause?: unknown; retryAfterSeconds?: number } = {},
  ) {
    const list = 'code' in problems ? ([problems] as const) : problems;
    super(list[0].code, { cause: options.cause });
    this.name = 'ServiceError';
    this.problems = list;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** The one mapping from code to HTTP status and human title. */
export function describeCode(code: ErrorCode): { status: ContentfulStatusCode; title: string } {
  switch (code) {
    case 'malformed_json':
      return { status: 400, title: 'Malformed JSON' };
    case 'invalid_document':
      return { status: 400, title: 'Invalid document' };
    case 'invalid_parameter':
      return { status: 400, title: 'Invalid query parameter or header' };
    case 'unauthenticated':
      return { status: 401, title: 'Not authenticated' };
    case 'missing_scope':
      return { status: 403, title: 'Missing scope' };
    case 'client_id_unsupported':
      return { status: 403, title: 'Client-generated ids are not supported' };
    case 'unsupported_update':
      return { status: 403, title: 'Unsupported update' };
    case 'not_found':
      return { status: 404, title: 'Not found' };
    case 'method_not_allowed':
      return { status: 405, title: 'Method not allowed' };
    case 'not_acceptable':
      return { status: 406, title: 'Not acceptable' };
    case 'type_conflict':
      return { status: 409, title: 'Wrong resource type' };
    case 'id_conflict':
      return { status: 409, title: 'Wrong resource id' };
    case 'email_taken':
      return { status: 409, title: 'E-mail address taken' };
    case 'being_deleted':
      return { status: 409, title: 'User is being deleted' };
    case 'idempotency_in_use':
      return { status: 409, title: 'Idempotency key in use' };
    case 'version_mismatch':
      return { status: 412, title: 'Version mismatch' };
    case 'body_too_large':
      return { status: 413, title: 'Body too large' };
    case 'unsupported_media_type':
      return { status: 415, title: 'Unsupported media type' };
    case 'invalid_attribute':
      return { status: 422, title: 'Invalid attribute' };
    case 'idempotency_mismatch':
      return { status: 422, title: 'Idempotency key used for another request' };
    case 'internal':
      return { status: 500, title: 'Internal error' };
    case 'dependency_unavailable':
      return { status: 503, title: 'Temporarily unavailable' };
    case 'request_timeout':
      return { status: 503, title: 'Request took too long' };
  }
}

/** The JSON:API document of a list of problems. */
export function errorDocument(problems: readonly Problem[], requestId: string) {
  return {
    jsonapi: { version: '1.1' },
    errors: problems.map((problem, index) => {
      const { status, title } = describeCode(problem.code);
      return {
        id: index === 0 ? requestId : `${requestId}#${index}`,
        status: String(status),
        code: problem.code,
        title,
        detail: problem.detail,
        ...(problem.source === undefined ? {} : { source: problem.source }),
      };
    }),
    meta: { requestId },
  };
}

const NETWORK_CODES = /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)/;
const RETRYABLE_NAMES =
  /Throttl|TooManyRequests|LimitExceeded|ProvisionedThroughputExceeded|Timeout|TransactionInProgress|TransactionConflict|KeyUnavailable|KMSInvalidState|DependencyTimeout|InternalServerError|KMSInternal/;

/** Whether an AWS call failed for a reason that passes by itself: 5xx, throttling, network, timeout. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const fields = error as Error & {
    code?: unknown;
    $fault?: string;
    $metadata?: { httpStatusCode?: number };
  };
  return (
    fields.$fault === 'server' ||
    (fields.$metadata?.httpStatusCode ?? 0) >= 500 ||
    RETRYABLE_NAMES.test(error.name) ||
    (typeof fields.code === 'string' && NETWORK_CODES.test(fields.code))
  );
}

/** Any thrown value as a {@link ServiceError}: transient AWS failures are 503, what is unknown 500. */
export function toServiceError(error: unknown): ServiceError {
  if (error instanceof ServiceError) return error;
  if (isTransient(error)) {
    return new ServiceError(
      {
        code: 'dependency_unavailable',
        detail:
          'A service that this one needs did not answer. Nothing was half written; try again.',
      },
      { cause: error, retryAfterSeconds: 2 },
    );
  }
  return new ServiceError(
    { code: 'internal', detail: 'The service failed. Report it with the request id.' },
    { cause: error },
  );
}
