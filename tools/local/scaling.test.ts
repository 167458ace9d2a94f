import type { RecordedResource } from '../../recorder/record';
import { Autoscaler } from './autoscaler';
import { compileMetricMath } from './metric-math';
import { MetricStore } from './metrics';
import { readScalingPolicy } from './scaling-policy';
import type { ScalingPolicy } from './scaling-policy';

describe('compileMetricMath', () => {
  it.each([
    ['1 + 2 * 3', {}, 7],
    ['(1 + 2) * 3', {}, 9],
    ['10 / 4 - 1', {}, 1.5],
    ['-a + 3', { a: 1 }, 2],
    ['a < 2 && b >= 2', { a: 1, b: 2 }, 1],
    ['a == 1 || b != 2', { a: 0, b: 2 }, 0],
    ['FILL(missing, 5)', {}, 5],
    ['a + missing', { a: 1 }, undefined],
    ['IF(FILL(requests, 0) < 60, 0, FILL(latency, 0))', { latency: 3 }, 0],
    ['IF(FILL(requests, 0) < 60, 0, FILL(latency, 0))', { requests: 60, latency: 3 }, 3],
    ['IF(missing > 1, 1, 2)', {}, undefined],
    ['MAX(a, missing, 4)', { a: 1 }, 4],
    ['MIN(missing)', {}, undefined],
  ])('%s of %j is %s', (expression, values, expected) => {
    expect(compileMetricMath(expression)(values)).toBe(expected);
  });

  it.each(['1 +', 'a b', 'IF(1, 2', '* 2', 'a ? b', 'RATE(a)', ')'])('refuses %s', (expression) => {
    expect(() => compileMetricMath(expression)).toThrow(`Metric math "${expression}"`);
  });
});

describe('readScalingPolicy', () => {
  const read = (configuration: object) =>
    readScalingPolicy(
      {
        name: 'p',
        inputs: { targetTrackingScalingPolicyConfiguration: configuration },
      } as unknown as RecordedResource,
      { LoadBalancer: 'lb', TargetGroup: 'tg' },
    );

  it('reads metric math, a single metric and requests by target', () => {
    const metric = {
      metricName: 'TargetResponseTime',
      namespace: 'AWS/ApplicationELB',
      dimensions: [{ name: 'LoadBalancer', value: 'lb' }],
    };
    expect(
      read({
        targetValue: 0.02,
        customizedMetricSpecification: {
          metrics: [
            { id: 'm', metricStat: { metric, stat: 'p95' }, returnData: false },
            { id: 'e', expression: 'FILL(m, 0)', returnData: true },
          ],
        },
      }),
    ).toMatchObject({
      target: 0.02,
      expression: 'FILL(m, 0)',
      scaleInCooldownSeconds: 300,
      metrics: [{ id: 'm', stat: 'p95', dimensions: { LoadBalancer: 'lb' } }],
    });
    expect(read({ targetValue: 1, customizedMetricSpecification: metric })).toMatchObject({
      expression: 'value',
      metrics: [{ id: 'value', stat: 'Average' }],
    });
    const predefinedMetricSpecification = { predefinedMetricType: 'ALBRequestCountPerTarget' };
    expect(read({ targetValue: 1, predefinedMetricSpecification }).expression).toContain('tasks');
  });

  it('says which policy tracks what is not measured here', () => {
    const predefinedMetricSpecification = {
      predefinedMetricType: 'ECSServiceAverageCPUUtilization',
    };
    expect(() => read({ targetValue: 50, predefinedMetricSpecification })).toThrow(
      'policy p tracks ECSServiceAverageCPUUtilization',
    );
  });
});

describe('Autoscaler', () => {
  const metric = { namespace: 'N', name: 'latency', dimensions: {} };
  const policy = (changes: Partial<ScalingPolicy> = {}): ScalingPolicy => ({
    name: 'latency',
    target: 0.02,
    metrics: [{ id: 'value', stat: 'Average', ...metric }],
    expression: 'value',
    disableScaleIn: false,
    scaleOutCooldownSeconds: 0,
    scaleInCooldownSeconds: 0,
    ...changes,
  });

  function setUp(policies: ScalingPolicy[], start = 1) {
    let now = 1_000_000;
    let count = start;
    const metrics = new MetricStore();
    const changes: [number, number, string][] = [];
    const autoscaler = new Autoscaler({
      policies,
      metrics,
      minimum: 1,
      maximum: 6,
      now: () => now,
      onChange: (...change) => changes.push(change),
      tasks: {
        count: () => count,
        scaleTo: (capacity) => {
          count = capacity;
          return Promise.resolve();
        },
      },
    });
    const minutes = async (values: (number | undefined)[]) => {
      for (const value of values) {
        now += 60_000;
        if (value !== undefined) metrics.add('N', 'latency', {}, value, now - 1000);
        await autoscaler.tick();
      }
    };
    return { autoscaler, minutes, changes };
  }

  const times = (count: number, value: number | undefined) =>
    new Array<number | undefined>(count).fill(value);

  it('scales out after three minutes above the target, in proportion', async () => {
    const { autoscaler, minutes, changes } = setUp([policy()], 2);
    await minutes([0.05, 0.05]);
    expect(changes).toEqual([]);
    await minutes([0.05]);
    expect(changes).toEqual([[2, 5, 'latency']]);
    await autoscaler.close();
  });

  it('never leaves its bounds', async () => {
    const { autoscaler, minutes, changes } = setUp([policy()], 2);
    await minutes(times(3, 5));
    expect(changes.at(-1)).toEqual([2, 6, 'latency']);
    await minutes(times(15, 0));
    expect(changes.at(-1)).toEqual([6, 1, 'latency']);
    await autoscaler.close();
  });

  it('scales in only after fifteen minutes clearly below', async () => {
    const { autoscaler, minutes, changes } = setUp([policy()], 4);
    await minutes([...times(14, 0.01), 0.019]);
    expect(changes).toEqual([]);
    await minutes(times(15, 0.01));
    expect(changes).toEqual([[4, 2, 'latency']]);
    await autoscaler.close();
  });

  it('does nothing while data is missing', async () => {
    const { autoscaler, minutes, changes } = setUp([policy()], 4);
    await minutes(times(20, undefined));
    await minutes([0.05, undefined, 0.05, 0.05]);
    expect(changes).toEqual([]);
    await autoscaler.close();
  });

  it('scales out if any policy asks, and in only if all agree', async () => {
    const idle = policy({ name: 'idle', metrics: [], expression: '0' });
    const { autoscaler, minutes, changes } = setUp([policy(), idle], 3);
    await minutes(times(15, 0.02));
    expect(changes).toEqual([]);
    await minutes(times(3, 0.03));
    expect(changes).toEqual([[3, 5, 'latency']]);
    await autoscaler.close();
  });

  it('waits for the cooldown', async () => {
    const { autoscaler, minutes, changes } = setUp([policy({ scaleOutCooldownSeconds: 300 })], 1);
    await minutes(times(6, 0.04));
    expect(changes).toEqual([[1, 2, 'latency']]);
    await minutes(times(2, 0.04));
    expect(changes).toHaveLength(2);
    await autoscaler.close();
  });

  it('refuses a policy whose expression it can not evaluate, instead of never scaling', () => {
    expect(() => setUp([policy({ expression: 'RATE(value)' })])).toThrow('RATE is not known here');
  });

  it('leaves scaling in to others where a policy may not', async () => {
    const { autoscaler, minutes, changes } = setUp([policy({ disableScaleIn: true })], 4);
    await minutes(times(20, 0));
    expect(changes).toEqual([]);
    await autoscaler.close();
  });
});
