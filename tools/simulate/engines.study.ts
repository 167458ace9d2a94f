// Tests of both engines: the exact one against closed forms, the fast one against the exact one.
import { EventEngine } from './event-engine';
import { FlowEngine } from './flow-engine';
import { capacityOf, slowdown } from './pooling';
import { constant, exponential, lognormal } from './random';
import type { Shape } from './random';
import type { Engine, ServiceModel } from './service-model';

const SERVICE_MS = 5;
/** Six million requests, as many as the queue needs to show two in a hundred. */
const REQUESTS = 6_000_000;
/** For a machine that is ten times slower and busy. */
const PATIENCE_MS = 600_000;

const model = (changes: Partial<ServiceModel> = {}): ServiceModel => ({
  ...{ serviceMs: SERVICE_MS, dependencyMs: 0, shape: exponential },
  ...{ discipline: { kind: 'sharing' }, balancing: 'least-outstanding', balancerNodes: 3 },
  ...{ queueLimit: Number.POSITIVE_INFINITY, timeoutMs: Number.POSITIVE_INFINITY },
  ...changes,
});

function serve(engine: Engine, tasks: number, utilization: number, requests: number) {
  const rate = (1000 * tasks * utilization) / SERVICE_MS;
  const sums = { answered: 0, totalMs: 0, over: 0, busy: 0, failed: 0 };
  const seconds = Math.ceil(requests / rate);
  for (let second = 0; second < seconds; second += 1) {
    const load = { requests: rate, tasks, serviceFactor: 1, dependencyFactor: 1 };
    const served = engine.serve(load);
    for (const key of Object.keys(sums) as (keyof typeof sums)[]) sums[key] += served[key];
  }
  return {
    averageMs: sums.totalMs / sums.answered,
    over: sums.over / sums.answered,
    busy: sums.busy / seconds,
    failed: sums.failed,
  };
}

describe('EventEngine', () => {
  it.each<[number, string, Shape, number]>([
    [0.5, 'lognormal', lognormal(1), REQUESTS / 12],
    [0.9, 'exponential', exponential, REQUESTS],
  ])(
    'takes S / (1 - rho) where a task shares its processor at rho = %d, whatever the law: %s',
    (rho, _law, shape, requests) => {
      const { averageMs, busy } = serve(new EventEngine(model({ shape }), 20, 1), 1, rho, requests);
      expect(Math.abs((averageMs * (1 - rho)) / SERVICE_MS - 1)).toBeLessThan(0.02);
      expect(busy).toBeCloseTo(rho, 2);
    },
    PATIENCE_MS,
  );

  it.each<[string, Shape, number, number, number]>([
    ['constant', constant, 0, 0.7, REQUESTS / 12],
    ['lognormal', lognormal(1.5), 1.5, 0.8, REQUESTS],
  ])(
    'takes S + rho S (1 + cv2) / 2 (1 - rho) in order of arrival, %s',
    (_law, shape, cv, rho, requests) => {
      const discipline = { kind: 'fifo', threads: 1 } as const;
      const engine = new EventEngine(model({ shape, discipline }), 20, 2);
      const { averageMs } = serve(engine, 1, rho, requests);
      const expected = SERVICE_MS + (rho * SERVICE_MS * (1 + cv * cv)) / (2 * (1 - rho));
      expect(Math.abs(averageMs / expected - 1)).toBeLessThan(0.02);
    },
    PATIENCE_MS,
  );

  it(
    'lets 0.449 of the requests take longer than 20 ms: M/M/1, S = 5 ms, rho = 0.8',
    () => {
      const discipline = { kind: 'fifo', threads: 1 } as const;
      const { over } = serve(new EventEngine(model({ discipline }), 20, 3), 1, 0.8, REQUESTS / 6);
      expect(Math.abs(over / 0.449 - 1)).toBeLessThan(0.02);
    },
    PATIENCE_MS,
  );

  it('holds a thread while it waits for the dependency', () => {
    // Two threads of 15 ms and 5 to 10 of CPU: 80 to 100 requests a second, the CPU half idle.
    const discipline = { kind: 'fifo', threads: 2 } as const;
    const shape = constant;
    const engine = new EventEngine(model({ discipline, dependencyMs: 15, shape }), 20, 4);
    const { busy } = serve(engine, 1, 0.9, 30_000);
    expect(busy).toBeGreaterThan(0.4);
    expect(busy).toBeLessThan(0.5);
  });

  it('refuses beyond its queue, and fails what takes too long', () => {
    const limited = serve(new EventEngine(model({ queueLimit: 10 }), 20, 5), 1, 2, 20_000);
    expect(limited.failed / 20_000).toBeCloseTo(0.5, 1);
    expect(limited.averageMs).toBeLessThan(10 * SERVICE_MS * 1.1);
    const late = serve(new EventEngine(model({ timeoutMs: 15 }), 20, 5), 1, 0.8, 20_000);
    expect(late.failed).toBeGreaterThan(0);
    expect(late.averageMs).toBeLessThan(15);
  });

  it('balances by fewest outstanding better than in turn, and in turn better than at random', () => {
    const [least, turns, random] = (['least-outstanding', 'round-robin', 'random'] as const).map(
      (balancing) => serve(new EventEngine(model({ balancing }), 20, 6), 6, 0.8, 100_000).averageMs,
    );
    expect(least).toBeLessThan(turns as number);
    expect(turns).toBeLessThan(random as number);
  });

  it('finishes what draining tasks have', () => {
    const engine = new EventEngine(model({ shape: constant }), 20, 7);
    const load = { requests: 1900, serviceFactor: 1, dependencyFactor: 1 };
    const first = engine.serve({ ...load, tasks: 10 });
    const rest = engine.serve({ ...load, requests: 0, tasks: 1 });
    expect(first.answered + rest.answered).toBeGreaterThan(1500);
    expect(rest.answered).toBeGreaterThan(0);
    expect(first.failed + rest.failed).toBe(0);
  });
});

describe('slowdown', () => {
  it.each([
    [1, 0.7],
    [2, 0.8],
    [3, 0.6],
    [6, 0.776],
    [8, 0.9],
    [20, 0.8],
  ])('of %d tasks at %d is what the exact engine shows', (tasks, rho) => {
    const exact = new EventEngine(model({ dependencyMs: 4 }), 20, 8);
    const { averageMs } = serve(exact, tasks, rho, 250_000);
    expect(Math.abs((slowdown(tasks, rho) * SERVICE_MS) / (averageMs - 4) - 1)).toBeLessThan(0.06);
  });

  it.each([
    [4, 187, 3],
    [8, 62, 2],
  ])('lets one task of S = %d ms hold %d a second at 20 ms', (serviceMs, expected, margin) => {
    expect(Math.abs(capacityOf(1, serviceMs, 4, 20) - expected)).toBeLessThanOrEqual(margin);
  });

  it('lets six tasks of S = 8 ms hold about 97 a second each, and none what is out of reach', () => {
    expect(capacityOf(6, 8, 4, 20) / 6).toBeGreaterThan(90);
    expect(capacityOf(6, 8, 4, 20) / 6).toBeLessThan(104);
    expect(capacityOf(30, 8, 13, 20)).toBe(0);
  });
});

describe('FlowEngine', () => {
  const flow = (changes: Partial<ServiceModel> = {}, cv = 1) =>
    new FlowEngine(model({ queueLimit: 500, timeoutMs: 30_000, ...changes }), cv, 20, 1);

  it.each([
    [1, 0.5],
    [1, 0.8],
    [4, 0.7],
    [12, 0.9],
  ])('agrees with the exact engine on %d tasks at %d', (tasks, rho) => {
    const fast = serve(flow({ dependencyMs: 4 }), tasks, rho, 1_000_000);
    const exact = serve(new EventEngine(model({ dependencyMs: 4 }), 20, 9), tasks, rho, 200_000);
    expect(fast.averageMs / exact.averageMs).toBeCloseTo(1, 0.9);
    expect(Math.abs(fast.over - exact.over)).toBeLessThan(0.06);
    expect(fast.busy).toBeCloseTo(exact.busy, 1);
  });

  it('agrees on an overload and its end', () => {
    const limits = { queueLimit: 500, timeoutMs: 30_000, serviceMs: 10 };
    const exact = new EventEngine(model({ ...limits, shape: constant }), 20, 10);
    const fast = flow(limits, 0.01);
    const sums = { fast: 0, exact: 0, fastFailed: 0, exactFailed: 0 };
    for (let second = 0; second < 40; second += 1) {
      const requests = second < 10 ? 160 : 60;
      const load = { requests, tasks: 1, serviceFactor: 1, dependencyFactor: 1 };
      const [a, b] = [fast.serve(load), exact.serve(load)];
      sums.fast += a.totalMs;
      sums.exact += b.totalMs;
      sums.fastFailed += a.failed;
      sums.exactFailed += b.failed;
    }
    expect(sums.fast / sums.exact).toBeGreaterThan(0.75);
    expect(sums.fast / sums.exact).toBeLessThan(1.35);
    // Sharing spreads work over requests that all finish late, so that more of them are inside.
    expect(Math.abs(sums.fastFailed - sums.exactFailed)).toBeLessThan(300);
  });

  it('fails everything without a task, and spreads what it answers', () => {
    const engine = flow({ dependencyMs: 4 });
    const load = { requests: 100, serviceFactor: 1, dependencyFactor: 1 };
    expect(engine.serve({ ...load, tasks: 0 })).toMatchObject({ failed: 100, answered: 0 });
    const served = engine.serve({ ...load, tasks: 3 });
    const spread = { count: 0, totalMs: 0 };
    engine.spread((ms, count) => {
      spread.count += count;
      spread.totalMs += ms * count;
    });
    expect(spread.count).toBeCloseTo(served.answered, 3);
    expect(spread.totalMs / served.totalMs).toBeCloseTo(1, 0.8);
  });
});
