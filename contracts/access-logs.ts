// Where access logs lie in the bucket of a stack: the services write there, npm run logs reads.

/** Prefix of the load balancer's access logs in the bucket. */
export const LOAD_BALANCER_LOG_PREFIX = 'alb';

/** Prefix of CloudFront's; below it a folder a distribution, and in that one a day. */
export const CLOUDFRONT_LOG_PREFIX = 'cloudfront';
