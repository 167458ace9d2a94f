// Raises the load on one task in steps until its average response time is the target.
import { rateAt } from './fit';
import type { Step } from './fit';

/** What became of the requests of a step. */
export interface StepOutcome {
  readonly sent: number;
  /** How many failed how: `503`, `timeout`. */
  readonly failures: Readonly<Record<string, number>>;
  readonly meanMs: number;
}

export interface MeasureOptions {
  readonly targetMs: number;
  /** Sends requests at a rate, independent of each other, for some seconds. */
  readonly load: (rate: number, seconds: number) => Promise<StepOutcome>;
  /** Length of a step in seconds; near the target it is twice that. @default 5 */
  readonly stepSeconds?: number;
  /** Told before each step, and after those that count. */
  readonly onStep?: (told: { rate: number; purpose: string; meanMs?: number }) => void;
}

export interface Measured {
  /** Requests a second at the target. */
  readonly rate: number;
  /** Those that count, by their rate. */
  readonly steps: readonly Step[];
}

const STEP_SECONDS = 5;
const WARM_UP_RATE = 50;
const FIRST_RATE = 10;
/** Steps at the first rate before it is believed that the target can't be held. */
const PATIENCE = 3;
const HIGHEST_RATE = 5000;
/** On the way up, while code is compiled and connections are made: these steps do not count. */
const GROWTH = 1.6;
/** Of what the way up found: what the fit of S and D needs besides the steps near the target. */
const SHARES = [0.2, 0.5, 0.75];
/** The search ends when the two steps around the target lie this close. */
const CLOSE = 1.06;

/**
 * Finds the rate at which the average is the target.
 * @throws Error when the target can't be reached, or requests fail on the way.
 */
export async function measure(options: MeasureOptions): Promise<Measured> {
  const { targetMs, stepSeconds = STEP_SECONDS } = options;
  const rough = await findRoughly(options);
  const steps: Step[] = [];
  const step = async (rate: number, seconds: number): Promise<boolean> => {
    options.onStep?.({ rate, purpose: 'measuring' });
    const meanMs = await run(options, rate, seconds);
    options.onStep?.({ rate, purpose: 'measured', meanMs });
    steps.push({ rate, meanMs });
    return meanMs < targetMs;
  };
  for (const share of SHARES) await step(rough * share, stepSeconds);
  let below = rough * (SHARES.at(-1) ?? 1);
  let above = rough;
  while (await step(above, 2 * stepSeconds)) {
    below = above;
    above *= 1.2;
    if (above > HIGHEST_RATE) throw tooFast(targetMs);
  }
  while (above / below > CLOSE) {
    const middle = Math.sqrt(above * below);
    if (await step(middle, 2 * stepSeconds)) below = middle;
    else above = middle;
  }
  const rate = rateAt(targetMs, steps) ?? below;
  return { rate, steps: [...steps].sort((one, other) => one.rate - other.rate) };
}

/** Goes up quickly, which warms the task up, until the target is passed. */
async function findRoughly(options: MeasureOptions): Promise<number> {
  const { targetMs, load, onStep, stepSeconds = STEP_SECONDS } = options;
  const warmUp = async (rate: number): Promise<number> => {
    onStep?.({ rate, purpose: 'warming up' });
    return run(options, rate, stepSeconds);
  };
  // Cold code and no connections: neither how long it takes nor a failure says anything yet.
  onStep?.({ rate: WARM_UP_RATE, purpose: 'warming up' });
  await load(WARM_UP_RATE, 2 * stepSeconds);
  let meanMs = await warmUp(FIRST_RATE);
  for (let more = 0; meanMs >= targetMs && more < PATIENCE; more += 1) {
    meanMs = await warmUp(FIRST_RATE);
  }
  if (meanMs >= targetMs) {
    throw new Error(
      `A request takes ${meanMs.toFixed(1)} ms at ${FIRST_RATE} requests a second already: no number of tasks ` +
        `holds an average of ${targetMs} ms. Set gatehouse:targetResponseMs to at least 1.25 times the time without load.`,
    );
  }
  for (let rate = FIRST_RATE * GROWTH; rate <= HIGHEST_RATE; rate *= GROWTH) {
    if ((await warmUp(rate)) >= targetMs) return rate / Math.sqrt(GROWTH);
  }
  throw tooFast(targetMs);
}

async function run({ load }: MeasureOptions, rate: number, seconds: number): Promise<number> {
  const { sent, failures, meanMs } = await load(rate, seconds);
  // What is overloaded far beyond the target may be slower than a client waits.
  const { timeout = 0, ...others } = failures;
  const failed = Object.values(others).reduce((sum, count) => sum + count, 0);
  if (failed === 0) return timeout > 0 ? Number.POSITIVE_INFINITY : meanMs;
  const named = Object.entries(failures).map(([name, count]) => `${name}: ${count}`);
  const limited =
    '429' in failures
      ? ' The rate limit of the stack is too low for this: raise gatehouse:requestsPerSecondPerIp and gatehouse:requestsPerSecondPerKey while you measure.'
      : '';
  throw new Error(
    `${failed} of ${sent} requests failed at ${Math.round(rate)} a second (${named.join(', ')}).${limited}`,
  );
}

function tooFast(targetMs: number): Error {
  return new Error(
    `Even ${HIGHEST_RATE} requests a second stay below ${targetMs} ms on average: more than this ` +
      'tool sends. Measure a smaller task, or a path that costs more.',
  );
}
