// CloudFront: the only way in, by a VPC origin to the internal load balancer or by HTTPS to the API.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';

import { ORIGIN_SECRET_HEADER } from '../../contracts/headers';
import { responseHeaders } from './response-headers';
import { apiOrigin, vpcOrigin } from './origin';
import type { ApiOrigin, LoadBalancerOrigin, OriginSettings } from './origin';

/**
 * Ids of AWS's managed policies, the same in every account.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html
 */
export const MANAGED_POLICIES = {
  cachingDisabled: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad',
  allViewer: '216adef6-5c7f-47e4-b989-5492eafa07d3',
  allViewerExceptHostHeader: 'b689b0a8-53d0-40ab-baf2-68738e2966ac',
} as const;

/** Never changes: a new id reads as a removed and an added origin (pulumi-aws#5229). */
const ORIGIN_ID = 'service';

/** The own domain. */
export interface EdgeDomain {
  /** Domain name, for example `api.example.com`. */
  name: string;
  /** Id of its Route 53 hosted zone. */
  zoneId: pulumi.Input<string>;
  /** ARN of a validated certificate in us-east-1. */
  certificateArn: pulumi.Input<string>;
}

/** What {@link Edge} needs. */
export interface EdgeArgs {
  /** Where requests go. */
  origin: LoadBalancerOrigin | ApiOrigin;
  /** Secret that the origin accepts requests by; kept as a secret in the state. */
  originSecret: pulumi.Input<string>;
  /**
   * Longest time that the service gives a request, in seconds, at most 55: CloudFront waits a little
   * longer, so that the service's own answer arrives and not CloudFront's 504.
   */
  requestTimeoutSeconds: number;
  /** The API-key check, with its version. */
  edgeFunctionArn: pulumi.Input<string>;
  /** ARN of the web ACL. */
  webAclArn: pulumi.Input<string>;
  /** Origins whose pages may read answers, or `*`. @default none */
  corsOrigins?: readonly string[];
  /** Own domain. @default CloudFront's own name and certificate */
  domain?: EdgeDomain;
  /** Where in the world CloudFront answers. @default PriceClass_100 */
  priceClass?: 'PriceClass_100' | 'PriceClass_200' | 'PriceClass_All';
  /** Refuses deletion and replacement of the distribution. */
  protect: boolean;
}

/** The distribution with all that it is made of. */
export class Edge extends pulumi.ComponentResource {
  /** Where clients call, without a trailing slash. */
  readonly url: pulumi.Output<string>;
  /** Id of the distribution: the `DistributionId` dimension of its metrics. */
  readonly distributionId: pulumi.Output<string>;
  /** ARN of the distribution. */
  readonly distributionArn: pulumi.Output<string>;

  constructor(name: string, args: EdgeArgs, opts?: pulumi.ComponentResourceOptions) {
    super('gatehouse:infra:Edge', name, {}, opts);
    const readTimeout = args.requestTimeoutSeconds + 5;
    const origin =
      args.origin.kind === 'load-balancer'
        ? vpcOrigin(name, args.origin, readTimeout, this)
        : apiOrigin(args.origin, readTimeout);
    const headers = responseHeaders(name, args.corsOrigins ?? [], this);
    const distribution = distributionOf(name, args, origin, headers, this);
    extraMetrics(name, distribution, this);
    if (args.domain !== undefined) records(name, args.domain, distribution, this);
    this.distributionId = distribution.id;
    this.distributionArn = distribution.arn;
    this.url = pulumi.interpolate`https://${args.domain?.name ?? distribution.domainName}`;
    this.registerOutputs({ url: this.url, distributionId: this.distributionId });
  }
}

function distributionOf(
  name: string,
  args: EdgeArgs,
  origin: OriginSettings,
  headers: aws.cloudfront.ResponseHeadersPolicy,
  parent: pulumi.Resource,
): aws.cloudfront.Distribution {
  const { domain } = args;
  const secret = pulumi.secret(args.originSecret);
  return new aws.cloudfront.Distribution(
    `${name}-cdn`,
    {
      comment: `${name}: API behind an API-key check`,
      enabled: true,
      isIpv6Enabled: true,
      httpVersion: 'http2and3',
      priceClass: args.priceClass ?? 'PriceClass_100',
      aliases: domain === undefined ? [] : [domain.name],
      webAclId: args.webAclArn,
      origins: [
        {
          ...origin,
          originId: ORIGIN_ID,
          customHeaders: [{ name: ORIGIN_SECRET_HEADER, value: secret }],
        },
      ],
      defaultCacheBehavior: {
        targetOriginId: ORIGIN_ID,
        // Not a redirect: a key must not travel in clear even once.
        viewerProtocolPolicy: 'https-only',
        allowedMethods: ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'],
        cachedMethods: ['GET', 'HEAD'],
        compress: true,
        cachePolicyId: MANAGED_POLICIES.cachingDisabled,
        // API Gateway routes by Host and knows only its own.
        originRequestPolicyId:
          args.origin.kind === 'api'
            ? MANAGED_POLICIES.allViewerExceptHostHeader
            : MANAGED_POLICIES.allViewer,
        responseHeadersPolicyId: headers.id,
        lambdaFunctionAssociations: [
          { eventType: 'viewer-request', lambdaArn: args.edgeFunctionArn, includeBody: false },
        ],
      },
      restrictions: { geoRestriction: { restrictionType: 'none', locations: [] } },
      viewerCertificate: viewerCertificate(domain),
      waitForDeployment: true,
      retainOnDelete: false,
      staging: false,
    },
    { parent, protect: args.protect },
  );
}

/** CloudFront's own certificate comes with TLSv1 and no choice; an own domain gets 1.2 or newer. */
function viewerCertificate(
  domain: EdgeDomain | undefined,
): aws.types.input.cloudfront.DistributionViewerCertificate {
  if (domain === undefined) return { cloudfrontDefaultCertificate: true };
  return {
    acmCertificateArn: domain.certificateArn,
    minimumProtocolVersion: 'TLSv1.2_2021',
    sslSupportMethod: 'sni-only',
  };
}

/** Error rates by status and origin latency cost extra and are what the dashboards are made of. */
function extraMetrics(
  name: string,
  distribution: aws.cloudfront.Distribution,
  parent: pulumi.Resource,
): void {
  new aws.cloudfront.MonitoringSubscription(
    `${name}-cdn-metrics`,
    {
      distributionId: distribution.id,
      monitoringSubscription: {
        realtimeMetricsSubscriptionConfig: { realtimeMetricsSubscriptionStatus: 'Enabled' },
      },
    },
    { parent },
  );
}

function records(
  name: string,
  domain: EdgeDomain,
  distribution: aws.cloudfront.Distribution,
  parent: pulumi.Resource,
): void {
  for (const type of ['A', 'AAAA', 'HTTPS']) {
    new aws.route53.Record(
      `${name}-dns-${type.toLowerCase()}`,
      {
        zoneId: domain.zoneId,
        name: domain.name,
        type,
        aliases: [
          {
            name: distribution.domainName,
            zoneId: distribution.hostedZoneId,
            evaluateTargetHealth: false,
          },
        ],
      },
      { parent },
    );
  }
}
