// What AWS takes and what it refuses: name lengths, sizes, days, regions; each limit once, with its source.

/**
 * Region of CloudFront and of everything that it takes by ARN: certificate, web ACL, edge function,
 * log delivery, metrics.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-functions-restrictions.html
 */
export const GLOBAL_REGION = 'us-east-1';

/** The form of a region's name: `eu-central-1`. */
export const REGION = /^[a-z]{2}(-[a-z]+)+-\d$/;

/** Characters that Pulumi appends to a logical name: a dash and seven hexadecimal digits. */
export const NAME_SUFFIX_LENGTH = 8;

/**
 * Longest physical names by resource type, in characters, suffix included; from the API reference
 * of each service.
 */
export const NAME_LIMITS: Readonly<Record<string, number | undefined>> = {
  // https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
  'aws:lb/loadBalancer:LoadBalancer': 32,
  'aws:lb/targetGroup:TargetGroup': 32,
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
  'aws:iam/role:Role': 64,
  'aws:iam/rolePolicy:RolePolicy': 128,
  'aws:lambda/function:Function': 64,
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
  'aws:s3/bucket:Bucket': 63,
  'aws:ec2/securityGroup:SecurityGroup': 255,
  'aws:ecs/service:Service': 255,
  'aws:ecs/cluster:Cluster': 255,
  'aws:dynamodb/table:Table': 255,
  'aws:sns/topic:Topic': 256,
  'aws:secretsmanager/secret:Secret': 512,
  'aws:wafv2/webAcl:WebAcl': 128,
  'aws:wafv2/ipSet:IpSet': 128,
  'aws:cloudwatch/metricAlarm:MetricAlarm': 255,
  'aws:cloudwatch/logGroup:LogGroup': 512,
  // https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutDeliverySource.html
  'aws:cloudwatch/logDeliverySource:LogDeliverySource': 60,
  'aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination': 60,
  'aws:ecr/repository:Repository': 256,
};

/**
 * Smallest share of the requests that a canary may get, and the one that AWS takes, in percent. AWS
 * counts in tenths.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CanaryConfiguration.html
 */
export const CANARY_PERCENT = { min: 0.1, default: 5 };

/**
 * Minutes that a canary is judged, or an old revision kept after the shift.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
 */
export const DEPLOYMENT_MINUTES = { min: 0, max: 1440 };

const GIB = 1024;

/**
 * MiB of memory that Fargate offers with each number of CPU units.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html
 */
export const FARGATE_MEMORY: Readonly<Record<string, readonly number[]>> = {
  256: [512, GIB, 2 * GIB],
  512: steps(GIB, 4 * GIB, GIB),
  1024: steps(2 * GIB, 8 * GIB, GIB),
  2048: steps(4 * GIB, 16 * GIB, GIB),
  4096: steps(8 * GIB, 30 * GIB, GIB),
  8192: steps(16 * GIB, 60 * GIB, 4 * GIB),
  16384: steps(32 * GIB, 120 * GIB, 8 * GIB),
};

function steps(from: number, to: number, step: number): number[] {
  return Array.from({ length: (to - from) / step + 1 }, (_, index) => from + index * step);
}

/**
 * MiB of memory that a Lambda function may have.
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const LAMBDA_MEMORY = { min: 128, max: 10_240 } as const;

/**
 * Days that a CloudWatch log group may keep its lines.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
 */
export const LOG_RETENTION_DAYS: readonly number[] = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288,
  3653,
];

/**
 * Characters of the name that a certificate of ACM is made out to, at most.
 * https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html
 */
export const CERTIFICATE_NAME_LENGTH = 64;

/**
 * Prefix lengths, in bits, that a VPC's block may have.
 * https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html
 */
export const VPC_PREFIX = { min: 16, max: 28 } as const;

/**
 * Prefix length, in bits, of the smallest subnet that a load balancer takes: it needs eight free
 * addresses, and a busy one asks for 27.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html
 */
export const BALANCER_SUBNET_PREFIX = 27;

/**
 * Bytes of a body that WAF can inspect in front of CloudFront; what lies beyond passes unread.
 * https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-setting-body-inspection-limit.html
 */
export const WAF_BODY_BYTES = 65_536;

/**
 * Seconds over which WAF counts for a rate rule: 60, 120, 300 or 600. The shortest, for a caller that
 * is over its limit is shut out until the window is below it again: after a minute, not after five.
 * https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-rate-based-high-level-settings.html
 */
export const RATE_WINDOW_SECONDS = 60;

/**
 * Requests in a window that a rate rule of WAF may allow.
 * https://docs.aws.amazon.com/waf/latest/APIReference/API_RateBasedStatement.html
 */
export const WAF_RATE = { min: 10, max: 2_000_000_000 } as const;

/**
 * Requests a second, and at once, that API Gateway takes for all APIs of an account in a region.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
 */
export const API_GATEWAY_RATE = { perSecond: 10_000, burst: 5000 } as const;

/**
 * Executions that a reservation must leave to the other functions of an account in a region.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
 */
export const LAMBDA_UNRESERVED_EXECUTIONS = 100;

/**
 * Seconds that an HTTP API of API Gateway waits for an integration, at most.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
 */
export const API_GATEWAY_TIMEOUT_SECONDS = 30;
