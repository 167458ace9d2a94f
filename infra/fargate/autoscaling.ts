// Target tracking on response time, and on requests a task as its guard.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';

/** What {@link Autoscaling} needs. */
export interface AutoscalingArgs {
  /** Name of the ECS cluster. */
  clusterName: pulumi.Input<string>;
  /** Name of the ECS service. */
  serviceName: pulumi.Input<string>;
  /** `arnSuffix` of the load balancer. */
  loadBalancer: pulumi.Input<string>;
  /** `arnSuffix` of the target group. */
  targetGroup: pulumi.Input<string>;
  minTasks: number;
  maxTasks: number;
  /** Response time to hold, in milliseconds. */
  targetMs: number;
  /** Statistic of the response time that is held (`Average`, `p95`). */
  statistic: string;
  /** Requests a minute of one task above which tasks are added whatever the response time. */
  requestsPerTaskPerMinute: number;
}

/** Fewer requests a minute than this say nothing about response time: one slow one would scale out. */
const FEWEST_REQUESTS_A_MINUTE = 60;

/**
 * Seconds. Out at once; in slowly, because a task that is missed costs more than one too many.
 * https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
 */
const COOLDOWN = { scaleOutCooldown: 60, scaleInCooldown: 300 };

/** The scalable target and its two policies: out if either asks for it, in only if both agree. */
export class Autoscaling extends pulumi.ComponentResource {
  constructor(name: string, args: AutoscalingArgs, opts?: pulumi.ComponentResourceOptions) {
    super('gatehouse:infra:Autoscaling', name, {}, opts);
    const target = new aws.appautoscaling.Target(
      `${name}-tasks`,
      {
        serviceNamespace: 'ecs',
        scalableDimension: 'ecs:service:DesiredCount',
        resourceId: pulumi.interpolate`service/${args.clusterName}/${args.serviceName}`,
        minCapacity: args.minTasks,
        maxCapacity: args.maxTasks,
      },
      { parent: this },
    );
    responseTimePolicy(name, target, args, this);
    requestCountPolicy(name, target, args, this);
    this.registerOutputs({ resourceId: target.resourceId });
  }
}

function responseTimePolicy(
  name: string,
  target: aws.appautoscaling.Target,
  args: AutoscalingArgs,
  parent: pulumi.Resource,
): void {
  const dimensions = [
    { name: 'LoadBalancer', value: args.loadBalancer },
    { name: 'TargetGroup', value: args.targetGroup },
  ];
  const metric = (metricName: string) => ({
    namespace: 'AWS/ApplicationELB',
    metricName,
    dimensions,
  });
  new aws.appautoscaling.Policy(
    `${name}-response-time`,
    {
      policyType: 'TargetTrackingScaling',
      ...scaledResource(target),
      targetTrackingScalingPolicyConfiguration: {
        // TargetResponseTime is in seconds.
        targetValue: args.targetMs / 1000,
        disableScaleIn: false,
        ...COOLDOWN,
        customizedMetricSpecification: {
          metrics: [
            {
              id: 'latency',
              metricStat: { metric: metric('TargetResponseTime'), stat: args.statistic },
              returnData: false,
            },
            {
              id: 'requests',
              metricStat: { metric: metric('RequestCount'), stat: 'Sum' },
              returnData: false,
            },
            {
              id: 'held',
              label: 'Response time; 0 while there is too little traffic to judge it',
              // Without traffic the metric is missing, and missing data stops scale-in for good
              // (copilot-cli#5854).
              expression: `IF(FILL(requests, 0) < ${FEWEST_REQUESTS_A_MINUTE}, 0, FILL(latency, 0))`,
              returnData: true,
            },
          ],
        },
      },
    },
    { parent },
  );
}

function requestCountPolicy(
  name: string,
  target: aws.appautoscaling.Target,
  args: AutoscalingArgs,
  parent: pulumi.Resource,
): void {
  new aws.appautoscaling.Policy(
    `${name}-request-count`,
    {
      policyType: 'TargetTrackingScaling',
      ...scaledResource(target),
      targetTrackingScalingPolicyConfiguration: {
        targetValue: args.requestsPerTaskPerMinute,
        disableScaleIn: false,
        ...COOLDOWN,
        predefinedMetricSpecification: {
          predefinedMetricType: 'ALBRequestCountPerTarget',
          resourceLabel: pulumi.interpolate`${args.loadBalancer}/${args.targetGroup}`,
        },
      },
    },
    { parent },
  );
}

function scaledResource(target: aws.appautoscaling.Target) {
  return {
    serviceNamespace: target.serviceNamespace,
    scalableDimension: target.scalableDimension,
    resourceId: target.resourceId,
  };
}
