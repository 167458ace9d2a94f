// How long idle connections are kept on the way of a request: each party longer than the one before it.
// Who closes first must not be the one that a request is being sent to.

/** Seconds that CloudFront keeps an idle connection to its origin; 60 is the most that it can. */
export const ORIGIN_KEEP_ALIVE_SECONDS = 60;

/** Seconds that the load balancer keeps one, to CloudFront and to a task alike. */
export const BALANCER_IDLE_SECONDS = ORIGIN_KEEP_ALIVE_SECONDS + 5;

/**
 * Seconds that the service keeps one. A target that closes first, or at the same moment, is a 502.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html
 */
export const SERVICE_KEEP_ALIVE_SECONDS = BALANCER_IDLE_SECONDS + 10;
