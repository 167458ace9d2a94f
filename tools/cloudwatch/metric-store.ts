// Metrics in memory as CloudWatch keeps them: by second for a while, by minute for longer, never more than a bound.
import { publicationDelaySeconds } from './delays';
import { Distribution } from './distribution';
import type { StatisticSet } from './distribution';
import { labelsOf, matcherOf } from './search';
import { empty } from './series';
import type { MetricReference, MetricSource, TimeSeries, Window } from './series';
import { statistic } from './statistics';
import { keyOf, MINUTE_MS, Period, SECOND_MS, valuesOf } from './stored-metric';
import type { Periods, StoredMetric } from './stored-metric';

/** One aggregated point. */
export interface Point extends StatisticSet {
  /** Start of the period, ISO 8601. */
  time: string;
}

/** One metric under one set of dimensions. */
export interface Series {
  namespace: string;
  name: string;
  dimensions: Record<string, string>;
  points: Point[];
}

export interface MetricFilter {
  namespace?: string;
  name?: string;
  /** Only series that carry all of these. @default {} */
  dimensions?: Record<string, string>;
  /** Only points whose period ends after this time, epoch milliseconds. @default all that are kept */
  sinceMs?: number;
  /** Length of a point's period: one second or one minute, in milliseconds. @default 1000 */
  periodMs?: 1000 | 60_000;
}

export interface MetricStoreOptions {
  /** The clock, epoch milliseconds. */
  now: () => number;
  /** How long points of one second are kept; 0 keeps none. @default 900 */
  secondsKept?: number;
  /** How long points of one minute are kept. @default 1440 */
  minutesKept?: number;
  /** Periods over all series beyond which the series that was written longest ago goes. @default 300,000 */
  periodsKept?: number;
}

/** How a reader sees the store. */
export interface ReadOptions {
  /** The reader's time; a point that is not published by then is missing. @default the store's clock */
  atMs?: number;
  /** Publication delay by namespace, seconds. @default AWS's, see {@link publicationDelaySeconds} */
  delaySeconds?: (namespace: string) => number;
  /**
   * Shows the period that is still under way with what it has so far, as CloudWatch's graphs do;
   * alarms and policies never look at it. @default false
   */
  partial?: boolean;
  /**
   * How many times faster than real a minute passes: periods and delays shrink by it, and counts
   * of a shortened minute stand for those of a whole one. @default 1
   */
  timeScale?: number;
}

/** A runaway dimension must not eat the memory of a laptop. */
const SERIES_LIMIT = 10_000;

/** Keeps every series that is reported. */
export class MetricStore {
  /** In order of their last write. */
  private readonly series = new Map<string, StoredMetric>();
  private readonly byReference = new WeakMap<object, string>();
  private readonly secondsKept: number;
  private readonly minutesKept: number;
  private readonly periodsKept: number;
  private periods = 0;

  constructor(private readonly options: MetricStoreOptions) {
    this.secondsKept = options.secondsKept ?? 900;
    this.minutesKept = options.minutesKept ?? 1440;
    this.periodsKept = options.periodsKept ?? 300_000;
  }

  /** Adds one observation; beyond 10,000 series a new one is dropped. */
  add(
    namespace: string,
    name: string,
    dimensions: Readonly<Record<string, string>>,
    value: number,
    atMs = this.options.now(),
  ): void {
    this.write(namespace, name, dimensions, atMs, (period) => period.add(value));
  }

  /** Adds observations that are aggregated already: a {@link Distribution} keeps its percentiles. */
  merge(
    namespace: string,
    name: string,
    dimensions: Readonly<Record<string, string>>,
    values: StatisticSet,
    atMs = this.options.now(),
  ): void {
    if (values.count <= 0) return;
    this.write(namespace, name, dimensions, atMs, (period) => period.merge(values));
  }

  /** The series that match, each with its points in order of time. */
  query(filter: MetricFilter = {}): Series[] {
    const { namespace, name, dimensions = {}, sinceMs = 0, periodMs = SECOND_MS } = filter;
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
        points: [...(periodMs === MINUTE_MS ? series.minutes : series.seconds)]
          .filter(([index]) => (index + 1) * periodMs > sinceMs)
          .sort(([a], [b]) => a - b)
          .map(([index, { sum, count, min, max }]) => ({
            time: new Date(index * periodMs).toISOString(),
            ...{ sum, count, min, max },
          })),
      }));
  }

  /**
   * One statistic over the time since `sinceMs`, from points of a second (of a minute where those
   * are gone).
   * @returns undefined when there is no data.
   * @throws Error for a statistic that is not known.
   */
  statistic(
    metric: Omit<MetricReference, 'stat'>,
    stat: string,
    sinceMs: number,
  ): number | undefined {
    const take = statistic(stat);
    const stored = this.series.get(keyOf(metric.namespace, metric.name, metric.dimensions));
    if (stored === undefined) return undefined;
    const fine = this.options.now() - sinceMs <= this.secondsKept * SECOND_MS;
    const periodMs = fine ? SECOND_MS : MINUTE_MS;
    const all = new Distribution();
    for (const [index, period] of fine ? stored.seconds : stored.minutes) {
      if (index * periodMs >= sinceMs) all.merge(period);
    }
    return take(all);
  }

  /** The store as a reader sees it who asks at a given time. */
  source(options: ReadOptions = {}): MetricSource {
    const atMs = options.atMs ?? this.options.now();
    const { delaySeconds = publicationDelaySeconds, timeScale = 1, partial = false } = options;
    const visibleUntil = (namespace: string) => atMs - (delaySeconds(namespace) * 1000) / timeScale;
    const read = (stored: StoredMetric, stat: string, window: Window) => {
      const untilMs = visibleUntil(stored.namespace) + (partial ? window.periodMs : 0);
      return valuesOf(stored, stat, window, untilMs, timeScale);
    };
    return {
      values: (metric, window) => {
        const stored = this.series.get(this.referenced(metric));
        if (stored !== undefined) return read(stored, metric.stat, window);
        statistic(metric.stat);
        return empty(window, '').values;
      },
      search: (expression, stat, window): TimeSeries[] => {
        const matches = matcherOf(expression);
        const found = [...this.series.values()].filter(matches);
        const labelOf = labelsOf(found);
        return found.map((stored) => ({
          label: labelOf(stored),
          values: read(stored, stat, window),
        }));
      },
    };
  }

  private write(
    namespace: string,
    name: string,
    dimensions: Readonly<Record<string, string>>,
    atMs: number,
    record: (period: Period) => void,
  ): void {
    const key = keyOf(namespace, name, dimensions);
    let stored = this.series.get(key);
    if (stored === undefined) {
      if (this.series.size >= SERIES_LIMIT) return;
      stored = {
        ...{ key, namespace, name, dimensions: { ...dimensions } },
        ...{ seconds: new Map(), minutes: new Map() },
      };
    } else {
      this.series.delete(key);
    }
    this.series.set(key, stored);
    if (this.secondsKept > 0) {
      record(this.period(stored.seconds, Math.floor(atMs / SECOND_MS), this.secondsKept));
    }
    record(this.period(stored.minutes, Math.floor(atMs / MINUTE_MS), this.minutesKept));
    while (this.periods > this.periodsKept && this.series.size > 1) this.dropStalest();
  }

  private period(periods: Periods, index: number, kept: number): Period {
    let period = periods.get(index);
    if (period === undefined) {
      period = new Period();
      periods.set(index, period);
      this.periods += 1;
      for (const oldest of periods.keys()) {
        if (oldest > index - kept) break;
        periods.delete(oldest);
        this.periods -= 1;
      }
    }
    period.taken.clear();
    return period;
  }

  private dropStalest(): void {
    const [stalest] = this.series.values();
    if (stalest === undefined) return;
    this.series.delete(stalest.key);
    this.periods -= stalest.seconds.size + stalest.minutes.size;
  }

  /** The key of a metric that is asked for again and again. */
  private referenced(metric: MetricReference): string {
    let key = this.byReference.get(metric);
    if (key === undefined) {
      key = keyOf(metric.namespace, metric.name, metric.dimensions);
      this.byReference.set(metric, key);
    }
    return key;
  }
}
