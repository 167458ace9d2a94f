// The search for a task's capacity, on queues whose S and D are known.
import { fit, rateByFit } from './fit';
import { measure } from './measure';
import type { MeasureOptions, StepOutcome } from './measure';

/** Mean response time of a processor that is shared, with the scatter of a step's length. */
function queue(serviceMs: number, dependencyMs: number, scatter = 0): MeasureOptions['load'] {
  let state = 42;
  const chance = () => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return state / 2 ** 31 - 0.5;
  };
  return (rate, seconds): Promise<StepOutcome> => {
    const rho = (rate * serviceMs) / 1000;
    const sent = Math.round(rate * seconds);
    if (rho >= 1) return Promise.resolve({ sent, failures: { timeout: 1 }, meanMs: 10_000 });
    const noise = 1 + (chance() * scatter) / (1 - rho);
    const meanMs = (dependencyMs + serviceMs / (1 - rho)) * noise;
    return Promise.resolve({ sent, failures: {}, meanMs });
  };
}

describe('measure', () => {
  it.each([
    [4, 4, 187.5],
    [8, 4, 62.5],
    [2.5, 4, 337.5],
    [0.4, 4, 2437.5],
    [12, 1, 30.7],
  ])('finds what a task with S = %d and D = %d holds: %d a second', async (s, d, expected) => {
    const told: string[] = [];
    const { rate, steps } = await measure({
      targetMs: 20,
      load: queue(s, d),
      onStep: ({ purpose }) => told.push(purpose),
    });
    expect(Math.abs(rate / expected - 1)).toBeLessThan(0.02);
    const found = fit(steps);
    expect(Math.abs(found.serviceMs / s - 1)).toBeLessThan(0.02);
    expect(Math.abs(found.dependencyMs - d)).toBeLessThan(0.1);
    expect(Math.abs(rateByFit(20, found) / expected - 1)).toBeLessThan(0.02);
    expect(new Set(told)).toEqual(new Set(['warming up', 'measuring', 'measured']));
  });

  it('comes close when steps scatter', async () => {
    const { rate, steps } = await measure({ targetMs: 20, load: queue(4, 4, 0.05) });
    expect(Math.abs(rate / 187.5 - 1)).toBeLessThan(0.1);
    const { serviceMs, dependencyMs } = fit(steps);
    expect(serviceMs).toBeGreaterThan(3);
    expect(serviceMs).toBeLessThan(5);
    expect(dependencyMs).toBeLessThan(5.5);
  });

  it('does not count what a cold task takes', async () => {
    const warm = queue(4, 4);
    let seconds = 0;
    const { rate } = await measure({
      targetMs: 20,
      load: async (at, length) => {
        seconds += length;
        const outcome = await warm(at, length);
        return seconds > 30 ? outcome : { ...outcome, meanMs: outcome.meanMs + 100 / seconds };
      },
    });
    expect(Math.abs(rate / 187.5 - 1)).toBeLessThan(0.02);
  });

  it('refuses a target that no rate reaches', async () => {
    await expect(measure({ targetMs: 20, load: queue(10, 15) })).rejects.toThrow(
      'A request takes 26.1 ms at 10 requests a second already: no number of tasks holds an average of 20 ms.',
    );
  });

  it('ends at its own highest rate', async () => {
    await expect(measure({ targetMs: 20, load: queue(0.01, 4) })).rejects.toThrow(
      'Even 5000 requests a second stay below 20 ms',
    );
  });

  it('names the failures that end it, and what to do against a rate limit', async () => {
    const answer = queue(4, 4);
    const load: MeasureOptions['load'] = async (rate, seconds) => {
      const outcome = await answer(rate, seconds);
      return rate < 100 ? outcome : { ...outcome, failures: { 429: 7, 503: 2 } };
    };
    await expect(measure({ targetMs: 20, load })).rejects.toThrow(
      /9 of \d+ requests failed at \d+ a second \(429: 7, 503: 2\)\. The rate limit of the stack is too low/,
    );
  });
});
