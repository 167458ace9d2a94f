// What a request may wait for, and how many may wait.

/**
 * A task refuses above 500 requests in it: what one Node process holds without falling over.
 * CloudFront gives an origin 30 seconds.
 */
export const REQUEST_LIMITS = { queueLimit: 500, timeoutMs: 30_000 };
