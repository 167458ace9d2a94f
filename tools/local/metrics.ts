// The platform's metrics: what CloudWatch would keep, in memory, in buckets of one second.

/** One aggregated point, as CloudWatch's statistic sets are. */
export interface Point {
  /** Start of the bucket, ISO 8601. */
  time: string;
  sum: number;
  count: number;
  min: number;
  max: number;
}

/** One metric under one set of dimensions. */
export interface Series {
  namespace: string;
  name: string;
  dimensions: Record<string, string>;
  points: Point[];
}

export interface MetricQuery {
  namespace?: string;
  name?: string;
  /** Only series that carry all of these. @default {} */
  dimensions?: Record<string, string>;
  /** Only points at or after this time, epoch milliseconds. @default all that are kept */
  sinceMs?: number;
}

const BUCKET_MS = 1000;
/** Three hours, as CloudWatch keeps high-resolution data. */
const KEPT_BUCKETS = (3 * 3600 * 1000) / BUCKET_MS;
/** A runaway dimension must not eat the memory of a laptop. */
const SERIES_LIMIT = 10_000;

/** Relative width of a histogram's bin: a percentile is right to within five in a hundred. */
const BIN_RATIO = 1.05;

interface Bucket extends Omit<Point, 'time'> {
  /** Observations by logarithmic bin, for percentiles. */
  bins: Map<number, number>;
}

interface Stored extends Omit<Series, 'points'> {
  buckets: Map<number, Bucket>;
}

/** Keeps every series that the parts of the platform report. */
export class MetricStore {
  private readonly series = new Map<string, Stored>();

  /** Adds one observation; beyond 10,000 series a new one is dropped. */
  add(
    namespace: string,
    name: string,
    dimensions: Record<string, string>,
    value: number,
    nowMs = Date.now(),
  ): void {
    this.merge(
      namespace,
      name,
      dimensions,
      { sum: value, count: 1, min: value, max: value },
      nowMs,
    );
  }

  /** Adds an already aggregated observation. */
  merge(
    namespace: string,
    name: string,
    dimensions: Record<string, string>,
    values: Omit<Point, 'time'>,
    nowMs = Date.now(),
  ): void {
    const stored = this.find(namespace, name, dimensions);
    if (stored === undefined || values.count === 0) return;
    const bucket = Math.floor(nowMs / BUCKET_MS);
    const before = stored.buckets.get(bucket);
    const bins = before?.bins ?? new Map<number, number>();
    const bin = binOf(values.sum / values.count);
    bins.set(bin, (bins.get(bin) ?? 0) + values.count);
    stored.buckets.set(bucket, {
      bins,
      sum: (before?.sum ?? 0) + values.sum,
      count: (before?.count ?? 0) + values.count,
      min: Math.min(before?.min ?? Infinity, values.min),
      max: Math.max(before?.max ?? -Infinity, values.max),
    });
    const [oldest] = stored.buckets.keys();
    if (oldest !== undefined && oldest < bucket - KEPT_BUCKETS) stored.buckets.delete(oldest);
  }

  /** The series that match, each with its points in order of time. */
  query({ namespace, name, dimensions = {}, sinceMs = 0 }: MetricQuery): Series[] {
    const wanted = Object.entries(dimensions);
    return [...this.series.values()]
      .filter(
        (series) =>
          (namespace === undefined || series.namespace === namespace) &&
          (name === undefined || series.name === name) &&
          wanted.every(([key, value]) => series.dimensions[key] === value),
      )
      .map((series) => ({
        namespace: series.namespace,
        name: series.name,
        dimensions: series.dimensions,
        points: [...series.buckets]
          .filter(([bucket]) => (bucket + 1) * BUCKET_MS > sinceMs)
          .map(([bucket, { bins: _bins, ...values }]) => ({
            time: new Date(bucket * BUCKET_MS).toISOString(),
            ...values,
          })),
      }));
  }

  /**
   * One statistic over the time since `sinceMs`, as CloudWatch names them: `Average`, `Sum`,
   * `Minimum`, `Maximum`, `SampleCount`, `p0` to `p100`.
   * @returns undefined when there is no data.
   * @throws Error for another statistic.
   */
  statistic(
    metric: { namespace: string; name: string; dimensions: Record<string, string> },
    stat: string,
    sinceMs: number,
  ): number | undefined {
    const buckets = this.find(metric.namespace, metric.name, metric.dimensions)?.buckets ?? [];
    const recent = [...buckets]
      .filter(([bucket]) => bucket * BUCKET_MS >= sinceMs)
      .map(([, values]) => values);
    const count = recent.reduce((total, values) => total + values.count, 0);
    if (count === 0) return undefined;
    const sum = recent.reduce((total, values) => total + values.sum, 0);
    switch (stat) {
      case 'Average':
        return sum / count;
      case 'Sum':
        return sum;
      case 'SampleCount':
        return count;
      case 'Minimum':
        return Math.min(...recent.map(({ min }) => min));
      case 'Maximum':
        return Math.max(...recent.map(({ max }) => max));
      default:
        return percentile(recent, count, stat);
    }
  }

  private find(
    namespace: string,
    name: string,
    dimensions: Record<string, string>,
  ): Stored | undefined {
    const sorted = Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1));
    const id = JSON.stringify([namespace, name, sorted]);
    const known = this.series.get(id);
    if (known !== undefined || this.series.size >= SERIES_LIMIT) return known;
    const stored = { namespace, name, dimensions, buckets: new Map() };
    this.series.set(id, stored);
    return stored;
  }
}

function binOf(value: number): number {
  return value <= 0 ? Number.NEGATIVE_INFINITY : Math.ceil(Math.log(value) / Math.log(BIN_RATIO));
}

function percentile(buckets: Bucket[], count: number, stat: string): number {
  const rank = /^p(\d+(?:\.\d+)?)$/.exec(stat)?.[1];
  if (rank === undefined) throw new Error(`The statistic ${stat} is not known here.`);
  const bins = new Map<number, number>();
  for (const { bins: own } of buckets) {
    for (const [bin, found] of own) bins.set(bin, (bins.get(bin) ?? 0) + found);
  }
  let left = (Number(rank) / 100) * count;
  for (const [bin, found] of [...bins].sort(([a], [b]) => a - b)) {
    left -= found;
    // The middle of the bin, on its logarithmic scale; below zero lies nothing that is measured.
    if (left <= 0) return BIN_RATIO ** (bin - 0.5);
  }
  return Math.max(...buckets.map(({ max }) => max));
}

interface EmbeddedMetrics {
  _aws?: {
    Timestamp?: number;
    CloudWatchMetrics?: {
      Namespace: string;
      Dimensions: string[][];
      Metrics: { Name: string }[];
    }[];
  };
  [member: string]: unknown;
}

/**
 * Takes the metrics out of one log line in CloudWatch's embedded metric format; other lines are
 * none of its business.
 */
export function addEmbeddedMetrics(store: MetricStore, line: string): void {
  if (!line.includes('"_aws"')) return;
  const event = parse(line);
  for (const directive of event?._aws?.CloudWatchMetrics ?? []) {
    for (const names of directive.Dimensions) {
      const dimensions = Object.fromEntries(names.map((name) => [name, String(event?.[name])]));
      for (const { Name } of directive.Metrics) {
        const values = [event?.[Name]].flat();
        for (const value of values) {
          if (typeof value === 'number') {
            store.add(directive.Namespace, Name, dimensions, value, event?._aws?.Timestamp);
          }
        }
      }
    }
  }
}

function parse(line: string): EmbeddedMetrics | undefined {
  try {
    return JSON.parse(line) as EmbeddedMetrics;
  } catch {
    return undefined;
  }
}
