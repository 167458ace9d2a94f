// Errors that the edge answers, and those of them that a service answers alike: code, status, title.

/** HTTP status and title by code; a service's own codes come on top of these. */
export const GATE_ERRORS = {
  /** No key, or none that is good. */
  unauthenticated: { status: 401, title: 'Not authenticated' },
  /** The key is good and lacks the scope that a rule asks for. */
  missing_scope: { status: 403, title: 'Missing scope' },
  /** The key is good, and no rule allows the method on the path to any key. */
  forbidden: { status: 403, title: 'Forbidden' },
  /** The edge alone: the key is good, and bound to other addresses than the client's. */
  address_not_allowed: { status: 403, title: 'Address not allowed' },
  /** A method that the platform does not take, or that a path has not. */
  method_not_allowed: { status: 405, title: 'Method not allowed' },
  /** Something that the answer depends on can't be reached. */
  dependency_unavailable: { status: 503, title: 'Temporarily unavailable' },
  /** The edge alone: more than one credential. */
  several_credentials: { status: 400, title: 'Several credentials' },
  /** The edge alone: a path that two servers could read differently. */
  ambiguous_path: { status: 400, title: 'Ambiguous path' },
} as const;

export type GateErrorCode = keyof typeof GATE_ERRORS;

/** Media types of error documents: JSON:API 1.1, and problem details of RFC 9457. */
export const ERROR_MEDIA_TYPES = {
  'json-api': 'application/vnd.api+json',
  problem: 'application/problem+json',
} as const;

/** Which of the two an API answers its errors in. */
export type ErrorFormat = keyof typeof ERROR_MEDIA_TYPES;
