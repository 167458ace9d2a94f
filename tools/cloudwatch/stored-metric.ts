// A metric as it is stored: what was reported by second and by minute, and its values over a window.
import { Distribution } from './distribution';
import type { Window } from './series';
import { isAdditive, statistic } from './statistics';

export const SECOND_MS = 1000;
export const MINUTE_MS = 60_000;

/** A distribution that remembers the statistics taken of it. */
export class Period extends Distribution {
  readonly taken = new Map<string, number>();
}

/** By their number since 1970. */
export type Periods = Map<number, Period>;

/** One metric under one set of dimensions. */
export interface StoredMetric {
  key: string;
  namespace: string;
  name: string;
  dimensions: Record<string, string>;
  seconds: Periods;
  minutes: Periods;
}

/** What tells one metric from all others, the order of its dimensions aside. */
export function keyOf(
  namespace: string,
  name: string,
  dimensions: Readonly<Record<string, string>>,
): string {
  const sorted = Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([namespace, name, sorted]);
}

/**
 * A value a period of the window, from minutes where its period is made of whole ones; `NaN` where
 * there is none, and from the first that ends after `visibleUntilMs`.
 * @param timeScale what counts of a shortened minute are multiplied by.
 * @throws Error for a statistic that is not known.
 */
export function valuesOf(
  { seconds, minutes }: StoredMetric,
  stat: string,
  { startMs, periodMs, count }: Window,
  visibleUntilMs: number,
  timeScale: number,
): Float64Array {
  const take = statistic(stat);
  const factor = isAdditive(stat) ? timeScale : 1;
  const [periods, unitMs] =
    periodMs % MINUTE_MS === 0 ? [minutes, MINUTE_MS] : [seconds, SECOND_MS];
  const units = Math.max(1, Math.round(periodMs / unitMs));
  const values = new Float64Array(count).fill(Number.NaN);
  for (let index = 0; index < count; index += 1) {
    const fromMs = startMs + index * periodMs;
    if (fromMs + periodMs > visibleUntilMs) break;
    const value = valueOf(periods, Math.floor(fromMs / unitMs), units, stat, take);
    if (value !== undefined) values[index] = value * factor;
  }
  return values;
}

function valueOf(
  periods: Periods,
  first: number,
  units: number,
  stat: string,
  take: ReturnType<typeof statistic>,
): number | undefined {
  if (units > 1) {
    const all = new Distribution();
    for (let unit = first; unit < first + units; unit += 1) {
      const period = periods.get(unit);
      if (period !== undefined) all.merge(period);
    }
    return take(all);
  }
  const period = periods.get(first);
  if (period === undefined) return undefined;
  let value = period.taken.get(stat);
  if (value === undefined) {
    value = take(period) ?? Number.NaN;
    period.taken.set(stat, value);
  }
  return value;
}
