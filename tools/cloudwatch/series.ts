// Time series over one window: equally long periods, aligned, with gaps.

/** The periods that are looked at. */
export interface Window {
  /** Start of the first period, epoch milliseconds; a multiple of the period. */
  startMs: number;
  periodMs: number;
  /** How many periods. */
  count: number;
}

/** One line of values; `NaN` where there is no data. */
export interface TimeSeries {
  label: string;
  values: Float64Array;
}

/** A metric under its exact dimensions, with the statistic that is taken of it. */
export interface MetricReference {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly stat: string;
}

/** Where metrics come from. */
export interface MetricSource {
  /** A value a period, `NaN` where there is none (or none yet). */
  values(metric: MetricReference, window: Window): Float64Array;
  /** The metrics that a SEARCH finds. */
  search(expression: string, stat: string, window: Window): TimeSeries[];
}

/** The window of the `count` periods that end with the one that `nowMs` lies in. */
export function windowUntil(nowMs: number, periodMs: number, count: number): Window {
  const end = Math.floor(nowMs / periodMs) * periodMs + periodMs;
  return { startMs: end - count * periodMs, periodMs, count };
}

/** A line without data. */
export function empty(window: Window, label: string): TimeSeries {
  return { label, values: new Float64Array(window.count).fill(Number.NaN) };
}
