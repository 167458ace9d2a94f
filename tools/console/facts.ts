// The facts of the last seconds, read from the platform's metrics by the recorded names.
import { EDGE_METRICS, SERVICE_METRICS } from '../../contracts/metrics';
import type { MetricStore } from '../cloudwatch/metric-store';
import type { Facts } from './condition';

/** Names and dimensions under which a recorded stack is measured. */
export interface Measured {
  stack: string;
  distributionId: string;
  webAcl: string;
  /** What the load balancer counts over all targets. */
  loadBalancer: Readonly<Record<string, string>> & { LoadBalancer: string };
  /** What it counts of each target group. */
  targetGroups: readonly Readonly<Record<string, string>>[];
  service: { ClusterName: string; ServiceName: string };
  rateRules: readonly { name: string; limit: number; windowSeconds: number; header?: string }[];
}

/** What is not in metrics. */
export type Given = Pick<Facts, 'tasks' | 'lost' | 'objectives' | 'scalesInMinutes'>;

const ELB = 'AWS/ApplicationELB';
/** Long enough that near idle is not none, short enough that a change shows at once. */
export const FACTS_WINDOW_SECONDS = 10;
/** A percentage of fewer requests says little. */
const FEWEST_REQUESTS = 5;
/** A dependency is named when its calls take more than this share of the target. */
const DEPENDENCY_SHARE = 0.5;
/** Tasks that use so much of their CPU wait for it, and not for whom they call. */
const BUSY_PERCENT = 60;

/** Reads them as they are at `nowMs`. */
export function factsOf(
  store: MetricStore,
  measured: Measured,
  given: Given,
  nowMs: number,
): Facts {
  const sinceMs = nowMs - FACTS_WINDOW_SECONDS * 1000;
  const sums = sumsOf(store, sinceMs);
  const { stack, loadBalancer } = measured;
  const sum = (namespace: string, name: string, dimensions: Record<string, string>) =>
    total(sums(namespace, name, dimensions)) / FACTS_WINDOW_SECONDS;
  const { LoadBalancer } = loadBalancer;
  const front = { DistributionId: measured.distributionId, Region: 'Global' };

  const decisions = sums('Gatehouse/Edge', EDGE_METRICS.decisions.name, { Stack: stack }).filter(
    ({ dimensions }) => dimensions.Reason !== undefined,
  );
  const decided = (decision: string, reason: string) =>
    total(
      decisions.filter(
        ({ dimensions }) => dimensions.Decision === decision && dimensions.Reason === reason,
      ),
    ) / FACTS_WINDOW_SECONDS;
  const storeRefused = decided('deny', 'store-unavailable');
  const edge = storeRefused + decided('deny', 'internal');
  const failed = { namespace: ELB, name: 'HTTPCode_Target_5XX_Count', dimensions: loadBalancer };
  const task = (store.statistic(failed, 'Sum', sinceMs) ?? 0) / FACTS_WINDOW_SECONDS;
  const balancer =
    total(sums(ELB, 'HTTPCode_ELB_5XX_Count', { LoadBalancer })) / FACTS_WINDOW_SECONDS;
  // A rate is the average of 0 and 100 over all requests.
  const all = sum('AWS/CloudFront', '5xxErrorRate', front) / 100;
  const response = responseOf(store, measured, given.objectives, sinceMs);
  return {
    ...given,
    requestsPerSecond: sum('AWS/CloudFront', 'Requests', front),
    keysStore: { refused: storeRefused, grace: decided('allow', 'grace') },
    failed: {
      task,
      loadBalancer: balancer,
      edge,
      cloudFront: Math.max(0, Number((all - task - balancer - edge).toFixed(3))),
    },
    blocked: blockedBy(sums, measured),
    denied: decisions
      .filter(({ dimensions }) => dimensions.Decision === 'deny')
      .map(({ dimensions, sum: count }) => ({
        reason: dimensions.Reason ?? '',
        perSecond: count / FACTS_WINDOW_SECONDS,
      }))
      .filter(({ perSecond }) => perSecond > 0)
      .sort((a, b) => b.perSecond - a.perSecond),
    ...(response === undefined ? {} : { response }),
  };
}

type Sums = (
  namespace: string,
  name: string,
  dimensions: Record<string, string>,
) => { dimensions: Record<string, string>; sum: number }[];

function sumsOf(store: MetricStore, sinceMs: number): Sums {
  return (namespace, name, dimensions) =>
    store.query({ namespace, name, dimensions, sinceMs }).map((series) => ({
      dimensions: series.dimensions,
      sum: series.points.reduce((sum, point) => sum + point.sum, 0),
    }));
}

function total(series: readonly { sum: number }[]): number {
  return series.reduce((all, { sum }) => all + sum, 0);
}

function blockedBy(sums: Sums, { webAcl, rateRules }: Measured): Facts['blocked'] {
  return sums('AWS/WAFV2', 'BlockedRequests', { WebACL: webAcl })
    .filter(({ dimensions, sum }) => dimensions.Rule !== 'ALL' && sum > 0)
    .map(({ dimensions, sum }) => {
      const rule = rateRules.find(({ name }) => name === dimensions.Rule);
      return {
        rule: dimensions.Rule ?? '',
        perSecond: sum / FACTS_WINDOW_SECONDS,
        ...(rule === undefined
          ? {}
          : { limit: `${rule.limit / rule.windowSeconds} requests a second` }),
      };
    })
    .sort((a, b) => b.perSecond - a.perSecond);
}

function responseOf(
  store: MetricStore,
  { loadBalancer, service, stack }: Measured,
  { latencyMs }: Facts['objectives'],
  sinceMs: number,
): Facts['response'] {
  const time = { namespace: ELB, name: 'TargetResponseTime', dimensions: loadBalancer };
  const take = (stat: string) => store.statistic(time, stat, sinceMs);
  if ((take('SampleCount') ?? 0) < FEWEST_REQUESTS) return undefined;
  const [within, p99] = [take(`PR(:${latencyMs / 1000})`), take('p99')];
  if (within === undefined || p99 === undefined) return undefined;
  const calls = [
    { name: 'DynamoDB', metric: SERVICE_METRICS.databaseDuration },
    { name: 'KMS', metric: SERVICE_METRICS.kmsDuration },
  ].flatMap(({ name, metric }) => {
    const seconds = store.statistic(
      { namespace: metric.namespace, name: metric.name, dimensions: { Stack: stack } },
      'Average',
      sinceMs,
    );
    return seconds === undefined ? [] : [{ name, averageMs: 1000 * seconds }];
  });
  const cpu = store.statistic(
    { namespace: 'AWS/ECS', name: 'CPUUtilization', dimensions: service },
    'Average',
    sinceMs,
  );
  const isBusy = cpu !== undefined && cpu > BUSY_PERCENT;
  const slowMs = latencyMs * DEPENDENCY_SHARE;
  // Who waits for a processor waits for each answer, too: then DynamoDB must say so itself.
  const dependency = calls
    .filter(({ averageMs }) => averageMs > slowMs)
    .filter(
      ({ name }) => !isBusy || (name === 'DynamoDB' && slowestTableMs(store, sinceMs) > slowMs),
    )
    .sort((a, b) => b.averageMs - a.averageMs)[0];
  return {
    withinPercent: within,
    p99Ms: 1000 * p99,
    ...(isBusy ? { cpuPercent: cpu } : {}),
    ...(dependency === undefined ? {} : { dependency }),
  };
}

/** Average of the slowest kind of call to a table, as DynamoDB measures it. */
function slowestTableMs(store: MetricStore, sinceMs: number): number {
  const calls = store.query({
    namespace: 'AWS/DynamoDB',
    name: 'SuccessfulRequestLatency',
    sinceMs,
  });
  const averages = calls.map(({ points }) => {
    const count = points.reduce((all, point) => all + point.count, 0);
    return count === 0 ? 0 : points.reduce((all, point) => all + point.sum, 0) / count;
  });
  return Math.max(0, ...averages);
}
