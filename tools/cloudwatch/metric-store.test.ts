import fc from 'fast-check';
import { publicationDelaySeconds } from './delays';
import { Distribution } from './distribution';
import { addEmbeddedMetrics } from './embedded-metrics';
import { MetricStore } from './metric-store';
import { windowUntil } from './series';
import { statistic } from './statistics';
import { written } from './testing/lines';

const START = Date.parse('2026-01-05T00:00:00Z');
const MINUTE = 60_000;

function setUp(options: Partial<ConstructorParameters<typeof MetricStore>[0]> = {}) {
  const clock = { ms: START };
  const store = new MetricStore({ now: () => clock.ms, ...options });
  return { clock, store };
}

describe('statistic', () => {
  const of = (name: string, values: readonly number[]) => {
    const all = new Distribution();
    values.forEach((value) => all.add(value));
    return statistic(name)(all);
  };
  const hundred = Array.from({ length: 100 }, (_none, index) => index + 1);

  it.each([
    ['Average', 50.5],
    ['Sum', 5050],
    ['Minimum', 1],
    ['Maximum', 100],
    ['SampleCount', 100],
    ['p0', 1],
    ['p50', 50],
    ['p99', 99],
    ['p100', 100],
    ['tm90', 45.5],
    ['TM(10%:90%)', 50.5],
    ['TM(:50)', 25.5],
    ['TC(50:)', 50],
    ['TS(:50%)', 1275],
    ['PR(:30)', 30],
    ['PR(30:80)', 50],
  ])('%s of 1 to 100 is %d', (name, expected) => {
    const found = of(name, hundred) ?? Number.NaN;
    // A bin is two in a hundred wide.
    expect(Math.abs(found - expected)).toBeLessThanOrEqual(Math.max(1, 0.02 * expected));
  });

  it('holds exactly where all observations are one value', () => {
    const same = [0.02, 0.02, 0.02];
    expect(of('p99', same)).toBe(0.02);
    expect(of('PR(:0.02)', same)).toBe(100);
    expect(of('PR(0.02:)', same)).toBe(0);
    expect(of('tm50', same)).toBeCloseTo(0.02, 12);
    expect(of('p50', [0, 0, 0])).toBe(0);
  });

  it('is right to two in a hundred for any percentile of any observations', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), { minLength: 1 }),
        fc.integer({ min: 1, max: 100 }),
        (values, rank) => {
          const sorted = [...values].sort((a, b) => a - b);
          const at = Math.ceil((rank / 100) * values.length - 1e-9) - 1;
          const exact = sorted[at] ?? Number.NaN;
          const found = of(`p${rank}`, values) ?? Number.NaN;
          expect(found).toBeGreaterThanOrEqual(exact / 1.0201);
          expect(found).toBeLessThanOrEqual(exact * 1.0201);
        },
      ),
    );
  });

  it('knows no percentile of a statistic set, as CloudWatch does not', () => {
    const all = new Distribution();
    all.merge({ sum: 30, count: 3, min: 5, max: 15 });
    expect(statistic('p99')(all)).toBeUndefined();
    expect(statistic('PR(:10)')(all)).toBeUndefined();
    expect(statistic('Average')(all)).toBe(10);
  });

  it('has no value without observations, and refuses names that it does not know', () => {
    expect(of('Average', [])).toBeUndefined();
    for (const name of ['p101', 'Mean', 'TM(:)', 'PR(10%:20%)', 'TM(10:20%)']) {
      expect(() => statistic(name)).toThrow(`The statistic ${name} is not known here`);
    }
  });
});

describe('MetricStore', () => {
  const metric = (stat: string, namespace = 'N') => ({
    ...{ namespace, name: 'm', dimensions: { A: '1' }, stat },
  });

  it('shows a point only when it is published', () => {
    const { clock, store } = setUp();
    store.add('AWS/ApplicationELB', 'm', { A: '1' }, 4);
    const delay = publicationDelaySeconds('AWS/ApplicationELB') * 1000;
    const read = () =>
      written(
        store
          .source()
          .values(metric('Average', 'AWS/ApplicationELB'), windowUntil(START, MINUTE, 2)),
      );
    clock.ms = START + MINUTE + delay - 1;
    expect(read()).toEqual(['-', '-']);
    clock.ms += 1;
    expect(read()).toEqual(['-', 4]);
  });

  it('reads seconds, minutes and longer periods', () => {
    const { clock, store } = setUp();
    for (let second = 0; second < 120; second += 1) {
      store.add('N', 'm', { A: '1' }, second, START + second * 1000);
    }
    clock.ms = START + 10 * MINUTE;
    const read = (stat: string, periodMs: number, count: number) =>
      written(store.source().values(metric(stat), { startMs: START, periodMs, count }));
    expect(read('Sum', 1000, 3)).toEqual([0, 1, 2]);
    expect(read('Sum', 20_000, 2)).toEqual([190, 590]);
    expect(read('SampleCount', MINUTE, 3)).toEqual([60, 60, '-']);
    expect(read('Maximum', 2 * MINUTE, 1)).toEqual([119]);
  });

  it('lets counts of a shortened minute stand for those of a whole one', () => {
    const { clock, store } = setUp();
    for (let second = 0; second < 3; second += 1) {
      store.add('N', 'm', { A: '1' }, 2, START + second * 1000);
    }
    clock.ms = START + MINUTE;
    const window = { startMs: START, periodMs: 3000, count: 1 };
    const source = store.source({ timeScale: 20 });
    expect(written(source.values(metric('Sum'), window))).toEqual([120]);
    expect(written(source.values(metric('Average'), window))).toEqual([2]);
  });

  it('takes one statistic since a time', () => {
    const { clock, store } = setUp();
    store.add('N', 'm', { A: '1' }, 1);
    clock.ms += 5000;
    store.add('N', 'm', { A: '1' }, 3);
    expect(store.statistic(metric(''), 'Sum', START + 1000)).toBe(3);
    expect(store.statistic(metric(''), 'Sum', START)).toBe(4);
    clock.ms += 60 * MINUTE;
    expect(store.statistic(metric(''), 'Sum', START)).toBe(4);
    expect(store.statistic(metric('', 'Other'), 'Sum', START)).toBeUndefined();
  });

  it('lists series by namespace, name, dimension and time', () => {
    const { store } = setUp();
    store.add('N', 'm', { A: '1', B: '2' }, 1);
    store.add('N', 'm', { B: '2', A: '1' }, 2, START + MINUTE);
    store.add('N', 'other', {}, 1);
    expect(store.query({ dimensions: { A: '1' }, sinceMs: START + 2000 })).toEqual([
      {
        ...{ namespace: 'N', name: 'm', dimensions: { A: '1', B: '2' } },
        points: [{ time: '2026-01-05T00:01:00.000Z', sum: 2, count: 1, min: 2, max: 2 }],
      },
    ]);
    expect(store.query({ namespace: 'N', periodMs: MINUTE })).toHaveLength(2);
    expect(store.query({ name: 'nothing' })).toEqual([]);
  });

  it('finds by SEARCH what has exactly the dimensions of its schema', () => {
    const { clock, store } = setUp();
    store.add('N', 'm', { Stack: 'dev', Key: 'a b' }, 1);
    store.add('N', 'm', { Stack: 'prod', Key: 'c' }, 1);
    store.add('N', 'm', { Stack: 'dev' }, 1);
    clock.ms += 10 * MINUTE;
    const found = (expression: string) =>
      store
        .source()
        .search(expression, 'Sum', windowUntil(START, MINUTE, 1))
        .map(({ label }) => label);
    expect(found('{"N","Stack","Key"} MetricName="m" Stack="dev"')).toEqual(['m dev a b']);
    expect(found('{N,Stack,Key}')).toEqual(['m dev a b', 'm prod c']);
    expect(found('{N,Stack,Key} Stack=PRO AND "c"')).toEqual(['m prod c']);
    expect(found('{N,Stack} Nothing="m"')).toEqual([]);
    expect(() => found('MetricName="m"')).toThrow('has no schema');
    expect(() => found('{N} (a OR b)')).toThrow("can't be read");
  });

  it('never keeps more than its bounds', () => {
    const { store } = setUp({ secondsKept: 10, minutesKept: 3, periodsKept: 40 });
    for (let second = 0; second < 600; second += 1) {
      for (let series = 0; series < 5; series += 1) {
        store.add('N', `m${series}`, {}, 1, START + second * 1000);
      }
    }
    const kept = store.query();
    expect(kept.every(({ points }) => points.length <= 10)).toBe(true);
    expect(kept.reduce((sum, { points }) => sum + points.length, 0)).toBeLessThanOrEqual(40);
  });

  it('drops new series beyond ten thousand', () => {
    const { store } = setUp();
    for (let index = 0; index <= 10_000; index += 1) store.add('N', `m${index}`, {}, 1);
    expect(store.query()).toHaveLength(10_000);
  });
});

describe('addEmbeddedMetrics', () => {
  it('takes the metrics out of a log line and leaves other lines alone', () => {
    const { store } = setUp();
    const directive = { Namespace: 'N', Dimensions: [['A'], []], Metrics: [{ Name: 'm' }] };
    const line = { _aws: { Timestamp: START, CloudWatchMetrics: [directive] }, A: 'x', m: [1, 2] };
    addEmbeddedMetrics(store, JSON.stringify(line));
    addEmbeddedMetrics(store, 'START RequestId');
    addEmbeddedMetrics(store, '{"_aws": broken');
    expect(store.query().map(({ dimensions, points }) => [dimensions, points[0]?.sum])).toEqual([
      [{ A: 'x' }, 3],
      [{}, 3],
    ]);
  });
});
