// Metrics of OTLP as the platform's own: what was gained since the last export, by the dimensions of the contract.
import { SERVICE_METRICS } from '../../contracts/metrics';
import { Distribution } from '../cloudwatch/distribution';
import type { StatisticSet } from '../cloudwatch/distribution';
import type { MetricStore } from '../cloudwatch/metric-store';

export type Attributes = Record<string, string | number | boolean>;

/** A data point of a histogram (explicit or exponential), a sum or a gauge. */
export interface DataPoint {
  startTimeUnixNano?: string;
  count?: string | number;
  sum?: number;
  min?: number;
  max?: number;
  asDouble?: number;
  asInt?: string | number;
  bucketCounts?: (string | number)[];
  explicitBounds?: number[];
  scale?: number;
  zeroCount?: string | number;
  positive?: { offset?: number; bucketCounts?: (string | number)[] };
}

/** Counts by bucket; of exponential ones also the scale, which may shrink between exports. */
interface Buckets {
  scale?: number;
  counts: Map<number, number>;
}

interface Total {
  count: number;
  sum: number;
  buckets?: Buckets;
}

/** Namespace that the collector of the recorded task definition exports to. */
export const SERVICE_NAMESPACE = SERVICE_METRICS.requestDuration.namespace;
/** Bucket of zeros of an exponential histogram. */
const ZERO = Number.NEGATIVE_INFINITY;

/** Adds data points to the platform's metrics. */
export class OtlpMetrics {
  private readonly totals = new Map<string, Total>();

  constructor(
    private readonly metrics: MetricStore,
    private readonly stack: string,
  ) {}

  /**
   * @param cumulative whether the point counts from its start on, and not since the last export.
   * @param instance what tells series of different processes apart.
   */
  add(
    name: string,
    point: DataPoint,
    attributes: Attributes,
    { cumulative, instance }: { cumulative: boolean; instance: string },
  ): void {
    const total = totalOf(point);
    const id = JSON.stringify([name, attributes, instance, point.startTimeUnixNano]);
    const gained = cumulative ? this.sinceLast(id, total) : total;
    if (gained.count <= 0) return;
    const values = valuesOf(gained, point);
    for (const dimensions of dimensionsOf(name, attributes, this.stack)) {
      this.metrics.merge(SERVICE_NAMESPACE, name, dimensions, values);
    }
  }

  private sinceLast(id: string, total: Total): Total {
    const before = this.totals.get(id);
    this.totals.set(id, total);
    if (before === undefined) return total;
    return {
      count: total.count - before.count,
      sum: total.sum - before.sum,
      ...(total.buckets === undefined
        ? {}
        : { buckets: difference(total.buckets, before.buckets ?? { counts: new Map() }) }),
    };
  }
}

function totalOf(point: DataPoint): Total {
  const value = point.asDouble ?? Number(point.asInt ?? 0);
  const buckets = bucketsOf(point);
  return {
    count: Number(point.count ?? 1),
    sum: point.sum ?? value,
    ...(buckets === undefined ? {} : { buckets }),
  };
}

function bucketsOf(point: DataPoint): Buckets | undefined {
  const { scale, positive, zeroCount, bucketCounts } = point;
  const counted = (list: readonly (string | number)[], offset: number) =>
    new Map(list.map((count, index) => [index + offset, Number(count)] as const));
  if (scale !== undefined) {
    const counts = counted(positive?.bucketCounts ?? [], positive?.offset ?? 0);
    if (Number(zeroCount ?? 0) > 0) counts.set(ZERO, Number(zeroCount));
    return { scale, counts };
  }
  return bucketCounts === undefined ? undefined : { counts: counted(bucketCounts, 0) };
}

/** At a scale lower by one, two neighbouring buckets are one. */
function difference(now: Buckets, before: Buckets): Buckets {
  const counts = new Map(now.counts);
  const shift = (before.scale ?? 0) - (now.scale ?? 0);
  for (const [index, count] of before.counts) {
    const same = index === ZERO ? ZERO : Math.floor(index / 2 ** shift);
    counts.set(same, (counts.get(same) ?? 0) - count);
  }
  return { ...now, counts };
}

/** With buckets a distribution, which has percentiles; without, a statistic set. */
function valuesOf({ count, sum, buckets }: Total, point: DataPoint): StatisticSet {
  if (buckets === undefined || buckets.counts.size === 0) {
    const average = sum / count;
    return { count, sum, min: point.min ?? average, max: point.max ?? average };
  }
  const values = new Distribution();
  for (const [index, inBucket] of buckets.counts) {
    values.add(middle(index, buckets.scale, point), inBucket);
  }
  // The buckets know the sum but roughly.
  values.sum = sum;
  return values;
}

function middle(index: number, scale: number | undefined, point: DataPoint): number {
  if (index === ZERO) return 0;
  if (scale !== undefined) return 2 ** ((index + 0.5) / 2 ** scale);
  const bounds = point.explicitBounds ?? [];
  const low = bounds[index - 1] ?? 0;
  return (low + (bounds[index] ?? Math.max(low, point.max ?? low))) / 2;
}

/** One set for each declaration of the metric: what the collector's configuration does on AWS. */
function dimensionsOf(
  name: string,
  attributes: Attributes,
  stack: string,
): Record<string, string>[] {
  const given = Object.fromEntries(
    Object.entries(attributes).map(([key, value]) => [key, String(value)]),
  );
  const known: Record<string, string> = { ...given, Stack: stack };
  const declared = Object.values(SERVICE_METRICS).filter((metric) => metric.name === name);
  if (declared.length === 0) return [given];
  return declared.flatMap(({ dimensions }) =>
    dimensions.every((dimension) => dimension in known)
      ? [Object.fromEntries(dimensions.map((dimension) => [dimension, known[dimension] ?? '']))]
      : [],
  );
}
