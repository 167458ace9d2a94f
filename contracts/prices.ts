// List prices of what the platform makes: on demand, US dollars, November 2026, by region.
// https://aws.amazon.com/fargate/pricing/ /vpc/pricing/ /elasticloadbalancing/pricing/ /cloudfront/pricing/
// /waf/pricing/ /lambda/pricing/ /dynamodb/pricing/on-demand/ /kms/pricing/ /api-gateway/pricing/
// /cloudwatch/pricing/ /xray/pricing/ /secrets-manager/pricing/ /privatelink/pricing/

/** When the prices were read. */
export const PRICES_DATE = '2026-11';

/** Dollars a unit, alike in every region: CloudFront and what belongs to it is billed globally. */
const GLOBAL = {
  /** CloudFront: an HTTPS request (price of North America; Europe is a fifth more). */
  cloudFrontRequest: 0.000_001,
  /** CloudFront: a GB sent to viewers, first 10 TB. */
  cloudFrontGb: 0.085,
  /** WAF: a web ACL, and each of its rules, for a month. */
  webAclMonth: 5,
  wafRuleMonth: 1,
  /** WAF: a request looked at. */
  wafRequest: 0.000_000_6,
  /** Lambda@Edge: a request, with 5 ms of 128 MB. */
  edgeRequest: 0.000_000_6 + 0.005 * 0.000_006_251_25,
  /** KMS: a customer-managed key for a month. */
  kmsKeyMonth: 1,
  /** KMS: a request. */
  kmsRequest: 0.000_003,
  /** Secrets Manager: a secret for a month. */
  secretMonth: 0.4,
  /** CloudWatch: an alarm on one metric, one composite alarm, a dashboard, for a month. */
  alarmMetricMonth: 0.1,
  compositeAlarmMonth: 0.5,
  dashboardMonth: 3,
  /** CloudWatch: a custom metric for a month, first 10,000. */
  metricMonth: 0.3,
  /** X-Ray: a trace recorded. */
  trace: 0.000_005,
  /** VPC: a public IPv4 address for an hour. */
  publicAddressHour: 0.005,
} as const;

/** Dollars a unit where regions differ. */
interface RegionalPrices {
  /** Fargate, ARM64: a vCPU for an hour, a GB of memory for an hour. */
  readonly fargateVcpuHour: number;
  readonly fargateGbHour: number;
  /** NAT gateway for an hour; a GB through it costs as much. */
  readonly natHour: number;
  /** Interface endpoint in one zone for an hour. */
  readonly endpointHour: number;
  /** Application load balancer for an hour; a capacity unit for an hour. */
  readonly balancerHour: number;
  readonly balancerUnitHour: number;
  /** Lambda, ARM64: a request, a GB for a second. */
  readonly lambdaRequest: number;
  readonly lambdaGbSecond: number;
  /** API Gateway, HTTP API: a request. */
  readonly apiRequest: number;
  /** DynamoDB on demand: a read and a write request unit. */
  readonly dynamoDbRead: number;
  readonly dynamoDbWrite: number;
  /** CloudWatch Logs: a GB taken in. */
  readonly logGb: number;
}

const VIRGINIA: RegionalPrices = {
  fargateVcpuHour: 0.03238,
  fargateGbHour: 0.00356,
  natHour: 0.045,
  endpointHour: 0.01,
  balancerHour: 0.0225,
  balancerUnitHour: 0.008,
  lambdaRequest: 0.000_000_2,
  lambdaGbSecond: 0.000_013_333_4,
  apiRequest: 0.000_001,
  dynamoDbRead: 0.000_000_125,
  dynamoDbWrite: 0.000_000_625,
  logGb: 0.5,
};

const REGIONS: Readonly<Record<string, RegionalPrices>> = {
  'us-east-1': VIRGINIA,
  'us-east-2': VIRGINIA,
  'us-west-2': VIRGINIA,
  'eu-west-1': {
    ...VIRGINIA,
    natHour: 0.048,
    endpointHour: 0.011,
    balancerHour: 0.0252,
    dynamoDbRead: 0.000_000_141_5,
    dynamoDbWrite: 0.000_000_705,
    apiRequest: 0.000_001_11,
    logGb: 0.57,
  },
  'eu-central-1': {
    ...VIRGINIA,
    fargateVcpuHour: 0.03725,
    fargateGbHour: 0.00409,
    natHour: 0.052,
    endpointHour: 0.012,
    balancerHour: 0.027,
    dynamoDbRead: 0.000_000_152_5,
    dynamoDbWrite: 0.000_000_762_5,
    apiRequest: 0.000_001_2,
    logGb: 0.63,
  },
};

export type Prices = typeof GLOBAL &
  RegionalPrices & {
    /** Region whose prices these are: us-east-1 where a region's own are not listed here. */
    readonly region: string;
  };

/** The prices of a region; those of us-east-1, and saying so, where they are not listed here. */
export function pricesOf(region: string): Prices {
  const regional = REGIONS[region];
  return {
    ...GLOBAL,
    ...(regional ?? VIRGINIA),
    region: regional === undefined ? 'us-east-1' : region,
  };
}

/** Dollars that one Fargate task costs in an hour. */
export function taskHour(prices: Prices, cpu: number, memoryMib: number): number {
  const dollars = (cpu / 1024) * prices.fargateVcpuHour + (memoryMib / 1024) * prices.fargateGbHour;
  return Number(dollars.toFixed(6));
}
