// The answers that the edge gives itself: JSON:API errors, and CORS preflights.
import type { CloudFrontHeaders, CloudFrontResultResponse } from 'aws-lambda';
import { CORS_HEADERS } from '../contracts/headers';
import type { EdgeDenyReason } from '../contracts/metrics';
import { ALLOWED_METHODS, type Scope } from '../contracts/scopes';

interface Answer {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
}

const CHALLENGE = 'realm="gatehouse"';

/** One answer for every key that is not good: who tries keys learns nothing from it. */
const INVALID_KEY: Answer = {
  status: 401,
  title: 'Unauthorized',
  detail: 'The API key is not valid. Ask the owner of this API for a new one.',
};

const UNAVAILABLE: Answer = {
  status: 503,
  title: 'Service Unavailable',
  detail: 'The API key can not be checked at the moment. Try again in a few seconds.',
};

const ANSWERS: Readonly<Record<EdgeDenyReason, Answer>> = {
  'no-credential': {
    status: 401,
    title: 'Unauthorized',
    detail:
      'No API key was sent. Send it as "x-api-key: KEY", as "Authorization: Bearer KEY" or by ' +
      'HTTP Basic authentication with the key id as user name.',
  },
  'malformed-key': {
    status: 401,
    title: 'Unauthorized',
    detail: 'What was sent is no API key. Check that it was copied whole and unchanged.',
  },
  'other-environment': INVALID_KEY,
  'unknown-key': INVALID_KEY,
  'wrong-secret': INVALID_KEY,
  revoked: INVALID_KEY,
  expired: INVALID_KEY,
  'bad-record': INVALID_KEY,
  'several-credentials': {
    status: 400,
    title: 'Bad Request',
    detail: 'More than one credential was sent. Send one API key, in one header, once.',
  },
  path: {
    status: 400,
    title: 'Bad Request',
    detail:
      'The path is ambiguous. Send it without dot segments, empty segments, backslashes and ' +
      'encoded slashes, dots or percent signs.',
  },
  method: {
    status: 405,
    title: 'Method Not Allowed',
    detail: `The method is not one of ${ALLOWED_METHODS.join(', ')}.`,
  },
  scope: { status: 403, title: 'Forbidden', detail: 'The API key lacks a scope.' },
  'store-unavailable': UNAVAILABLE,
  internal: UNAVAILABLE,
};

/** Seconds after which a client may try again when the store could not be reached. */
const RETRY_AFTER_SECONDS = 5;

/** @param scope the scope that was missing, when the reason is `scope`. */
export function denial(reason: EdgeDenyReason, scope?: Scope): CloudFrontResultResponse {
  const { status, title, detail } = ANSWERS[reason];
  const error = {
    status: String(status),
    // Only what the caller may know: reasons that tell keys apart stay in the log.
    code: title.toLowerCase().replaceAll(' ', '-'),
    title,
    detail: scope === undefined ? detail : `The API key lacks the scope "${scope}".`,
  };
  return {
    status: String(status),
    statusDescription: title,
    headers: {
      ...header('Content-Type', 'application/vnd.api+json'),
      ...header('Cache-Control', 'no-store'),
      ...challenge(status, reason, scope),
    },
    body: JSON.stringify({ jsonapi: { version: '1.1' }, errors: [error] }),
  };
}

/** Answers a preflight of an origin that is allowed. */
export function preflight(maxAgeSeconds: number): CloudFrontResultResponse {
  return {
    status: '204',
    statusDescription: 'No Content',
    headers: {
      ...header('Access-Control-Allow-Methods', ALLOWED_METHODS.join(', ')),
      ...header('Access-Control-Allow-Headers', CORS_HEADERS.request.join(', ')),
      ...header('Access-Control-Max-Age', String(maxAgeSeconds)),
      ...header('Cache-Control', 'no-store'),
    },
  };
}

/** Lets the page at `origin` read an answer of the edge; credentials are never allowed. */
export function allowOrigin(
  response: CloudFrontResultResponse,
  origin: string,
): CloudFrontResultResponse {
  return {
    ...response,
    headers: {
      ...response.headers,
      ...header('Access-Control-Allow-Origin', origin),
      ...header('Vary', 'Origin'),
    },
  };
}

/** One header in CloudFront's form; several values become several lines. */
export function header(name: string, ...values: string[]): CloudFrontHeaders {
  return { [name.toLowerCase()]: values.map((value) => ({ key: name, value })) };
}

/** RFC 6750, section 3: an error code only when a credential was sent. */
function challenge(status: number, reason: EdgeDenyReason, scope?: Scope): CloudFrontHeaders {
  switch (status) {
    case 401: {
      const error = reason === 'no-credential' ? '' : ', error="invalid_token"';
      // A header each: Chromium asks its user for nothing when two challenges share one.
      return header('WWW-Authenticate', `Bearer ${CHALLENGE}${error}`, `Basic ${CHALLENGE}`);
    }
    case 403:
      return header(
        'WWW-Authenticate',
        `Bearer ${CHALLENGE}, error="insufficient_scope", scope="${scope}"`,
      );
    case 405:
      return header('Allow', ALLOWED_METHODS.join(', '));
    case 503:
      return header('Retry-After', String(RETRY_AFTER_SECONDS));
    default:
      return {};
  }
}
