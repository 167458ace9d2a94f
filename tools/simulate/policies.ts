// The policies that are compared: the stack's own and what else one might use.
import type { ScalingPolicy } from '../cloudwatch/scaling-policy';
import type { MetricReference } from '../cloudwatch/series';

/** How the number of tasks is chosen. */
export type Contender =
  | { kind: 'reactive'; name: string; policies: readonly ScalingPolicy[] }
  /** Always as many as the busiest minute needs. */
  | { kind: 'fixed'; name: string }
  /** Knows the traffic to come. */
  | { kind: 'clairvoyant'; name: string };

/** Under which dimensions the simulated platform reports. */
export interface MetricNames {
  /** `LoadBalancer` and `TargetGroup`. */
  balancer: Record<string, string>;
  /** `ClusterName` and `ServiceName`. */
  service: Record<string, string>;
}

/** The metrics that the simulated platform has. */
export function metricsOf({ balancer, service }: MetricNames) {
  const alb = (name: string, stat: string): MetricReference => ({
    ...{ namespace: 'AWS/ApplicationELB', name, dimensions: balancer, stat },
  });
  return {
    requests: alb('RequestCount', 'Sum'),
    requestsPerTarget: alb('RequestCountPerTarget', 'Sum'),
    latency: alb('TargetResponseTime', 'Average'),
    healthy: alb('HealthyHostCount', 'Average'),
    cpu: {
      ...{ namespace: 'AWS/ECS', name: 'CPUUtilization', dimensions: service, stat: 'Average' },
    },
    desired: {
      ...{ namespace: 'ECS/ContainerInsights', name: 'DesiredTaskCount', stat: 'Average' },
      dimensions: service,
    },
  } satisfies Record<string, MetricReference>;
}

/** What Gatehouse shipped until November 2026, word for word, with its trap. */
const SHIPPED_BEFORE = {
  expression: 'IF(FILL(requests, 0) < 60, 0, FILL(latency, 0))',
  requestsPerTaskPerMinute: 12_000,
  cooldowns: { scaleOutCooldownSeconds: 60, scaleInCooldownSeconds: 300 },
};
/** Copilot's default for `count.cooldown`. */
const COPILOT_COOLDOWNS = { scaleOutCooldownSeconds: 60, scaleInCooldownSeconds: 120 };
/** Application Auto Scaling's defaults for ECS. */
const DEFAULT_COOLDOWNS = { scaleOutCooldownSeconds: 300, scaleInCooldownSeconds: 300 };
const CPU_TARGET = 70;
const SHARE_OF_CAPACITY = 0.8;

/**
 * @param own the stack's recorded policies.
 * @param requestsPerMinute what one task is believed to hold at the target.
 */
export function contenders(
  own: readonly ScalingPolicy[],
  names: MetricNames,
  requestsPerMinute: number,
  targetMs: number,
): Contender[] {
  const metrics = metricsOf(names);
  const single = (
    name: string,
    metric: MetricReference,
    target: number,
    cooldowns: Pick<ScalingPolicy, 'scaleOutCooldownSeconds' | 'scaleInCooldownSeconds'>,
  ): ScalingPolicy => ({
    ...{ name, target, tracked: 'value', disableScaleIn: false, ...cooldowns },
    queries: [{ id: 'value', metric }],
  });
  const reactive = (name: string, ...policies: ScalingPolicy[]): Contender => ({
    ...{ kind: 'reactive', name, policies },
  });
  const { latency, requests, requestsPerTarget, cpu } = metrics;
  return [
    { kind: 'reactive', name: 'gatehouse', policies: own },
    reactive(
      'shipped-before',
      {
        ...single('response-time', latency, targetMs / 1000, SHIPPED_BEFORE.cooldowns),
        queries: [
          { id: 'latency', metric: latency },
          { id: 'requests', metric: requests },
          { id: 'held', expression: SHIPPED_BEFORE.expression },
        ],
        tracked: 'held',
      },
      single(
        'request-count',
        requestsPerTarget,
        // Where a task holds more than its default it is told: else it would only be dear.
        Math.max(SHIPPED_BEFORE.requestsPerTaskPerMinute, requestsPerMinute),
        SHIPPED_BEFORE.cooldowns,
      ),
    ),
    reactive(
      'average-response-time',
      single('response-time', latency, targetMs / 1000, COPILOT_COOLDOWNS),
    ),
    reactive('cpu', single('cpu', cpu, CPU_TARGET, DEFAULT_COOLDOWNS)),
    reactive(
      'requests-per-task',
      single(
        'request-count',
        requestsPerTarget,
        SHARE_OF_CAPACITY * requestsPerMinute,
        DEFAULT_COOLDOWNS,
      ),
    ),
    { kind: 'fixed', name: 'fixed' },
    { kind: 'clairvoyant', name: 'clairvoyant' },
  ];
}
