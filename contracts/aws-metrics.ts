// Metrics that AWS emits for the platform's resources: which, by which dimensions, and from what.
import { GLOBAL_REGION, REGION } from './aws-limits';

/** Where the values of a dimension come from. */
export type DimensionSource =
  | {
      /** Type of the resource, and the property of it that is the dimension's value. */
      readonly type: string;
      readonly property: string;
    }
  | {
      /** The values that there are. */
      readonly values: readonly string[];
    }
  | {
      /** Anything of this form; what it may be is decided elsewhere. */
      readonly pattern: RegExp;
    };

/** A namespace's metrics that share their dimensions. */
export interface AwsMetricFamily {
  readonly namespace: string;
  readonly names: readonly string[];
  readonly dimensions: Readonly<Record<string, DimensionSource>>;
  /** Region that they are in. @default the resource's */
  readonly region?: string;
  /** Statistics that hold for them. @default all that CloudWatch has */
  readonly statistics?: RegExp;
  /** Resource without which AWS does not emit them. */
  readonly needs?: string;
  readonly documentation: string;
}

const LOAD_BALANCER = { type: 'aws:lb/loadBalancer:LoadBalancer', property: 'arnSuffix' };
const CLOUDFRONT = {
  namespace: 'AWS/CloudFront',
  dimensions: {
    DistributionId: { type: 'aws:cloudfront/distribution:Distribution', property: 'id' },
    Region: { values: ['Global'] },
  },
  region: GLOBAL_REGION,
  documentation:
    'https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/programming-cloudwatch-metrics.html',
};
const FURTHER_METRICS = 'aws:cloudfront/monitoringSubscription:MonitoringSubscription';
const ECS = {
  ClusterName: { type: 'aws:ecs/cluster:Cluster', property: 'name' },
  ServiceName: { type: 'aws:ecs/service:Service', property: 'name' },
};
const TABLE = { type: 'aws:dynamodb/table:Table', property: 'name' };

/** Every AWS metric that the platform may draw or be alarmed by. */
export const AWS_METRICS: readonly AwsMetricFamily[] = [
  {
    namespace: 'AWS/Logs',
    names: ['IncomingBytes'],
    dimensions: {
      LogGroupName: { type: 'aws:cloudwatch/logGroup:LogGroup', property: 'name' },
    },
    documentation:
      'https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Monitoring-CloudWatch-Metrics.html',
  },
  {
    ...CLOUDFRONT,
    names: ['Requests', 'BytesDownloaded', 'LambdaExecutionError'],
    statistics: /^Sum$/,
  },
  {
    ...CLOUDFRONT,
    names: ['4xxErrorRate', '5xxErrorRate'],
    statistics: /^Average$/,
  },
  {
    ...CLOUDFRONT,
    names: ['401', '403', '404', '502', '503', '504'].map((status) => `${status}ErrorRate`),
    statistics: /^Average$/,
    needs: FURTHER_METRICS,
  },
  {
    ...CLOUDFRONT,
    names: ['OriginLatency'],
    statistics: /^p\d/,
    needs: FURTHER_METRICS,
  },
  {
    namespace: 'AWS/WAFV2',
    names: ['AllowedRequests', 'BlockedRequests', 'CountedRequests'],
    dimensions: {
      WebACL: { type: 'aws:wafv2/webAcl:WebAcl', property: 'visibilityConfig.metricName' },
      Rule: { pattern: /^(ALL|[a-z-]+)$/ },
    },
    region: GLOBAL_REGION,
    documentation: 'https://docs.aws.amazon.com/waf/latest/developerguide/waf-metrics.html',
  },
  {
    namespace: 'AWS/ApplicationELB',
    names: [
      'RequestCount',
      'RequestCountPerTarget',
      'TargetResponseTime',
      'HTTPCode_Target_2XX_Count',
      'HTTPCode_Target_4XX_Count',
      'HTTPCode_Target_5XX_Count',
      'HealthyHostCount',
      'UnHealthyHostCount',
    ],
    dimensions: {
      LoadBalancer: LOAD_BALANCER,
      TargetGroup: { type: 'aws:lb/targetGroup:TargetGroup', property: 'arnSuffix' },
    },
    documentation:
      'https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html',
  },
  {
    namespace: 'AWS/ApplicationELB',
    // What its targets answer, it counts for itself, too, over all of its target groups.
    names: [
      'HTTPCode_ELB_5XX_Count',
      'RequestCount',
      'TargetResponseTime',
      'HTTPCode_Target_2XX_Count',
      'HTTPCode_Target_4XX_Count',
      'HTTPCode_Target_5XX_Count',
    ],
    dimensions: { LoadBalancer: LOAD_BALANCER },
    documentation:
      'https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html',
  },
  {
    namespace: 'AWS/ECS',
    names: ['CPUUtilization', 'MemoryUtilization'],
    dimensions: ECS,
    documentation:
      'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html',
  },
  {
    namespace: 'ECS/ContainerInsights',
    names: ['DesiredTaskCount', 'RunningTaskCount', 'PendingTaskCount', 'DeploymentCount'],
    dimensions: ECS,
    documentation:
      'https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-metrics-ECS.html',
  },
  {
    namespace: 'AWS/Lambda',
    names: ['Invocations', 'Errors', 'Throttles', 'Duration', 'ConcurrentExecutions'],
    dimensions: { FunctionName: { type: 'aws:lambda/function:Function', property: 'name' } },
    documentation: 'https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html',
  },
  {
    namespace: 'AWS/ApiGateway',
    names: ['Count', '4xx', '5xx', 'Latency', 'IntegrationLatency'],
    dimensions: { ApiId: { type: 'aws:apigatewayv2/api:Api', property: 'id' } },
    documentation:
      'https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html',
  },
  {
    namespace: 'AWS/DynamoDB',
    names: [
      'ConsumedReadCapacityUnits',
      'ConsumedWriteCapacityUnits',
      'ReadThrottleEvents',
      'WriteThrottleEvents',
    ],
    dimensions: { TableName: TABLE },
    documentation:
      'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html',
  },
  {
    namespace: 'AWS/DynamoDB',
    names: ['SuccessfulRequestLatency'],
    dimensions: {
      TableName: TABLE,
      Operation: {
        values: [
          'GetItem',
          'PutItem',
          'Query',
          'UpdateItem',
          'DeleteItem',
          'TransactWriteItems',
          'Scan',
        ],
      },
    },
    documentation:
      'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html',
  },
  {
    namespace: 'AWS/DynamoDB',
    names: ['ReplicationLatency'],
    dimensions: { TableName: TABLE, ReceivingRegion: { pattern: REGION } },
    documentation:
      'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html',
  },
  {
    namespace: 'AWS/KMS',
    names: ['SuccessfulRequest'],
    dimensions: {
      KeyArn: { type: 'aws:kms/key:Key', property: 'arn' },
      Operation: { values: ['Encrypt', 'Decrypt', 'GenerateDataKey'] },
    },
    documentation:
      'https://docs.aws.amazon.com/kms/latest/developerguide/monitoring-cloudwatch.html',
  },
];
