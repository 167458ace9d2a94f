import { readTrace } from '../simulate/trace-file';
import { arrivals, shapeOf, shapeOfTrace, stoppedAt } from './shape';

/** How many arrivals there are in each second. */
function counts(shape: Parameters<typeof arrivals>[0]): number[] {
  const seconds = new Array<number>(shape.seconds).fill(0);
  for (const due of arrivals(shape)) seconds[Math.floor(due)] = (seconds[Math.floor(due)] ?? 0) + 1;
  return seconds;
}

describe('arrivals', () => {
  it('come at even distances at a constant rate', () => {
    expect([...arrivals(shapeOf('constant', 4, 1))]).toEqual([0, 0.25, 0.5, 0.75]);
    expect([...arrivals(shapeOf('constant', 0.5, 4))]).toEqual([0, 2]);
  });

  it('grow from nothing to the rate in a ramp', () => {
    expect(counts(shapeOf('ramp', 40, 4))).toEqual([10, 20, 30, 40]);
  });

  it('are a quarter of the rate on both sides of a step', () => {
    expect(counts(shapeOf('step', 40, 6))).toEqual([10, 10, 40, 40, 10, 10]);
  });

  it('follow the distances that are drawn', () => {
    const gaps = [2, 1];
    expect([...arrivals(shapeOf('constant', 4, 1), () => gaps.shift() ?? 5)]).toEqual([
      0, 0.5, 0.75,
    ]);
  });
});

describe('shapeOfTrace', () => {
  const rows = ['2026-01-05T00:00:00Z,600', '2026-01-05T00:01:00Z,1200'];
  const traceOf = (lines: string[]) =>
    readTrace(['timestamp,requests', ...lines].join('\n'), 'a.csv').trace;

  it('squeezes and stretches a trace, with its highest second at the rate', () => {
    expect(counts(shapeOfTrace(traceOf(rows), 20, 4))).toEqual([10, 10, 20, 20]);
    expect(counts(shapeOfTrace(traceOf(rows), 20, 240)).slice(119, 121)).toEqual([10, 20]);
  });

  it('refuses a trace without requests', () => {
    const none = traceOf(['2026-01-05T00:00:00Z,0']);
    expect(() => shapeOfTrace(none, 20, 4)).toThrow('a.csv has no requests');
  });
});

describe('stoppedAt', () => {
  const limit = { name: 'rate-by-ip', limit: 6000, windowSeconds: 300 };

  it('finds the second in which the window overflows', () => {
    expect(stoppedAt(shapeOf('constant', 100, 120), limit)).toBe(60);
    expect(stoppedAt(shapeOf('constant', 20, 3600), limit)).toBeUndefined();
    expect(stoppedAt(shapeOf('ramp', 30, 3600), limit)).toBeGreaterThan(2400);
  });
});
