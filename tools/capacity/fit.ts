// What steps of load tell of a task: CPU a request, waiting a request, and what it holds at the target.

/** One step: a rate, and the average response time that it had. */
export interface Step {
  /** Requests a second. */
  readonly rate: number;
  readonly meanMs: number;
}

export interface Fit {
  /** S: processor time of a request at the size of the task, milliseconds. */
  readonly serviceMs: number;
  /** D: time of a request that no task shortens, milliseconds. */
  readonly dependencyMs: number;
}

const CANDIDATES = 4000;

/**
 * S and D of R = D + S / (1 - rate S), the response time of a shared processor, by least squares of
 * the relative error: a step near saturation scatters by as much more as it is longer.
 */
export function fit(all: readonly Step[]): Fit {
  const steps = all.filter(({ meanMs }) => Number.isFinite(meanMs));
  const most = Math.min(...steps.map(({ meanMs }) => meanMs));
  let best = { error: Number.POSITIVE_INFINITY, serviceMs: 0, dependencyMs: 0 };
  for (let candidate = 1; candidate <= CANDIDATES; candidate += 1) {
    const serviceMs = (candidate / CANDIDATES) * most;
    const queued = steps.map(({ rate }) => serviceMs / (1 - (rate * serviceMs) / 1000));
    // A rate that this S could not serve at all was served.
    if (queued.some((ms) => ms < 0)) break;
    const sumOf = (value: (step: Step, at: number) => number) =>
      steps.reduce((sum, step, at) => sum + value(step, at) / step.meanMs ** 2, 0);
    const rest = sumOf(({ meanMs }, at) => meanMs - (queued[at] ?? 0)) / sumOf(() => 1);
    const dependencyMs = Math.max(0, rest);
    const error = sumOf(({ meanMs }, at) => (meanMs - dependencyMs - (queued[at] ?? 0)) ** 2);
    if (error < best.error) best = { error, serviceMs, dependencyMs };
  }
  const { serviceMs, dependencyMs } = best;
  return { serviceMs, dependencyMs };
}

/** Requests a second at which the average is the target, by the fit. */
export function rateByFit(targetMs: number, { serviceMs, dependencyMs }: Fit): number {
  return (1000 * (1 - serviceMs / (targetMs - dependencyMs))) / serviceMs;
}

/**
 * Requests a second at which the average is the target: the middle of the highest rate below which
 * the steps lie below it, and the lowest above which they do not, each by a straight line to its neighbour.
 */
export function rateAt(targetMs: number, steps: readonly Step[]): number | undefined {
  const sorted = [...steps].sort((one, other) => one.rate - other.rate);
  const crossings: number[] = [];
  for (let at = 1; at < sorted.length; at += 1) {
    const [below, above] = [sorted[at - 1] as Step, sorted[at] as Step];
    if (below.meanMs < targetMs === above.meanMs < targetMs) continue;
    const share = (targetMs - below.meanMs) / (above.meanMs - below.meanMs);
    crossings.push(below.rate + share * (above.rate - below.rate));
  }
  const [first] = crossings;
  // Where chance makes the curve cross more than once, the middle.
  return first === undefined ? undefined : (first + (crossings.at(-1) ?? first)) / 2;
}
