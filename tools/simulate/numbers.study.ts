// Tests of the stack's own policies against the numbers of the study in docs/scaling.md.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { contenders } from './policies';
import type { Contender } from './policies';
import { HOUR, builtInOf, calibrated, run, settingOf, trace } from './testing/setting';
import type { Calibrated } from './testing/setting';

const MINUTE = 60;
const SERVICES = [4, 8];

describe.each(SERVICES)("the stack's policies, S = %d ms", (serviceMs) => {
  let it_: Calibrated;
  beforeAll(async () => {
    it_ = await calibrated(serviceMs);
  });
  const result = (
    seconds: number,
    tasks: (second: number) => number,
    factors: Partial<ReturnType<typeof trace>> = {},
  ) => run(it_.own, { ...trace(seconds, tasks, it_.perTask), ...factors }, it_.setting);

  it.each([2.2, 5.5, 12])('hold a steady load of %d tasks with at most one reversal', (tasks) => {
    const { minutesOverTarget, reversals } = result(4 * HOUR, () => tasks);
    expect(minutesOverTarget).toBe(0);
    expect(reversals).toBeLessThanOrEqual(1);
  });

  it('are within 20 ms again after a flash crowd of 1.5 to 15 tasks in at most 6 minutes', () => {
    const { recoverMinutes } = run(it_.own, builtInOf(it_, 'flash-crowd'), it_.setting);
    expect(recoverMinutes).toBeLessThanOrEqual(6);
  });

  it('are at most 7 minutes over after a step of 2 to 6 tasks', () => {
    const { minutesOverTarget } = run(it_.own, builtInOf(it_, 'step'), it_.setting);
    expect(minutesOverTarget).toBeLessThanOrEqual(7);
  });

  it('buy at most 10 tasks when a dependency is ten times slower, and are back to 6', () => {
    const outage = builtInOf(it_, 'dependency-outage');
    const { maxTasks, endTasks, recoverMinutes } = run(it_.own, outage, it_.setting);
    expect(maxTasks).toBeLessThanOrEqual(10);
    expect(endTasks).toBeLessThanOrEqual(6);
    expect(recoverMinutes).toBeLessThanOrEqual(20);
    const small = { ...outage, rate: () => 0.8 * it_.perTask };
    expect(run(it_.own, small, it_.setting).maxTasks).toBe(2);
  });

  it('follow a release that is 1.5 times slower in at most 8 minutes, without a reversal', () => {
    const { minutesOverTarget, reversals } = result(4 * HOUR, () => 4, {
      serviceFactor: (second) => (second >= HOUR ? 1.5 : 1),
    });
    expect(minutesOverTarget).toBeLessThanOrEqual(8);
    expect(reversals).toBeLessThanOrEqual(1);
  });

  it('end at the minimum, and never grow, without traffic or with next to none', () => {
    const rates = [0, 1 / (10 * MINUTE), 2];
    for (const rate of rates) {
      const { maxTasks, endTasks } = result(3 * HOUR, () => rate / it_.perTask);
      expect([maxTasks, endTasks]).toEqual([2, 2]);
    }
  });

  it('buy at most 10 tasks when 20 ms are out of reach, and go back to the minimum', () => {
    const { maxTasks, endTasks } = run(it_.own, builtInOf(it_, 'out-of-reach'), it_.setting);
    expect(maxTasks).toBeLessThanOrEqual(10);
    expect(endTasks).toBe(2);
  });
});

const WEEK = 7 * 24 * HOUR;

describe('what shipped before', () => {
  function before({ stack }: Calibrated): Contender {
    for (const one of contenders([], stack.names, 12_000, 20)) {
      if (one.name === 'shipped-before') return one;
    }
    throw new Error('It is compared no more.');
  }

  it('flaps at a constant load where metrics have no delay', async () => {
    const service = await calibrated(5);
    const steady = trace(8 * HOUR, () => 5.5, service.perTask);
    const { reversals } = run(before(service), steady, {
      ...service.setting,
      delaySeconds: () => 0,
    });
    expect(reversals).toBeGreaterThan(8);
  });

  it('never scales out by response time where they have one: the trap of FILL', async () => {
    const service = await calibrated(8);
    const step = run(before(service), builtInOf(service, 'step'), service.setting);
    expect([step.scalingActions, step.minutesOverTarget > 50]).toEqual([0, true]);
  });
});

describe('a wrong capacity', () => {
  it('costs at most 130 minutes over the short traces when it is twice what is true', async () => {
    const wrong = await calibrated(8, 2);
    const short = ['constant', 'ramp', 'step', 'flash-crowd', 'on-off', 'near-idle'];
    const more = ['dependency-outage', 'slow-release'];
    const minutes = [...short, ...more].map(
      (name) => run(wrong.own, builtInOf(wrong, name), wrong.setting).minutesOverTarget,
    );
    expect(minutes.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(130);
  });
});

describe('simulate', () => {
  it('gives the same result for the same seed, and the same traffic to every policy', async () => {
    const { own, setting, perTask } = await calibrated(8);
    const one = trace(2 * HOUR, (second) => (second > HOUR ? 5 : 2), perTask);
    expect(run(own, one, setting)).toEqual(run(own, one, setting));
    const fixed = run({ kind: 'fixed', name: 'fixed' }, one, setting);
    expect(fixed.minutes.requestsPerSecond).toEqual(
      run(own, one, setting).minutes.requestsPerSecond,
    );
    expect(run(own, one, { ...setting, seed: 2 })).not.toEqual(run(own, one, setting));
  });

  it('never leaves the bounds, and is never better with a longer delay than luck allows', async () => {
    const { own, setting, perTask } = await calibrated(8);
    const names = [0, 120, 300];
    for (const tasks of [3, 9]) {
      const burst = trace(3 * HOUR, (second) => (second % HOUR > 1800 ? tasks : 1), perTask);
      const bounds = { ...setting, minimum: 3, maximum: 7 };
      const minutes = names.map((delay) => {
        const result = run(own, burst, { ...bounds, delaySeconds: () => delay });
        expect(result.maxTasks).toBeLessThanOrEqual(7);
        expect(Math.min(...result.minutes.tasks)).toBeGreaterThanOrEqual(3);
        return result.minutesOverTarget;
      });
      expect(minutes).toEqual([...minutes].sort((a, b) => a - b));
    }
  });

  it('comes to the same with every request followed', async () => {
    const { own, setting, perTask } = await calibrated(8);
    const step = trace(
      2 * HOUR,
      (second) => (second >= HOUR / 2 && second < HOUR ? 6 : 2),
      perTask,
    );
    const fast = run(own, step, setting);
    const exact = run(own, step, { ...setting, engine: 'events' });
    expect(Math.abs(fast.minutesOverTarget - exact.minutesOverTarget)).toBeLessThanOrEqual(2);
    expect(fast.taskHours / exact.taskHours).toBeCloseTo(1, 0.9);
  });

  it('is kept from its target by nothing when it knows the traffic to come', async () => {
    const { setting, perTask } = await calibrated(8);
    const step = trace(3 * HOUR, (second) => (second >= HOUR ? 6 : 2), perTask);
    const { minutesOverTarget, taskHours } = run(
      { kind: 'clairvoyant', name: 'clairvoyant' },
      step,
      setting,
    );
    expect(minutesOverTarget).toBe(0);
    expect(taskHours).toBeLessThan(run({ kind: 'fixed', name: 'fixed' }, step, setting).taskHours);
  });

  it('takes seconds for a week, not minutes', async () => {
    const week = await calibrated(8);
    const before = process.cpuUsage();
    run(week.own, builtInOf(week, 'diurnal-week'), week.setting);
    const { user } = process.cpuUsage(before);
    // Two seconds on a quiet core; a machine ten times slower passes.
    expect(user / 1e6).toBeLessThan(20);
  });

  it('keeps its memory however long the trace is', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const { own, setting, perTask } = await calibrated(8);
    const heap: number[] = [];
    const weeks = trace(
      2 * WEEK,
      (second) => {
        if (second % WEEK === WEEK - 1) {
          collect();
          heap.push(process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers);
        }
        return 3 + 2 * Math.sin((2 * Math.PI * second) / (24 * HOUR));
      },
      perTask,
    );
    run(own, weeks, setting);
    // What the result has of each minute grows: six numbers, of 10,000 minutes more.
    expect((heap.at(-1) ?? 0) - (heap[0] ?? 0)).toBeLessThan(4e6);
  });

  it('bills tasks that start and tasks that drain', () => {
    const setting = settingOf(8);
    const idle = trace(HOUR, () => 0, 1);
    expect(run({ kind: 'fixed', name: 'fixed' }, idle, setting).taskHours).toBeCloseTo(2, 5);
  });
});
