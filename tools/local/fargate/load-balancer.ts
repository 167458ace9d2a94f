// The load balancer and its target group: read as recorded, started, and measured as AWS does.
import { all, one } from '../../../recorder/query';
import type { Recording } from '../../../recorder/record';
import type { MetricStore } from '../../cloudwatch/metric-store';
import { gaugeIntervalMs } from '../ground';
import type { Ground, Values } from '../ground';
import { LoadBalancer } from './balancer';
import type { Algorithm, BalancerSample } from './balancer';

/** How a target is asked for its health. */
export interface HealthCheck {
  path: string;
  /** Statuses that count as healthy, for example `200` or `200-299`. */
  matcher: string;
  intervalSeconds: number;
  timeoutSeconds: number;
  /** Checks in a row that make a healthy target unhealthy. */
  unhealthyThreshold: number;
}

export interface LoadBalancerDescription {
  health: HealthCheck;
  algorithm: Algorithm;
  deregistrationDelaySeconds: number;
  /** Dimensions of what it counts over all of its targets. */
  dimensions: { LoadBalancer: string };
  /** Dimensions of what it counts of each target group: one, or two that revisions take turns in. */
  groups: { LoadBalancer: string; TargetGroup: string }[];
}

const NAMESPACE = 'AWS/ApplicationELB';
/**
 * ALB's defaults.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
 */
const HEALTH = { path: '/', matcher: '200', interval: 30, timeout: 5, unhealthyThreshold: 2 };
/** Default of `deregistration_delay.timeout_seconds`. */
const DEREGISTRATION_DELAY_SECONDS = 300;

/** @throws Error when the stack has no load balancer. */
export function read(recording: Recording): LoadBalancerDescription {
  const targetGroups = all(recording.resources, 'aws:lb/targetGroup:TargetGroup');
  const targetGroup = one(recording.resources, 'aws:lb/targetGroup:TargetGroup', '-tg');
  const others = targetGroups.filter((group) => group !== targetGroup);
  const balancer = one(recording.resources, 'aws:lb/loadBalancer:LoadBalancer');
  const { healthCheck, deregistrationDelay, loadBalancingAlgorithmType } = targetGroup.inputs;
  const name = String(balancer.outputs.arnSuffix);
  const check = { ...HEALTH, ...(healthCheck as Values | undefined) };
  return {
    health: {
      path: check.path,
      matcher: check.matcher,
      intervalSeconds: Number(check.interval),
      timeoutSeconds: Number(check.timeout),
      unhealthyThreshold: Number(check.unhealthyThreshold),
    },
    algorithm:
      loadBalancingAlgorithmType === 'least_outstanding_requests'
        ? loadBalancingAlgorithmType
        : 'round_robin',
    deregistrationDelaySeconds: Number(deregistrationDelay ?? DEREGISTRATION_DELAY_SECONDS),
    dimensions: { LoadBalancer: name },
    groups: [targetGroup, ...others].map(({ outputs }) => ({
      LoadBalancer: name,
      TargetGroup: String(outputs.arnSuffix),
    })),
  };
}

/** A balancer that listens, and the port that it took. */
export interface RunningBalancer {
  balancer: LoadBalancer;
  port: number;
  health: HealthCheck;
}

/** Starts it without a target. */
export async function start(
  description: LoadBalancerDescription,
  ground: Ground,
): Promise<RunningBalancer> {
  const { health } = description;
  const balancer = new LoadBalancer({
    healthCheckPath: health.path,
    healthyStatus: health.matcher,
    healthCheckIntervalMs: (health.intervalSeconds * 1000) / ground.timeScale,
    healthCheckTimeoutMs: health.timeoutSeconds * 1000,
    unhealthyThreshold: health.unhealthyThreshold,
    deregistrationDelaySeconds: description.deregistrationDelaySeconds,
    algorithm: description.algorithm,
    onSample: (sample) => count(ground.metrics, description, balancer, sample),
  });
  const gauges = setInterval(
    () => gauge(ground.metrics, description, balancer),
    gaugeIntervalMs(ground.timeScale),
  );
  ground.onClose(async () => {
    clearInterval(gauges);
    await balancer.close();
  });
  return { balancer, port: await balancer.start(), health };
}

function count(
  metrics: MetricStore,
  { dimensions, groups }: LoadBalancerDescription,
  balancer: LoadBalancer,
  { group, status, targetResponseTimeSeconds }: BalancerSample,
): void {
  const own = groups[group] ?? dimensions;
  const add = (name: string, value: number) => {
    for (const each of [own, dimensions]) metrics.add(NAMESPACE, name, each, value);
  };
  // Counted when there was a target to choose, whatever became of it.
  if (status !== 503 || targetResponseTimeSeconds !== undefined) {
    const each = 1 / Math.max(1, healthy(balancer, group));
    metrics.add(NAMESPACE, 'RequestCountPerTarget', own, each);
    add('RequestCount', 1);
  }
  if (targetResponseTimeSeconds === undefined) {
    metrics.add(NAMESPACE, 'HTTPCode_ELB_5XX_Count', dimensions, 1);
    return;
  }
  add('TargetResponseTime', targetResponseTimeSeconds);
  add(`HTTPCode_Target_${Math.floor(status / 100)}XX_Count`, 1);
}

/** Counts are zero, and not missing, while there are targets. */
function gauge(
  metrics: MetricStore,
  { dimensions, groups }: LoadBalancerDescription,
  balancer: LoadBalancer,
): void {
  for (const [index, own] of groups.entries()) {
    const targets = balancer.status().filter(({ group }) => group === index).length;
    if (targets === 0 && groups.length > 1) continue;
    const add = (name: string, value: number) => metrics.add(NAMESPACE, name, own, value);
    if (targets > 0) for (const name of ['RequestCount', 'RequestCountPerTarget']) add(name, 0);
    add('HealthyHostCount', healthy(balancer, index));
    add('UnHealthyHostCount', targets - healthy(balancer, index));
  }
  if (balancer.status().length > 0) metrics.add(NAMESPACE, 'RequestCount', dimensions, 0);
}

function healthy(balancer: LoadBalancer, of: number): number {
  return balancer
    .status()
    .filter(({ group, healthy, draining }) => group === of && healthy && !draining).length;
}
