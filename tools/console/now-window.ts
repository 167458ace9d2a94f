// The window of the first view, and metrics read in it.
import { noDelay } from '../cloudwatch/delays';
import type { MetricStore } from '../cloudwatch/metric-store';
import type { MetricReference, Window } from '../cloudwatch/series';
import type { Facts } from './condition';
import type { Measured } from './facts';

/** Points of a second are kept for a quarter of an hour. */
const FINE_RANGE_MS = 900_000;
const FINE_PERIOD_MS = 5_000;
const COARSE_PERIOD_MS = 60_000;
const LEAST_RANGE_MS = 120_000;

/** What is drawn from. */
export interface NowOptions {
  store: MetricStore;
  measured: Measured;
  facts: Facts;
  nowMs: number;
  rangeMs: number;
  /** Before it there is nothing, and not zero. */
  startedMs: number;
}

/** A young platform is not a sliver at the edge: no more is looked at than there can be. */
function fittedRange(rangeMs: number, ageMs: number, leastMs: number): number {
  return Math.min(rangeMs, Math.max(leastMs, ageMs * 1.05));
}

/** Reads series in one window. */
export class WindowReader {
  readonly window: Window;
  private readonly perSecond: number;
  private readonly source;

  constructor(private readonly options: NowOptions) {
    const { nowMs, store } = options;
    const rangeMs = fittedRange(options.rangeMs, nowMs - options.startedMs, LEAST_RANGE_MS);
    const periodMs = rangeMs <= FINE_RANGE_MS ? FINE_PERIOD_MS : COARSE_PERIOD_MS;
    const count = Math.ceil(rangeMs / periodMs);
    // The period under way would always look like a fall.
    const end = Math.floor(nowMs / periodMs) * periodMs;
    this.window = { startMs: end - count * periodMs, periodMs, count };
    this.perSecond = 1000 / periodMs;
    this.source = store.source({ atMs: nowMs, delaySeconds: noDelay });
  }

  read(metric: MetricReference): number[] {
    return Array.from(this.source.values(metric, this.window));
  }

  /** A count a second; zero where nothing was counted while the platform ran. */
  rate(metric: Omit<MetricReference, 'stat'>): number[] {
    const { startMs, periodMs } = this.window;
    return this.read({ ...metric, stat: 'Sum' }).map((sum, index) =>
      Number.isNaN(sum)
        ? startMs + (index + 1) * periodMs > this.options.startedMs
          ? 0
          : Number.NaN
        : sum * this.perSecond,
    );
  }
}

/** As a graph takes it: five digits, null for no data. */
export function finite(value: number): number | null {
  return Number.isFinite(value) ? Number(value.toPrecision(5)) : null;
}
