// Short forms of time series for tests: a dash is a missing point.
import type { MetricSource, TimeSeries, Window } from '../series';

/** `[1, '-', 3]` as values with a gap. */
export const values = (points: readonly (number | '-')[]): Float64Array =>
  Float64Array.from(points, (point) => (point === '-' ? Number.NaN : point));

/** Values as they are written above. */
export const written = (series: ArrayLike<number>): (number | '-')[] =>
  Array.from(series, (value) => (Number.isNaN(value) ? '-' : value));

/** Metrics by name, whatever their dimensions. */
export function sourceOf(metrics: Record<string, readonly (number | '-')[]>): MetricSource {
  const line = (name: string): TimeSeries => ({ label: name, values: values(metrics[name] ?? []) });
  return {
    values: ({ name }) => line(name).values,
    search: () => Object.keys(metrics).map(line),
  };
}

/** A window of some minutes from the start of 5 January 2026, a Monday. */
export const minutes = (count: number): Window => ({
  startMs: Date.parse('2026-01-05T00:00:00Z'),
  periodMs: 60_000,
  count,
});
