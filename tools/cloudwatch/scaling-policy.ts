// Reads a recorded target-tracking policy into lines of metrics and the one that is held at the target.
import type { RecordedResource } from '../../recorder/record';
import type { MetricDataQuery } from './metric-data';
import type { MetricReference } from './series';

/** A target-tracking policy: a line over metrics, held at a target. */
export interface ScalingPolicy {
  name: string;
  target: number;
  queries: MetricDataQuery[];
  /** Id of the line that is held. */
  tracked: string;
  disableScaleIn: boolean;
  scaleOutCooldownSeconds: number;
  scaleInCooldownSeconds: number;
}

interface RecordedMetric {
  metricName: string;
  namespace: string;
  dimensions?: { name: string; value: string }[];
}

interface Configuration {
  targetValue: number;
  disableScaleIn?: boolean;
  scaleOutCooldown?: number;
  scaleInCooldown?: number;
  predefinedMetricSpecification?: { predefinedMetricType: string; resourceLabel?: string };
  customizedMetricSpecification?: RecordedMetric & {
    statistic?: string;
    metrics?: {
      id: string;
      expression?: string;
      label?: string;
      metricStat?: { metric: RecordedMetric; stat: string };
      returnData?: boolean;
    }[];
  };
}

/** ECS's default (Application Auto Scaling user guide, cooldown period). */
const COOLDOWN_SECONDS = 300;
/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/create-alarm-on-metric-math-expression.html */
const METRICS_LIMIT = 10;

/** The metrics behind AWS's predefined names; one line each. */
const PREDEFINED: Record<string, (resourceId: string, label: string) => MetricReference> = {
  ALBRequestCountPerTarget: (_resourceId, label) => {
    const [loadBalancer = '', targetGroup = ''] = label.split('/targetgroup/');
    return {
      namespace: 'AWS/ApplicationELB',
      name: 'RequestCountPerTarget',
      dimensions: { LoadBalancer: loadBalancer, TargetGroup: `targetgroup/${targetGroup}` },
      stat: 'Sum',
    };
  },
  ECSServiceAverageCPUUtilization: (resourceId) => ecs(resourceId, 'CPUUtilization'),
  ECSServiceAverageMemoryUtilization: (resourceId) => ecs(resourceId, 'MemoryUtilization'),
};

/**
 * @throws Error when the policy is none of target tracking, or tracks something that AWS would
 * refuse or that is not known here.
 */
export function readScalingPolicy({
  name,
  inputs,
}: Pick<RecordedResource, 'name' | 'inputs'>): ScalingPolicy {
  const configuration = inputs.targetTrackingScalingPolicyConfiguration as
    Configuration | undefined;
  if (configuration === undefined) {
    throw new Error(
      `The scaling policy ${name} is no target-tracking policy; only those are evaluated here.`,
    );
  }
  return {
    name,
    target: configuration.targetValue,
    disableScaleIn: configuration.disableScaleIn ?? false,
    scaleOutCooldownSeconds: configuration.scaleOutCooldown ?? COOLDOWN_SECONDS,
    scaleInCooldownSeconds: configuration.scaleInCooldown ?? COOLDOWN_SECONDS,
    ...linesOf(name, String(inputs.resourceId), configuration),
  };
}

function linesOf(
  name: string,
  resourceId: string,
  { predefinedMetricSpecification, customizedMetricSpecification }: Configuration,
): Pick<ScalingPolicy, 'queries' | 'tracked'> {
  if (predefinedMetricSpecification !== undefined) {
    const { predefinedMetricType, resourceLabel = '' } = predefinedMetricSpecification;
    const metric = PREDEFINED[predefinedMetricType]?.(resourceId, resourceLabel);
    if (metric === undefined) {
      throw new Error(
        `The scaling policy ${name} tracks ${predefinedMetricType}; known here are ${Object.keys(PREDEFINED).join(', ')}.`,
      );
    }
    return { queries: [{ id: 'value', metric }], tracked: 'value' };
  }
  if (customizedMetricSpecification === undefined) {
    throw new Error(`The scaling policy ${name} names no metric.`);
  }
  const { metrics, statistic } = customizedMetricSpecification;
  if (metrics === undefined) {
    const metric = reference(customizedMetricSpecification, statistic ?? 'Average');
    return { queries: [{ id: 'value', metric }], tracked: 'value' };
  }
  const returned = metrics.filter(({ returnData }) => returnData !== false);
  const [tracked] = returned;
  if (tracked === undefined || returned.length > 1 || metrics.length > METRICS_LIMIT) {
    throw new Error(
      `The scaling policy ${name} has ${metrics.length} lines, ${returned.length} of them returned: AWS takes at most ${METRICS_LIMIT} and one returned.`,
    );
  }
  return {
    queries: metrics.map(({ id, expression, metricStat }) => ({
      id,
      ...(expression === undefined ? {} : { expression }),
      ...(metricStat === undefined
        ? {}
        : { metric: reference(metricStat.metric, metricStat.stat) }),
    })),
    tracked: tracked.id,
  };
}

function ecs(resourceId: string, metricName: string): MetricReference {
  const [, cluster = '', service = ''] = resourceId.split('/');
  return {
    namespace: 'AWS/ECS',
    name: metricName,
    dimensions: { ClusterName: cluster, ServiceName: service },
    stat: 'Average',
  };
}

function reference(metric: RecordedMetric, stat: string): MetricReference {
  return {
    namespace: metric.namespace,
    name: metric.metricName,
    dimensions: Object.fromEntries((metric.dimensions ?? []).map((d) => [d.name, d.value])),
    stat,
  };
}
