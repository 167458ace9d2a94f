// Every metric that Gatehouse emits or reads: namespace, name, dimensions, unit.

/** One CloudWatch metric as emitted: dimensions are names, values come from the resources. */
export interface MetricContract {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: readonly string[];
  readonly unit: 'Count' | 'Milliseconds' | 'Seconds' | 'Percent' | 'Bytes';
}

const EDGE_NAMESPACE = 'Gatehouse/Edge';

/** Emitted by the edge function as embedded metrics in its log lines. */
export const EDGE_METRICS = {
  /** One a decision; `Decision` is `allow` or `deny`, `Reason` why. */
  decisions: {
    namespace: EDGE_NAMESPACE,
    name: 'Decisions',
    dimensions: ['Stack', 'Decision', 'Reason'],
    unit: 'Count',
  },
  /** Time of a look-up in the keys table; cached decisions emit none. */
  lookupTime: {
    namespace: EDGE_NAMESPACE,
    name: 'LookupTime',
    dimensions: ['Stack'],
    unit: 'Milliseconds',
  },
  /** One a decision that the cache answered. */
  cacheHits: {
    namespace: EDGE_NAMESPACE,
    name: 'CacheHits',
    dimensions: ['Stack'],
    unit: 'Count',
  },
} as const satisfies Record<string, MetricContract>;

/** Seconds, boundaries of `http.server.request.duration`; 20 ms is the target and has its own. */
export const DURATION_BOUNDARIES_SECONDS = [
  0.001, 0.0025, 0.005, 0.01, 0.015, 0.02, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5,
  10,
] as const;
