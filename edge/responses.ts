// The answers that the edge gives itself: errors in the workload's format, and CORS preflights.
import type { CloudFrontHeaders, CloudFrontResultResponse } from 'aws-lambda';
import { ALLOWED_METHODS } from '../contracts/access';
import {
  ERROR_MEDIA_TYPES,
  GATE_ERRORS,
  type ErrorFormat,
  type GateErrorCode,
} from '../contracts/errors';
import { CORS_HEADERS, CORS_MAX_AGE_SECONDS, REQUEST_ID_HEADER } from '../contracts/headers';
import type { KeyForms } from '../contracts/headers';
import type { EdgeDenyReason } from '../contracts/metrics';

type Answer = readonly [code: GateErrorCode, detail: string];

const CHALLENGE = 'realm="gatehouse"';

/** How to send a key, and the schemes of the challenges that say so. */
const FORMS: Readonly<Record<KeyForms, { how: string; schemes: readonly string[] }>> = {
  // HTTP demands a challenge in every 401 (RFC 9110, section 15.5.2); no registered scheme is a header.
  'x-api-key': { how: 'Send it as "x-api-key: KEY".', schemes: ['ApiKey'] },
  any: {
    how:
      'Send it as "x-api-key: KEY", as "Authorization: Bearer KEY" or by HTTP Basic ' +
      'authentication with the key id as user name.',
    // A header each: Chromium asks its user for nothing when two challenges share one.
    schemes: ['Bearer', 'Basic'],
  },
};

/** One answer for every key that is not good: who tries keys learns nothing from it. */
const INVALID_KEY: Answer = [
  'unauthenticated',
  'The API key is not valid. Ask the owner of this API for a new one.',
];

const UNAVAILABLE: Answer = [
  'dependency_unavailable',
  'The API key can not be checked at the moment. Try again in a few seconds.',
];

/** Only what the caller may know: reasons that tell keys apart stay in the log. */
const ANSWERS: Readonly<Record<EdgeDenyReason, Answer>> = {
  'no-credential': ['unauthenticated', 'No API key was sent.'],
  'key-form': ['unauthenticated', 'A key is not accepted in this form.'],
  'malformed-key': [
    'unauthenticated',
    'What was sent is no API key. Check that it was copied whole and unchanged.',
  ],
  'other-environment': INVALID_KEY,
  'unknown-key': INVALID_KEY,
  'wrong-secret': INVALID_KEY,
  revoked: INVALID_KEY,
  expired: INVALID_KEY,
  'bad-record': INVALID_KEY,
  'several-credentials': [
    'several_credentials',
    'More than one credential was sent. Send one API key, in one header, once.',
  ],
  path: [
    'ambiguous_path',
    'The path is ambiguous. Send it without dot segments, empty segments, backslashes and ' +
      'encoded slashes, dots or percent signs.',
  ],
  method: ['method_not_allowed', `The method is not one of ${ALLOWED_METHODS.join(', ')}.`],
  address: [
    'address_not_allowed',
    'The API key may not be used from your address. Ask the owner of this API to allow it.',
  ],
  scope: ['missing_scope', 'The API key lacks a scope.'],
  'no-rule': ['forbidden', 'No API key may do this.'],
  'store-unavailable': UNAVAILABLE,
  internal: UNAVAILABLE,
};

const SAY_HOW: readonly EdgeDenyReason[] = ['no-credential', 'key-form'];

/** Seconds after which a client may try again when the store could not be reached. */
const RETRY_AFTER_SECONDS = 5;

/** What an answer says besides why. */
export interface Particulars {
  /** CloudFront's id of the request, which the edge's log has, too. */
  readonly requestId: string;
  /** The scope that was missing, when the reason is `scope`. */
  readonly scope?: string;
  /** Methods that some rule has for the path, when the reason is `no-rule`. */
  readonly methods?: readonly string[];
}

/** The answer to a request that was denied. */
export function denial(
  reason: EdgeDenyReason,
  { errors: format, keyForms }: { readonly errors: ErrorFormat; readonly keyForms: KeyForms },
  particulars: Particulars,
): CloudFrontResultResponse {
  const [code, what] = ANSWERS[reason];
  const { how, schemes } = FORMS[keyForms];
  const text = SAY_HOW.includes(reason) ? `${what} ${how}` : what;
  const { status, title } = GATE_ERRORS[code];
  const { requestId, scope, methods } = particulars;
  const detail =
    scope !== undefined
      ? `The API key lacks the scope "${scope}".`
      : `${text}${methods === undefined ? '' : ` Methods on this path: ${methods.join(', ') || 'none'}.`}`;
  // The service's kit writes the same two forms (service/src/kit/errors.ts).
  const document =
    format === 'json-api'
      ? {
          jsonapi: { version: '1.1' },
          errors: [{ id: requestId, status: String(status), code, title, detail }],
          meta: { requestId },
        }
      : { title, status, detail, code, requestId };
  return {
    status: String(status),
    statusDescription: title,
    headers: {
      ...header('Content-Type', ERROR_MEDIA_TYPES[format]),
      ...header('Cache-Control', 'no-store'),
      ...header(REQUEST_ID_HEADER, requestId),
      ...wayOut(status, reason, schemes, particulars),
    },
    body: JSON.stringify(document),
  };
}

/** Answers a preflight of an origin that is allowed. */
export function preflight(): CloudFrontResultResponse {
  return {
    status: '204',
    statusDescription: 'No Content',
    headers: {
      ...header('Access-Control-Allow-Methods', ALLOWED_METHODS.join(', ')),
      ...header('Access-Control-Allow-Headers', CORS_HEADERS.request.join(', ')),
      ...header('Access-Control-Max-Age', String(CORS_MAX_AGE_SECONDS)),
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
      ...header('Access-Control-Expose-Headers', CORS_HEADERS.response.join(', ')),
      ...header('Vary', 'Origin'),
    },
  };
}

/** One header in CloudFront's form; several values become several lines. */
export function header(name: string, ...values: string[]): CloudFrontHeaders {
  return { [name.toLowerCase()]: values.map((value) => ({ key: name, value })) };
}

/** What the client may do about it: which credential, which methods, when to come back. */
function wayOut(
  status: number,
  reason: EdgeDenyReason,
  schemes: readonly string[],
  { scope, methods }: Particulars,
): CloudFrontHeaders {
  if (status === 401) {
    // RFC 6750, section 3: an error code only when a credential was sent.
    const error = reason === 'no-credential' ? '' : ', error="invalid_token"';
    return header(
      'WWW-Authenticate',
      ...schemes.map((scheme) => `${scheme} ${CHALLENGE}${scheme === 'Bearer' ? error : ''}`),
    );
  }
  if (scope !== undefined) {
    return header(
      'WWW-Authenticate',
      `${String(schemes[0])} ${CHALLENGE}, error="insufficient_scope", scope="${scope}"`,
    );
  }
  if (status === 405 || methods?.length) {
    return header('Allow', (methods ?? ALLOWED_METHODS).join(', '));
  }
  return status === 503 ? header('Retry-After', String(RETRY_AFTER_SECONDS)) : {};
}
