// Errors of a service: codes with status and title, to which a domain adds its own, and their two forms.
import { ERROR_MEDIA_TYPES, GATE_ERRORS, type ErrorFormat } from '../../../contracts/errors';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** Status and title of an error. */
export interface ErrorKind {
  readonly status: ContentfulStatusCode;
  readonly title: string;
}

/** Every code that the kit itself answers with; those shared with the edge are the same there. */
export const KIT_ERRORS = {
  malformed_json: { status: 400, title: 'Malformed JSON' },
  invalid_request: { status: 400, title: 'Invalid request' },
  invalid_parameter: { status: 400, title: 'Invalid query parameter or header' },
  unauthenticated: GATE_ERRORS.unauthenticated,
  missing_scope: GATE_ERRORS.missing_scope,
  forbidden: GATE_ERRORS.forbidden,
  not_found: { status: 404, title: 'Not found' },
  method_not_allowed: GATE_ERRORS.method_not_allowed,
  not_acceptable: { status: 406, title: 'Not acceptable' },
  receive_timeout: { status: 408, title: 'Request not received in time' },
  body_too_large: { status: 413, title: 'Body too large' },
  unsupported_media_type: { status: 415, title: 'Unsupported media type' },
  headers_too_large: { status: 431, title: 'Request headers too large' },
  internal: { status: 500, title: 'Internal error' },
  /** On Lambda alone: an answer goes out whole, and only so large. */
  answer_too_large: { status: 501, title: 'Answer too large' },
  dependency_unavailable: GATE_ERRORS.dependency_unavailable,
  request_timeout: { status: 503, title: 'Request took too long' },
} as const satisfies Record<string, ErrorKind>;

export type KitErrorCode = keyof typeof KIT_ERRORS;

/** Where in the request the problem is: JSON pointer, query parameter or header. */
export type ErrorSource = { pointer: string } | { parameter: string } | { header: string };

export interface Problem<Code extends string = KitErrorCode> {
  readonly code: Code;
  /** What was wrong, expected, and what to do; never quotes what is secret. */
  readonly detail: string;
  readonly source?: ErrorSource;
}

type Problems<Code extends string> = readonly [Problem<Code>, ...Problem<Code>[]];

/** A request that ends in one of the codes; thrown anywhere, rendered by the kit's error handler. */
export class ServiceError<Code extends string = KitErrorCode> extends Error {
  readonly problems: Problems<Code>;
  /** Seconds for `Retry-After`. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    problems: Problem<Code> | Problems<Code>,
    options: { cause?: unknown; retryAfterSeconds?: number } = {},
  ) {
    const list: Problems<Code> = 'code' in problems ? [problems] : problems;
    super(list[0].code, { cause: options.cause });
    this.name = 'ServiceError';
    this.problems = list;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** An error as it goes out. */
export interface ErrorAnswer {
  readonly status: ContentfulStatusCode;
  readonly contentType: string;
  readonly body: string;
}

/** Renders problems in the API's format. @param kinds Status and title by code, the kit's among them. */
export function renderProblems(
  problems: readonly [Problem<string>, ...Problem<string>[]],
  kinds: Readonly<Record<string, ErrorKind>>,
  format: ErrorFormat,
  requestId: string,
): ErrorAnswer {
  const kindOf = (code: string): ErrorKind => kinds[code] ?? KIT_ERRORS.internal;
  const statuses = new Set(problems.map(({ code }) => kindOf(code).status));
  const [first] = problems;
  // Several problems of different kinds: the most general status (JSON:API, "Processing Errors").
  const status = statuses.size === 1 ? kindOf(first.code).status : 400;
  const document =
    format === 'json-api'
      ? jsonApi(problems, kindOf, requestId)
      : problemDetails(problems, kindOf(first.code).title, status, requestId);
  return { status, contentType: ERROR_MEDIA_TYPES[format], body: JSON.stringify(document) };
}

function jsonApi(
  problems: readonly Problem<string>[],
  kindOf: (code: string) => ErrorKind,
  requestId: string,
): object {
  return {
    jsonapi: { version: '1.1' },
    errors: problems.map(({ code, detail, source }, index) => ({
      id: index === 0 ? requestId : `${requestId}#${index}`,
      status: String(kindOf(code).status),
      code,
      title: kindOf(code).title,
      detail,
      ...(source === undefined ? {} : { source }),
    })),
    meta: { requestId },
  };
}

/** RFC 9457; further problems stand in `errors`, as its section 3 shows. */
function problemDetails(
  problems: readonly [Problem<string>, ...Problem<string>[]],
  title: string,
  status: number,
  requestId: string,
): object {
  const [{ code, detail, source }] = problems;
  return {
    title,
    status,
    detail,
    code,
    requestId,
    ...(source === undefined ? {} : { source }),
    ...(problems.length === 1 ? {} : { errors: problems }),
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

/** Hono's own refusals (`HTTPException`) by status; any other below 500 is a request that can't be served. */
const BY_STATUS: Readonly<Record<number, KitErrorCode>> = {
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  406: 'not_acceptable',
  408: 'receive_timeout',
  413: 'body_too_large',
  415: 'unsupported_media_type',
  503: 'dependency_unavailable',
};

/**
 * Any thrown value as a {@link ServiceError}: transient failures of AWS are 503, refusals of Hono
 * keep their status, what is unknown is 500.
 */
export function toServiceError(error: unknown): ServiceError<string> {
  if (error instanceof ServiceError) return error as ServiceError<string>;
  if (isTransient(error)) {
    return new ServiceError<string>(
      {
        code: 'dependency_unavailable',
        detail:
          'A service that this one needs did not answer. Nothing was half written; try again.',
      },
      { cause: error, retryAfterSeconds: 2 },
    );
  }
  if (error instanceof HTTPException && (error.status < 500 || error.status in BY_STATUS)) {
    const isJson = /malformed json/i.test(error.message);
    const code = isJson ? 'malformed_json' : (BY_STATUS[error.status] ?? 'invalid_request');
    const detail = isJson ? 'The body is not JSON.' : 'The request can not be understood.';
    return new ServiceError<string>(
      { code, detail, ...(isJson ? { source: { pointer: '' } } : {}) },
      { cause: error },
    );
  }
  return new ServiceError<string>(
    { code: 'internal', detail: 'The service failed. Report it with the request id.' },
    { cause: error },
  );
}
