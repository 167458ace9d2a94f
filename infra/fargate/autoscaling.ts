// Target tracking by load and CPU, with response time as push and brake.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { TRACKED_TARGET, trackedLines } from './scaling-metrics';
import type { ScalingMetricsArgs } from './scaling-metrics';
import { scalingWarnings } from './scaling-warnings';

/** What {@link Autoscaling} needs. */
export interface AutoscalingArgs extends ScalingMetricsArgs {
  minTasks: number;
  maxTasks: number;
  /** Seconds after adding tasks in which only a larger addition follows. */
  scaleOutCooldownSeconds: number;
  /** Seconds between two steps down. */
  scaleInCooldownSeconds: number;
}

/**
 * The scalable target and its three policies: out if one asks for it, in only if all agree.
 *
 * Load and CPU change in proportion to the tasks, as a metric of target tracking must; response
 * time does not, and so only pushes, holds or releases (docs/scaling.md).
 */
export class Autoscaling extends pulumi.ComponentResource {
  constructor(name: string, args: AutoscalingArgs, opts?: pulumi.ComponentResourceOptions) {
    super('gatehouse:infra:Autoscaling', name, {}, opts);
    for (const warning of scalingWarnings(args)) void pulumi.log.warn(warning, this);
    const target = scalableTarget(name, args, this);
    for (const [what, metrics] of Object.entries(trackedLines(args))) {
      new aws.appautoscaling.Policy(
        `${name}-${what}`,
        {
          policyType: 'TargetTrackingScaling',
          serviceNamespace: target.serviceNamespace,
          scalableDimension: target.scalableDimension,
          resourceId: target.resourceId,
          targetTrackingScalingPolicyConfiguration: {
            targetValue: TRACKED_TARGET,
            disableScaleIn: false,
            scaleOutCooldown: args.scaleOutCooldownSeconds,
            scaleInCooldown: args.scaleInCooldownSeconds,
            customizedMetricSpecification: { metrics },
          },
        },
        { parent: this },
      );
    }
    this.registerOutputs({ resourceId: target.resourceId });
  }
}

function scalableTarget(
  name: string,
  args: AutoscalingArgs,
  parent: pulumi.Resource,
): aws.appautoscaling.Target {
  return new aws.appautoscaling.Target(
    `${name}-tasks`,
    {
      serviceNamespace: 'ecs',
      scalableDimension: 'ecs:service:DesiredCount',
      resourceId: pulumi.interpolate`service/${args.clusterName}/${args.serviceName}`,
      minCapacity: args.minTasks,
      maxCapacity: args.maxTasks,
    },
    { parent },
  );
}
