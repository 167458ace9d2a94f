// The origin of the distribution: a VPC origin to the load balancer, or the API over HTTPS.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import * as random from '@pulumi/random';
import { ORIGIN_KEEP_ALIVE_SECONDS } from '../../contracts/connections';

/** Creating a VPC origin can outlast the provider's 15 minutes (terraform-aws-cloudfront#163). */
const VPC_ORIGIN_TIMEOUTS = { create: '60m', update: '60m', delete: '60m' };

/** An internal load balancer, reached through a VPC origin. */
export interface LoadBalancerOrigin {
  readonly kind: 'load-balancer';
  /** ARN of the internal load balancer. */
  loadBalancerArn: pulumi.Input<string>;
  /** Its DNS name. */
  domainName: pulumi.Input<string>;
  /** `https-only` needs a certificate for the own domain on the listener. */
  protocol: 'http-only' | 'https-only';
  /** Port of the listener. */
  port: number;
  /** VPC of the load balancer. */
  vpcId: pulumi.Input<string>;
  /** The load balancer's group, which has no ingress rule but the one that is added here. */
  securityGroupId: pulumi.Input<string>;
}

/** An API Gateway endpoint, reached over HTTPS; the origin secret is what keeps others out. */
export interface ApiOrigin {
  readonly kind: 'api';
  /** Host name of the API's endpoint. */
  domainName: pulumi.Input<string>;
}

/** What the distribution says about its origin, but for its id and headers. */
export type OriginSettings = Omit<
  aws.types.input.cloudfront.DistributionOrigin,
  'originId' | 'customHeaders'
>;

/** Makes the VPC origin and lets it, and nothing else, reach the load balancer. */
export function vpcOrigin(
  name: string,
  origin: LoadBalancerOrigin,
  readTimeoutSeconds: number,
  parent: pulumi.Resource,
): OriginSettings {
  const endpoint = {
    arn: origin.loadBalancerArn,
    httpPort: origin.protocol === 'http-only' ? origin.port : 80,
    httpsPort: origin.protocol === 'https-only' ? origin.port : 443,
    originProtocolPolicy: origin.protocol,
  };
  // The name is new whenever the endpoint is, so that a replacement can exist beside the old one.
  const suffix = new random.RandomId(
    `${name}-vpc-origin-suffix`,
    {
      byteLength: 4,
      keepers: {
        arn: origin.loadBalancerArn,
        protocol: origin.protocol,
        port: String(origin.port),
      },
    },
    { parent },
  );
  const resource = new aws.cloudfront.VpcOrigin(
    `${name}-vpc-origin`,
    {
      vpcOriginEndpointConfig: {
        ...endpoint,
        name: pulumi.interpolate`${name}-${suffix.hex}`,
        originSslProtocols: { items: ['TLSv1.2'], quantity: 1 },
      },
      timeouts: VPC_ORIGIN_TIMEOUTS,
    },
    {
      parent,
      // AWS refuses every update, even of tags, while a distribution uses the origin
      // (terraform-provider-aws#40905): replace it, and leave the tags alone.
      replaceOnChanges: ['vpcOriginEndpointConfig'],
      ignoreChanges: ['tags', 'tagsAll'],
    },
  );
  admitCloudFront(name, origin, resource, parent);
  return {
    domainName: origin.domainName,
    vpcOriginConfig: {
      vpcOriginId: resource.id,
      originReadTimeout: readTimeoutSeconds,
      originKeepaliveTimeout: ORIGIN_KEEP_ALIVE_SECONDS,
    },
    connectionAttempts: 2,
    connectionTimeout: 5,
  };
}

/**
 * Lets the VPC origin's network interfaces, and nothing else, reach the load balancer. CloudFront
 * makes their group with the first VPC origin of a VPC, under this name in every account.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html
 */
function admitCloudFront(
  name: string,
  origin: LoadBalancerOrigin,
  vpcOriginResource: aws.cloudfront.VpcOrigin,
  parent: pulumi.Resource,
): void {
  const service = aws.ec2.getSecurityGroupOutput(
    { vpcId: origin.vpcId, name: 'CloudFront-VPCOrigins-Service-SG' },
    { parent, dependsOn: [vpcOriginResource] },
  );
  new aws.vpc.SecurityGroupIngressRule(
    `${name}-from-cloudfront`,
    {
      description: 'The VPC origin of the distribution.',
      securityGroupId: origin.securityGroupId,
      referencedSecurityGroupId: service.apply((group) => group.id),
      ipProtocol: 'tcp',
      fromPort: origin.port,
      toPort: origin.port,
    },
    { parent },
  );
}

/** The API as an origin on the public internet. */
export function apiOrigin(origin: ApiOrigin, readTimeoutSeconds: number): OriginSettings {
  return {
    domainName: origin.domainName,
    customOriginConfig: {
      httpPort: 80,
      httpsPort: 443,
      originProtocolPolicy: 'https-only',
      originSslProtocols: ['TLSv1.2'],
      originReadTimeout: readTimeoutSeconds,
      originKeepaliveTimeout: ORIGIN_KEEP_ALIVE_SECONDS,
    },
    connectionAttempts: 2,
    connectionTimeout: 5,
  };
}
