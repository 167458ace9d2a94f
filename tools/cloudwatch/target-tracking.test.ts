import fc from 'fast-check';
import { readScalingPolicy } from './scaling-policy';
import type { ScalingPolicy } from './scaling-policy';
import { TargetTracking } from './target-tracking';
import type { ScalingDecision } from './target-tracking';

const MINUTE = 60_000;

const policy = (changes: Partial<ScalingPolicy> = {}): ScalingPolicy => ({
  ...{ name: 'p', target: 100, tracked: 'value', disableScaleIn: false },
  queries: [
    { id: 'value', metric: { namespace: 'N', name: 'm', dimensions: {}, stat: 'Average' } },
  ],
  ...{ scaleOutCooldownSeconds: 0, scaleInCooldownSeconds: 0 },
  ...changes,
});

type Points = readonly (number | undefined)[];

/** Feeds metrics minute by minute, newest `delay` minutes unpublished, and follows the decisions. */
function run(
  policies: readonly ScalingPolicy[],
  metrics: Record<string, Points>,
  { start = 1, minimum = 1, maximum = 100, delay = 0 } = {},
) {
  const tracking = new TargetTracking({ policies, minimum, maximum });
  const changes: (ScalingDecision & { minute: number })[] = [];
  let desired = start;
  const length = Math.max(...Object.values(metrics).map((points) => points.length));
  for (let minute = 1; minute <= length; minute += 1) {
    const decision = tracking.decide(
      {
        values: ({ name }, { startMs, count }) =>
          Float64Array.from({ length: count }, (_none, index) => {
            const at = startMs / MINUTE + index;
            return at < minute - delay ? (metrics[name]?.[at] ?? Number.NaN) : Number.NaN;
          }),
        search: () => [],
      },
      minute * MINUTE,
      desired,
    );
    if (decision === undefined) continue;
    desired = decision.to;
    changes.push({ ...decision, minute });
  }
  return { changes, steps: changes.map(({ minute, from, to }) => [minute, from, to]), desired };
}

const times = (count: number, value: number | undefined): Points =>
  new Array<number | undefined>(count).fill(value);

describe('TargetTracking', () => {
  it('scales out after three minutes above the target, in proportion to the newest', () => {
    const { changes } = run([policy()], { m: [150, 200, 250] }, { start: 4 });
    expect(changes).toEqual([{ minute: 3, from: 4, to: 10, policy: 'p', value: 250, target: 100 }]);
  });

  it("scales by AWS's example of a backlog: 1500 messages and a target of 100 a task are 15 tasks", () => {
    const backlog = policy({
      queries: [
        { id: 'm1', metric: { namespace: 'AWS/SQS', name: 'm', dimensions: {}, stat: 'Sum' } },
        { id: 'm2', metric: { namespace: 'I', name: 'n', dimensions: {}, stat: 'Average' } },
        { id: 'e1', expression: 'm1 / m2' },
      ],
      tracked: 'e1',
    });
    const metrics = { m: times(3, 1500), n: times(3, 10) };
    expect(run([backlog], metrics, { start: 10 }).steps).toEqual([[3, 10, 15]]);
  });

  it('waits for a metric that is published late', () => {
    const m = [...times(10, 90), ...times(6, 200)];
    expect(run([policy()], { m }, { start: 2, delay: 2 }).steps[0]).toEqual([15, 2, 4]);
  });

  it('falls into the trap of FILL: the newest point is always the filler, and it never scales out', () => {
    const filled = policy({
      queries: [...policy().queries, { id: 'filled', expression: 'FILL(value, 0)' }],
      tracked: 'filled',
    });
    const bounds = { start: 2, minimum: 2 };
    expect(run([filled], { m: times(60, 500) }, { ...bounds, delay: 1 }).steps).toEqual([]);
    expect(run([filled], { m: times(60, 500) }, { ...bounds, delay: 0 }).steps[0]).toEqual([
      3, 2, 10,
    ]);
  });

  it('scales in only after fifteen minutes clearly below', () => {
    const m = [...times(14, 50), 95, ...times(15, 50)];
    expect(run([policy()], { m }, { start: 4 }).steps).toEqual([[30, 4, 2]]);
  });

  it('never scales into what one of the fifteen points would have breached', () => {
    const m = [...times(13, 30), 70, 30];
    expect(run([policy()], { m }, { start: 10 }).steps).toEqual([[15, 10, 7]]);
  });

  it('does nothing while data is missing', () => {
    const m = [...times(20, undefined), 500, undefined];
    expect(run([policy()], { m }, { start: 4 }).steps).toEqual([]);
  });

  it('may alarm on one old point of a sparse metric, as CloudWatch may', () => {
    const m = [...times(10, undefined), 300, undefined, undefined];
    expect(run([policy()], { m }, { start: 2 }).steps).toEqual([[13, 2, 6]]);
  });

  it('scales out if one asks, to the largest, and in only if all agree', () => {
    const other = policy({
      name: 'other',
      queries: [
        { id: 'value', metric: { namespace: 'N', name: 'n', dimensions: {}, stat: 'Sum' } },
      ],
    });
    const m = [...times(20, 50), ...times(3, 150)];
    const n = [...times(20, 100), ...times(3, 200)];
    const { changes } = run([policy(), other], { m, n }, { start: 4 });
    expect(changes.map(({ from, to, policy: name }) => [from, to, name])).toEqual([
      [4, 8, 'other'],
    ]);
    expect(
      run([policy(), other], { m: times(15, 20), n: times(15, 60) }, { start: 10 }).steps,
    ).toEqual([[15, 10, 6]]);
  });

  it('leaves scaling in to others where a policy may not', () => {
    const fixed = policy({ disableScaleIn: true });
    expect(run([fixed], { m: times(40, 0) }, { start: 4 }).steps).toEqual([]);
    expect(run([fixed, policy()], { m: times(40, 10) }, { start: 4 }).steps).toEqual([[15, 4, 1]]);
  });

  it('lets a larger scale-out through a cooldown, counted from before it', () => {
    const cooled = policy({ scaleOutCooldownSeconds: 300 });
    const m = [...times(4, 200), ...times(6, 300)];
    // 2 x 2, not again 4 x 2; then 2 x 3 while the cooldown lasts.
    expect(run([cooled], { m }, { start: 2 }).steps).toEqual([
      [3, 2, 4],
      [5, 4, 6],
      [10, 6, 18],
    ]);
  });

  it('scales in one step a cooldown, and not soon after scaling out', () => {
    const cooled = policy({ scaleInCooldownSeconds: 300 });
    const { steps } = run([cooled], { m: times(26, 80) }, { start: 10 });
    expect(steps).toEqual([
      [15, 10, 8],
      [20, 8, 7],
      [25, 7, 6],
    ]);
  });

  it('never leaves its bounds, whatever the metrics say', () => {
    const point = fc.oneof(
      fc.constant(undefined),
      fc.double({ min: 0, max: 1e9, noNaN: true }),
      fc.constantFrom(0, 99, 101),
    );
    fc.assert(
      fc.property(
        fc.array(point, { minLength: 1, maxLength: 80 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 0, max: 20 }),
        fc.integer({ min: 0, max: 3 }),
        (m, minimum, room, delay) => {
          const bounds = { start: minimum, minimum, maximum: minimum + room, delay };
          for (const { to } of run([policy()], { m }, bounds).changes) {
            expect(to).toBeGreaterThanOrEqual(minimum);
            expect(to).toBeLessThanOrEqual(minimum + room);
          }
        },
      ),
    );
  });

  it('refuses a policy that AWS would refuse', () => {
    const searching = policy({ queries: [{ id: 'value', expression: "SEARCH('{N}', 'Sum')" }] });
    expect(() => new TargetTracking({ policies: [searching], minimum: 1, maximum: 2 })).toThrow(
      'uses SEARCH',
    );
  });
});

describe('readScalingPolicy', () => {
  const read = (configuration: object | undefined) =>
    readScalingPolicy({
      name: 'p',
      inputs: {
        resourceId: 'service/cluster/name',
        targetTrackingScalingPolicyConfiguration: configuration,
      },
    });

  it('reads metric math and a single metric', () => {
    const metric = {
      ...{ metricName: 'TargetResponseTime', namespace: 'AWS/ApplicationELB' },
      dimensions: [{ name: 'LoadBalancer', value: 'lb' }],
    };
    const customizedMetricSpecification = {
      metrics: [
        { id: 'm', metricStat: { metric, stat: 'p95' }, returnData: false },
        { id: 'e', expression: 'm * 2' },
      ],
    };
    expect(read({ targetValue: 0.02, customizedMetricSpecification })).toMatchObject({
      ...{ target: 0.02, tracked: 'e', scaleInCooldownSeconds: 300, disableScaleIn: false },
      queries: [{ id: 'm', metric: { stat: 'p95', dimensions: { LoadBalancer: 'lb' } } }, {}],
    });
    expect(read({ targetValue: 1, customizedMetricSpecification: metric })).toMatchObject({
      queries: [{ id: 'value', metric: { stat: 'Average' } }],
    });
  });

  it('finds the metrics behind the predefined names', () => {
    const predefined = (predefinedMetricType: string, resourceLabel?: string) =>
      read({
        targetValue: 1,
        predefinedMetricSpecification: { predefinedMetricType, resourceLabel },
      }).queries[0]?.metric;
    expect(predefined('ALBRequestCountPerTarget', 'app/lb/1/targetgroup/tg/2')).toEqual({
      ...{ namespace: 'AWS/ApplicationELB', name: 'RequestCountPerTarget', stat: 'Sum' },
      dimensions: { LoadBalancer: 'app/lb/1', TargetGroup: 'targetgroup/tg/2' },
    });
    expect(predefined('ECSServiceAverageCPUUtilization')).toEqual({
      ...{ namespace: 'AWS/ECS', name: 'CPUUtilization', stat: 'Average' },
      dimensions: { ClusterName: 'cluster', ServiceName: 'name' },
    });
    expect(() => predefined('RDSReaderAverageCPUUtilization')).toThrow('known here are');
  });

  it('says what AWS would refuse', () => {
    expect(() => read(undefined)).toThrow('is no target-tracking policy');
    expect(() => read({ targetValue: 1 })).toThrow('names no metric');
    const metrics = Array.from({ length: 11 }, (_none, index) => ({
      ...{ id: `e${index}`, expression: '1' },
    }));
    expect(() => read({ targetValue: 1, customizedMetricSpecification: { metrics } })).toThrow(
      '11 lines, 11 of them returned',
    );
  });
});
