// When the requests of a load come: rates by the second, and the arrivals that they make.
import type { Trace } from '../simulate/traces';

/** Requests a second over time. */
export interface Shape {
  readonly seconds: number;
  /** Requests in the second that starts there. */
  readonly rate: (second: number) => number;
}

export const SHAPES = ['constant', 'ramp', 'step'] as const;

const RATES: Record<(typeof SHAPES)[number], (share: number) => number> = {
  constant: () => 1,
  ramp: (share) => share,
  step: (share) => (share <= 1 / 3 || share > 2 / 3 ? 0.25 : 1),
};

/**
 * A built-in shape. `ramp` grows from nothing to the rate; `step` is a quarter of the rate, in its
 * middle third all of it, and a quarter again: what scales out and in.
 */
export function shapeOf(kind: (typeof SHAPES)[number], rate: number, seconds: number): Shape {
  return { seconds, rate: (second) => rate * RATES[kind]((second + 1) / seconds) };
}

/** A trace squeezed or stretched to `seconds`, its highest second at `rate`. */
export function shapeOfTrace(trace: Trace, rate: number, seconds: number): Shape {
  const scale = trace.seconds / seconds;
  const means = Array.from({ length: seconds }, (_none, second) => {
    const from = Math.floor(second * scale);
    const to = Math.max(from + 1, Math.floor((second + 1) * scale));
    let sum = 0;
    for (let at = from; at < to; at += 1) sum += trace.rate(at);
    return sum / (to - from);
  });
  const peak = means.reduce((most, mean) => Math.max(most, mean), 0);
  if (peak === 0)
    throw new Error(`${trace.name} has no requests: nothing can be scaled to a rate.`);
  return { seconds, rate: (second) => ((means[second] ?? 0) / peak) * rate };
}

/**
 * Seconds at which requests are due, in order.
 * @param gap distance to the next in mean distances: 1 is a metronome; exponential draws make
 * arrivals as independent as those of many clients.
 */
export function* arrivals(
  { seconds, rate }: Shape,
  gap: () => number = () => 1,
): Generator<number> {
  let passed = 0;
  let due = 0;
  for (let second = 0; second < seconds; second += 1) {
    const count = rate(second);
    for (; due < passed + count; due += gap()) yield second + (due - passed) / count;
    passed += count;
  }
}

/** A limit on requests in a sliding window, as WAF has them. */
export interface RateLimit {
  readonly name: string;
  readonly limit: number;
  readonly windowSeconds: number;
}

/** The second in which a load first exceeds a limit; undefined when it never does. */
export function stoppedAt({ seconds, rate }: Shape, limit: RateLimit): number | undefined {
  let inWindow = 0;
  for (let second = 0; second < seconds; second += 1) {
    inWindow +=
      rate(second) - (second < limit.windowSeconds ? 0 : rate(second - limit.windowSeconds));
    if (inWindow > limit.limit) return second;
  }
  return undefined;
}
