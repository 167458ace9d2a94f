// Every metric that Gatehouse emits or reads: namespace, name, dimensions, unit.

/** One CloudWatch metric as emitted: dimensions are names, values come from the resources. */
export interface MetricContract {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: readonly string[];
  readonly unit: 'Count' | 'Milliseconds' | 'Seconds' | 'Percent' | 'Bytes';
}

const EDGE_NAMESPACE = 'Gatehouse/Edge';

/** Why the edge let a request through or refused it; the value of the dimension `Reason`. */
export const EDGE_REASONS = {
  /**
   * `valid`: a good key. `grace`: a key that was good moments ago, while the store is down.
   * `public`: a rule asks for no key. `preflight`: CORS, of an origin that is allowed.
   */
  allow: ['valid', 'grace', 'public', 'preflight'],
  deny: [
    'no-credential',
    'several-credentials',
    'key-form',
    'malformed-key',
    'other-environment',
    'unknown-key',
    'wrong-secret',
    'revoked',
    'expired',
    'bad-record',
    'address',
    'scope',
    'no-rule',
    'path',
    'method',
    'store-unavailable',
    'internal',
  ],
} as const;

export type EdgeAllowReason = (typeof EDGE_REASONS.allow)[number];
export type EdgeDenyReason = (typeof EDGE_REASONS.deny)[number];

/** Emitted by the edge function as embedded metrics in its log lines. */
export const EDGE_METRICS = {
  /** One a decision; `Decision` is `allow` or `deny`, `Reason` why. */
  decisions: {
    namespace: EDGE_NAMESPACE,
    name: 'Decisions',
    dimensions: ['Stack', 'Decision', 'Reason'],
    unit: 'Count',
  },
  /**
   * The same count for requests that a valid key was allowed, by that key: where the service does not
   * count them itself ({@link SERVICE_METRICS.keyRequests}). A sample: Lambda@Edge drops log lines when
   * there are many, and there are none in a region without a log group. Same name as
   * {@link decisions}: CloudWatch tells them apart by their dimensions.
   */
  keyDecisions: {
    namespace: EDGE_NAMESPACE,
    name: 'Decisions',
    dimensions: ['Stack', 'KeyId'],
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

/** Who counts requests by key: the kit within the service, or the edge where the service has no kit. */
export type KeyCounter = 'service' | 'edge';

const SERVICE_NAMESPACE = 'Gatehouse/Service';

/**
 * Recorded by the service and sent over OTLP; the collector's `awsemf` exporter turns them into
 * CloudWatch metrics, one `metric_declarations` entry for each of these. Durations are exponential
 * histograms, whose buckets CloudWatch takes as values with counts: percentiles hold, to within half
 * a bucket (about 2 % over two decades of values).
 */
export const SERVICE_METRICS = {
  /** Time of a request in the service, by route. */
  routeDuration: {
    namespace: SERVICE_NAMESPACE,
    name: 'http.server.request.duration',
    dimensions: ['Stack', 'http.request.method', 'http.route', 'http.response.status_code'],
    unit: 'Seconds',
  },
  /** The same over all routes. */
  requestDuration: {
    namespace: SERVICE_NAMESPACE,
    name: 'http.server.request.duration',
    dimensions: ['Stack'],
    unit: 'Seconds',
  },
  /**
   * One a request that came with a key, whatever was answered. Each key in use is a custom metric of
   * its own (0.30 USD a month, by the hour: https://aws.amazon.com/cloudwatch/pricing/), and a second
   * one while it gets errors; only keys that exist count, so that nobody can make up dimensions.
   */
  keyRequests: {
    namespace: SERVICE_NAMESPACE,
    name: 'gatehouse.key.requests',
    dimensions: ['Stack', 'KeyId'],
    unit: 'Count',
  },
  /** The same for answers of 400 and above; none while a key gets no error. */
  keyErrors: {
    namespace: SERVICE_NAMESPACE,
    name: 'gatehouse.key.errors',
    dimensions: ['Stack', 'KeyId'],
    unit: 'Count',
  },
  /** Time of a call to DynamoDB as the service sees it, retries included. */
  databaseDuration: {
    namespace: SERVICE_NAMESPACE,
    name: 'db.client.operation.duration',
    dimensions: ['Stack'],
    unit: 'Seconds',
  },
  /** Time of a call to KMS as the service sees it, retries included; it calls nothing else by RPC. */
  kmsDuration: {
    namespace: SERVICE_NAMESPACE,
    name: 'rpc.client.call.duration',
    dimensions: ['Stack'],
    unit: 'Seconds',
  },
  /**
   * Spans that were not exported, by the reason: `queue_full`, or how the export failed. No series
   * and no cost while all of them are.
   */
  droppedSpans: {
    namespace: SERVICE_NAMESPACE,
    name: 'otel.sdk.processor.span.processed',
    dimensions: ['Stack', 'error.type'],
    unit: 'Count',
  },
} as const satisfies Record<string, MetricContract>;

/** Emitted by the daily check of API keys as embedded metrics in its log. */
export const KEYS_METRICS = {
  /** Keys that work, end within a week and have no successor; one value a day. */
  expiring: {
    namespace: 'Gatehouse/Keys',
    name: 'ExpiringKeys',
    dimensions: ['Stack'],
    unit: 'Count',
  },
} as const satisfies Record<string, MetricContract>;

/** Attributes of a request's span by which traces can be searched in X-Ray. */
export const SEARCHABLE_ATTRIBUTES = {
  /** Pattern of the path, by the semantic conventions. */
  route: 'http.route',
  /** Id of the API key; never the key. */
  keyId: 'gatehouse.key_id',
} as const;
