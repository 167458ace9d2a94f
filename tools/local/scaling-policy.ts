// Reads a recorded target-tracking policy into metrics and an expression.
import type { RecordedResource } from '../../recorder/record';

/** A metric under its exact dimensions, with the statistic that is taken of it. */
export interface PolicyMetric {
  id: string;
  namespace: string;
  name: string;
  dimensions: Record<string, string>;
  stat: string;
}

/** A target-tracking policy: an expression over metrics, held at a target. */
export interface ScalingPolicy {
  name: string;
  target: number;
  metrics: PolicyMetric[];
  /** Metric math over the metrics' ids, and `tasks` for the number of tasks. */
  expression: string;
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
  predefinedMetricSpecification?: { predefinedMetricType: string };
  customizedMetricSpecification?: RecordedMetric & {
    statistic?: string;
    metrics?: {
      id: string;
      expression?: string;
      metricStat?: { metric: RecordedMetric; stat: string };
      returnData?: boolean;
    }[];
  };
}

/** ECS's default (Application Auto Scaling user guide, cooldown period). */
const COOLDOWN_SECONDS = 300;

/**
 * @param loadBalancer dimensions under which the local balancer reports.
 * @throws Error when the policy tracks something that is not measured here.
 */
export function readScalingPolicy(
  { name, inputs }: RecordedResource,
  loadBalancer: Record<string, string>,
): ScalingPolicy {
  const configuration = inputs.targetTrackingScalingPolicyConfiguration as Configuration;
  return {
    name,
    target: configuration.targetValue,
    disableScaleIn: configuration.disableScaleIn ?? false,
    scaleOutCooldownSeconds: configuration.scaleOutCooldown ?? COOLDOWN_SECONDS,
    scaleInCooldownSeconds: configuration.scaleInCooldown ?? COOLDOWN_SECONDS,
    ...tracked(name, configuration, loadBalancer),
  };
}

function tracked(
  name: string,
  { predefinedMetricSpecification, customizedMetricSpecification }: Configuration,
  loadBalancer: Record<string, string>,
): Pick<ScalingPolicy, 'metrics' | 'expression'> {
  const predefined = predefinedMetricSpecification?.predefinedMetricType;
  if (predefined === 'ALBRequestCountPerTarget') {
    const requests = {
      id: 'requests',
      namespace: 'AWS/ApplicationELB',
      name: 'RequestCount',
      dimensions: loadBalancer,
      stat: 'Sum',
    };
    return { metrics: [requests], expression: 'FILL(requests, 0) / tasks' };
  }
  if (customizedMetricSpecification === undefined) {
    throw new Error(`The scaling policy ${name} tracks ${predefined}, which is not measured here.`);
  }
  const { metrics, statistic } = customizedMetricSpecification;
  if (metrics === undefined) {
    const metric = reference('value', customizedMetricSpecification, statistic ?? 'Average');
    return { metrics: [metric], expression: 'value' };
  }
  const returned = metrics.find(({ returnData }) => returnData !== false);
  return {
    metrics: metrics.flatMap(({ id, metricStat }) =>
      metricStat === undefined ? [] : [reference(id, metricStat.metric, metricStat.stat)],
    ),
    expression: returned?.expression ?? String(returned?.id),
  };
}

function reference(id: string, metric: RecordedMetric, stat: string): PolicyMetric {
  return {
    id,
    namespace: metric.namespace,
    name: metric.metricName,
    dimensions: Object.fromEntries((metric.dimensions ?? []).map((d) => [d.name, d.value])),
    stat,
  };
}
