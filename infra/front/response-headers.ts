// The headers that CloudFront adds to answers: security headers, and CORS for those that the origin gave.
import * as aws from '@pulumi/aws';
import type * as pulumi from '@pulumi/pulumi';

import { ALLOWED_METHODS } from '../../contracts/access';
import { CORS_HEADERS, CORS_MAX_AGE_SECONDS } from '../../contracts/headers';

/** Security headers for every answer, and CORS where pages of other origins may call. */
export function responseHeaders(
  name: string,
  corsOrigins: readonly string[],
  parent: pulumi.Resource,
): aws.cloudfront.ResponseHeadersPolicy {
  return new aws.cloudfront.ResponseHeadersPolicy(
    `${name}-headers`,
    {
      comment: 'Security headers, and CORS for the origins that may call.',
      securityHeadersConfig: {
        strictTransportSecurity: {
          accessControlMaxAgeSec: 63_072_000,
          includeSubdomains: true,
          preload: false,
          override: true,
        },
        contentTypeOptions: { override: true },
        frameOptions: { frameOption: 'DENY', override: true },
        referrerPolicy: { referrerPolicy: 'no-referrer', override: true },
        // The service's own policy wins: its documentation page needs a wider one.
        contentSecurityPolicy: {
          contentSecurityPolicy: "default-src 'none'; frame-ancestors 'none'",
          override: false,
        },
      },
      customHeadersConfig: {
        items: [{ header: 'cache-control', value: 'no-store', override: false }],
      },
      ...(corsOrigins.length === 0 ? {} : { corsConfig: cors(corsOrigins) }),
      removeHeadersConfig: { items: [{ header: 'server' }, { header: 'x-powered-by' }] },
    },
    { parent },
  );
}

/**
 * CloudFront documents its policies for answers from the cache and from the origin, and says nothing
 * of those that a function gives: the edge sets the headers of its own answers itself. Should the
 * policy reach those too, `originOverride` puts the same value in their place and none is there twice.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/modifying-response-headers.html
 */
function cors(
  origins: readonly string[],
): aws.types.input.cloudfront.ResponseHeadersPolicyCorsConfig {
  return {
    // A key is sent by the page's code; cookies and a browser's own credentials never are.
    accessControlAllowCredentials: false,
    accessControlAllowOrigins: { items: origins.includes('*') ? ['*'] : [...origins] },
    accessControlAllowMethods: { items: [...ALLOWED_METHODS] },
    accessControlAllowHeaders: { items: [...CORS_HEADERS.request] },
    accessControlExposeHeaders: { items: [...CORS_HEADERS.response] },
    accessControlMaxAgeSec: CORS_MAX_AGE_SECONDS,
    originOverride: true,
  };
}
