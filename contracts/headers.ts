// Headers that travel between the client, the edge function, CloudFront and the service.

/** Carries the API key from the client to the edge; the edge removes it. */
export const API_KEY_HEADER = 'x-api-key';

/**
 * Ways of sending a key that a stack accepts: in {@link API_KEY_HEADER} alone, or `any`, which is
 * `Authorization: Bearer KEY` and `Authorization: Basic base64(keyId:secret)` besides. WAF counts the
 * requests of a key by a header's value, before anybody reads it: each way has a limit of its own.
 */
export const KEY_FORMS = ['x-api-key', 'any'] as const;

export type KeyForms = (typeof KEY_FORMS)[number];

/**
 * Identity that the edge vouches for. The edge drops every client copy of these and sets its own;
 * the service honours them only together with {@link ORIGIN_SECRET_HEADER}.
 */
export const IDENTITY_HEADERS = {
  /** Id of the API key, for example `4fJ9xQ2mZb7K`. */
  keyId: 'x-gatehouse-key-id',
  /** E-mail address of the key's owner. */
  owner: 'x-gatehouse-owner',
  /** Scopes, separated by single spaces. */
  scopes: 'x-gatehouse-scopes',
} as const;

/** Tells the service how long the edge took (`writeEdgeTiming`); it makes the edge's span of it. */
export const EDGE_TIMING_HEADER = 'x-gatehouse-edge-timing';

/** W3C trace context; the edge puts its own place in the trace there, in the caller's trace if there is one. */
export const TRACEPARENT_HEADER = 'traceparent';

/** Secret that CloudFront adds to every request to the origin: proof that the edge was passed. */
export const ORIGIN_SECRET_HEADER = 'x-gatehouse-origin-secret';

/** Every header of this prefix belongs to the platform; the edge drops all that a client sends. */
export const PLATFORM_HEADER_PREFIX = 'x-gatehouse-';

/**
 * Id of the request, on every answer: CloudFront's where the edge answers itself, else made by the
 * service unless the caller sends one.
 */
export const REQUEST_ID_HEADER = 'x-request-id';

/** CloudFront's id of the request: it sets the header itself, and its logs and the edge's have the id. */
export const CLOUDFRONT_ID_HEADER = 'x-amz-cf-id';

/** What a page of another origin may send and read (CORS); the same at the edge and from the origin. */
export const CORS_HEADERS = {
  request: [
    'authorization',
    'content-type',
    'accept',
    'idempotency-key',
    'if-match',
    TRACEPARENT_HEADER,
    API_KEY_HEADER,
  ],
  /** Besides those that every page may read (the Fetch standard's safelist). */
  response: ['etag', 'location', 'retry-after', REQUEST_ID_HEADER],
} as const;

/** How long a browser may remember a preflight, in seconds; Chromium's longest is two hours. */
export const CORS_MAX_AGE_SECONDS = 600;
