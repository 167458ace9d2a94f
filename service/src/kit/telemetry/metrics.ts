// The instruments that the service needs: histograms and a counter that goes up and down.
import { attributes } from './otlp';

export type Temporality = 'cumulative' | 'delta';

/** Values of one set of attributes. Recording is an addition and a short search, nothing else. */
export class HistogramSeries {
  readonly counts: number[];
  count = 0;
  sum = 0;
  min = Infinity;
  max = -Infinity;

  constructor(
    /** Attributes as OTLP fragment. */
    readonly labels: string,
    private readonly boundaries: readonly number[],
  ) {
    this.counts = new Array<number>(boundaries.length + 1).fill(0);
  }

  record(value: number): void {
    let bucket = 0;
    // Most values are small and so found at once; a bucket's upper boundary belongs to it.
    while (bucket < this.boundaries.length && value > (this.boundaries[bucket] as number)) {
      bucket += 1;
    }
    (this.counts[bucket] as number) += 1;
    this.count += 1;
    this.sum += value;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
  }

  reset(): void {
    this.counts.fill(0);
    this.count = 0;
    this.sum = 0;
    this.min = Infinity;
    this.max = -Infinity;
  }
}

export interface Instrument {
  /** The metric as OTLP fragment, or nothing when it has no values. */
  collect(startNano: string, nowNano: string, temporality: Temporality): string | undefined;
}

const TEMPORALITY = { delta: 1, cumulative: 2 } as const;

export class Histogram implements Instrument {
  private readonly series = new Map<string, HistogramSeries>();

  constructor(
    private readonly name: string,
    private readonly description: string,
    private readonly boundaries: readonly number[],
  ) {}

  /** The series of a set of attributes; callers keep it, so this is not on the hot path. */
  with(labels: Record<string, string | number | undefined>): HistogramSeries {
    const key = attributes(labels);
    const known = this.series.get(key);
    if (known !== undefined) return known;
    const made = new HistogramSeries(key, this.boundaries);
    this.series.set(key, made);
    return made;
  }

  collect(startNano: string, nowNano: string, temporality: Temporality): string | undefined {
    const bounds = this.boundaries.join(',');
    const points = [...this.series.values()]
      .filter((series) => series.count > 0)
      .map(
        (series) =>
          `{"attributes":[${series.labels}],"startTimeUnixNano":"${startNano}","timeUnixNano":"${nowNano}",` +
          `"count":"${series.count}","sum":${series.sum},"min":${series.min},"max":${series.max},` +
          `"bucketCounts":[${series.counts.map((count) => `"${count}"`).join(',')}],"explicitBounds":[${bounds}]}`,
      );
    if (temporality === 'delta') for (const series of this.series.values()) series.reset();
    if (points.length === 0) return undefined;
    return (
      `{"name":"${this.name}","description":"${this.description}","unit":"s",` +
      `"histogram":{"aggregationTemporality":${TEMPORALITY[temporality]},"dataPoints":[${points.join(',')}]}}`
    );
  }
}

/** A number that is read when it is exported: a level (`monotonic: false`) or a running total. */
export class ObservedSum implements Instrument {
  constructor(
    private readonly name: string,
    private readonly description: string,
    private readonly unit: string,
    private readonly monotonic: boolean,
    /** Attributes as OTLP fragment, and the value. */
    private readonly observe: () => readonly { labels: string; value: number }[],
  ) {}

  collect(startNano: string, nowNano: string): string | undefined {
    const points = this.observe().map(
      ({ labels, value }) =>
        `{"attributes":[${labels}],"startTimeUnixNano":"${startNano}","timeUnixNano":"${nowNano}","asInt":"${value}"}`,
    );
    if (points.length === 0) return undefined;
    return (
      `{"name":"${this.name}","description":"${this.description}","unit":"${this.unit}",` +
      `"sum":{"aggregationTemporality":2,"isMonotonic":${this.monotonic},"dataPoints":[${points.join(',')}]}}`
    );
  }
}
