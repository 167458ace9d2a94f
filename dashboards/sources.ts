// Where each metric of a stack comes from: namespace, dimensions and region, by resource.
import { GLOBAL_REGION } from '../contracts/aws-limits';
import type { MetricContract } from '../contracts/metrics';
import type { Metric } from './metric';
import type { Balanced, FargateReferences, LambdaReferences, StackReferences } from './references';

/** A metric of the distribution. */
export function cloudFront<T>(
  refs: StackReferences<T>,
  name: string,
  stat: string,
): Metric<T | 'Global'> {
  return {
    namespace: 'AWS/CloudFront',
    name,
    dimensions: { DistributionId: refs.distributionId, Region: 'Global' },
    stat,
    region: GLOBAL_REGION,
  };
}

/** A metric of the web ACL; `rule` is a rule's metric name, or `ALL`. */
export function waf<T>(refs: StackReferences<T>, name: string, rule: string): Metric<T | string> {
  return {
    namespace: 'AWS/WAFV2',
    name,
    dimensions: { WebACL: refs.webAclMetricName, Rule: rule },
    stat: 'Sum',
    region: GLOBAL_REGION,
  };
}

/** A metric that the edge function embeds in its log lines in `region`. */
export function edge(
  refs: Pick<StackReferences<unknown>, 'stack'>,
  contract: MetricContract,
  stat: string,
  region: string,
  values: Readonly<Record<string, string>> = {},
): Metric<string> {
  return ownMetric(refs.stack, contract, stat, region, values);
}

/** A metric that the service's collector sends. */
export function service(
  refs: Pick<StackReferences<unknown>, 'stack' | 'region'>,
  contract: MetricContract,
  stat: string,
  values: Readonly<Record<string, string>> = {},
): Metric<string> {
  return ownMetric(refs.stack, contract, stat, refs.region, values);
}

function ownMetric(
  stack: string,
  contract: MetricContract,
  stat: string,
  region: string,
  values: Readonly<Record<string, string>>,
): Metric<string> {
  const dimensions = Object.fromEntries(
    contract.dimensions.map((dimension) => {
      const value = dimension === 'Stack' ? stack : values[dimension];
      if (value === undefined) {
        throw new Error(`${contract.namespace} ${contract.name} needs a value for ${dimension}.`);
      }
      return [dimension, value];
    }),
  );
  return { namespace: contract.namespace, name: contract.name, dimensions, stat, region };
}

/**
 * What tasks answer, as the load balancer sees it: in its one target group, or in both of them, which
 * AWS counts under the load balancer alone.
 */
export function answered<T>(
  region: string,
  target: Balanced<T>,
  name: string,
  stat: string,
): Metric<T> {
  return target.alternateTargetGroup === undefined
    ? inGroup(region, target.loadBalancer, target.targetGroup, name, stat)
    : loadBalancer(region, target, name, stat);
}

/** A metric of each target group: what AWS does not count for the load balancer as a whole. */
export function eachGroup<T>(
  region: string,
  target: Balanced<T>,
  name: string,
  stat: string,
): Metric<T>[] {
  const { targetGroup, alternateTargetGroup } = target;
  return [targetGroup, ...(alternateTargetGroup === undefined ? [] : [alternateTargetGroup])].map(
    (group) => inGroup(region, target.loadBalancer, group, name, stat),
  );
}

function inGroup<T>(region: string, balancer: T, group: T, name: string, stat: string): Metric<T> {
  const dimensions = { LoadBalancer: balancer, TargetGroup: group };
  return { namespace: 'AWS/ApplicationELB', name, dimensions, stat, region };
}

/** A metric of the load balancer itself. */
export function loadBalancer<T>(
  region: string,
  target: Pick<Balanced<T>, 'loadBalancer'>,
  name: string,
  stat: string,
): Metric<T> {
  return {
    namespace: 'AWS/ApplicationELB',
    name,
    dimensions: { LoadBalancer: target.loadBalancer },
    stat,
    region,
  };
}

/** A metric of the ECS service; those of Container Insights have a namespace of their own. */
export function ecs<T>(
  region: string,
  compute: Pick<FargateReferences<T>, 'cluster' | 'service'>,
  name: string,
  stat: string,
  namespace: 'AWS/ECS' | 'ECS/ContainerInsights' = 'AWS/ECS',
): Metric<T> {
  return {
    namespace,
    name,
    dimensions: { ClusterName: compute.cluster, ServiceName: compute.service },
    stat,
    region,
  };
}

/** How many tasks run; without Container Insights, how many are healthy. */
export function runningTasks<T>(region: string, compute: FargateReferences<T>): Metric<T> {
  return compute.hasContainerInsights
    ? ecs(region, compute, 'RunningTaskCount', 'Average', 'ECS/ContainerInsights')
    : inGroup(region, compute.loadBalancer, compute.targetGroup, 'HealthyHostCount', 'Average');
}

/** A metric of the service's function. */
export function lambda<T>(
  region: string,
  compute: Pick<LambdaReferences<T>, 'functionName'>,
  name: string,
  stat: string,
): Metric<T> {
  return {
    namespace: 'AWS/Lambda',
    name,
    dimensions: { FunctionName: compute.functionName },
    stat,
    region,
  };
}

/** A metric of the HTTP API. */
export function api<T>(
  region: string,
  compute: Pick<LambdaReferences<T>, 'apiId'>,
  name: string,
  stat: string,
): Metric<T> {
  return {
    namespace: 'AWS/ApiGateway',
    name,
    dimensions: { ApiId: compute.apiId },
    stat,
    region,
  };
}

/** A metric of a table; some are by operation, replication's by the region that receives. */
export function table<T>(
  region: string,
  tableName: T,
  name: string,
  stat: string,
  by: { Operation?: string; ReceivingRegion?: string } = {},
): Metric<T | string> {
  return {
    namespace: 'AWS/DynamoDB',
    name,
    dimensions: { TableName: tableName, ...by },
    stat,
    region,
  };
}

/** Successful calls of one operation under a KMS key. */
export function kms<T>(region: string, keyArn: T, operation: string): Metric<T | string> {
  return {
    namespace: 'AWS/KMS',
    name: 'SuccessfulRequest',
    dimensions: { KeyArn: keyArn, Operation: operation },
    stat: 'Sum',
    region,
  };
}
