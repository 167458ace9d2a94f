// List prices that the cost graph counts with: on demand, us-east-1, US dollars, November 2026.
// https://aws.amazon.com/fargate/pricing/ /cloudfront/pricing/ /waf/pricing/ /lambda/pricing/
// /dynamodb/pricing/on-demand/ /kms/pricing/ /api-gateway/pricing/

/** Dollars for each unit of what grows with traffic; what is paid for standing still is not here. */
export const PRICES = {
  /** Fargate, ARM64: a vCPU for an hour. */
  fargateVcpuHour: 0.03238,
  /** Fargate, ARM64: a GB of memory for an hour. */
  fargateGbHour: 0.00356,
  /** CloudFront: an HTTPS request. */
  cloudFrontRequest: 0.000_001,
  /** WAF: a request looked at. */
  wafRequest: 0.000_000_6,
  /** Lambda@Edge: a request, with 5 ms of 128 MB. */
  edgeRequest: 0.000_000_6 + 0.005 * 0.000_006_251_25,
  /** Lambda, ARM64: a request. */
  lambdaRequest: 0.000_000_2,
  /** Lambda, ARM64: a GB for a second. */
  lambdaGbSecond: 0.000_013_333_4,
  /** API Gateway, HTTP API: a request. */
  apiRequest: 0.000_001,
  /** DynamoDB on demand: a read request unit. */
  dynamoDbRead: 0.000_000_125,
  /** DynamoDB on demand: a write request unit. */
  dynamoDbWrite: 0.000_000_625,
  /** KMS: a request. */
  kmsRequest: 0.000_003,
} as const;

/** Dollars that one Fargate task costs in an hour. */
export function taskHour(cpu: number, memoryMib: number): number {
  const dollars = (cpu / 1024) * PRICES.fargateVcpuHour + (memoryMib / 1024) * PRICES.fargateGbHour;
  return Number(dollars.toFixed(6));
}
