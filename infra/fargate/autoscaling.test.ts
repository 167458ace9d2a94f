// Tests of target tracking by load and CPU, and of the brake.
import { compileMetricData } from '../../tools/cloudwatch/metric-data';
import { readScalingPolicy } from '../../tools/cloudwatch/scaling-policy';
import { scalingWarnings } from './scaling-warnings';
import { stackOf, stackOnce, type Overrides } from '../testing/stacks';

type Points = readonly (number | undefined)[];

const POLICY = 'appautoscaling/policy:Policy';
/** What the figures below are reckoned with. */
const CAPACITY = { requestsPerTaskPerMinute: '12000' };
const policyOf = async (nameEnd: string, config: Overrides = {}) =>
  readScalingPolicy((await stackOf('prod', { ...CAPACITY, ...config })).one(POLICY, nameEnd));

/** The held line's values where metrics have these; by their names in CloudWatch. */
async function held(nameEnd: string, metrics: Record<string, Points>): Promise<Points> {
  const policy = await policyOf(nameEnd);
  const count = Math.max(...Object.values(metrics).map(({ length }) => length));
  const [line] = compileMetricData(policy.queries)
    .evaluate(
      {
        values: ({ name }) =>
          Float64Array.from({ length: count }, (_none, at) => metrics[name]?.[at] ?? Number.NaN),
        search: () => [],
      },
      { startMs: 0, periodMs: 60_000, count },
    )
    .get(policy.tracked);
  return [...(line?.values ?? [])].map((value) => (Number.isNaN(value) ? undefined : value));
}

describe('Autoscaling', () => {
  const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
  afterAll(() => warn.mockRestore());

  it('holds three lines at 1, in both directions, with cooldowns that outlast a start', async () => {
    const names = (await stackOf('prod')).all(POLICY).map(({ name }) => name);
    expect(names).toEqual([
      expect.stringMatching(/-load$/),
      expect.stringMatching(/-cpu$/),
      expect.stringMatching(/-brake$/),
    ]);
    for (const name of names) {
      expect(await policyOf(name)).toMatchObject({
        ...{ target: 1, disableScaleIn: false },
        ...{ scaleOutCooldownSeconds: 180, scaleInCooldownSeconds: 300 },
      });
    }
  });

  it('scales the service between its bounds, at least two tasks in prod', async () => {
    const view = await stackOf('prod');
    const [cluster, service] = [view.one(':Cluster'), view.one('ecs/service:Service')];
    expect(view.inputs('appautoscaling/target:Target')).toMatchObject({
      serviceNamespace: 'ecs',
      resourceId: `service/${String(cluster.outputs.name)}/${String(service.outputs.name)}`,
      minCapacity: 3,
      maxCapacity: 30,
    });
  });

  it('takes cooldowns, target and statistic from the settings', async () => {
    const config = {
      ...{ scaleOutCooldownSeconds: '60', targetResponseMs: '40', responseStatistic: 'p90' },
    };
    const view = await stackOnce('prod', { ...CAPACITY, ...config });
    const policy = readScalingPolicy(view.one(POLICY, '-brake'));
    expect(policy.scaleOutCooldownSeconds).toBe(60);
    expect(policy.queries.find(({ id }) => id === 'latency')?.metric?.stat).toBe('p90');
    expect(policy.queries.at(-1)?.expression).toContain('latency > 0.04 AND');
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('responseStatistic is p90'));
  });

  it.each(['-load', '-cpu', '-brake'])('pitfall 28: has no FILL in %s', async (name) => {
    expect(JSON.stringify((await policyOf(name)).queries)).not.toContain('FILL');
  });

  it('names load balancer, target group and service as their metrics do', async () => {
    const view = await stackOf('prod');
    const suffix = (type: string) => view.one(type).outputs.arnSuffix;
    const metrics = (await policyOf('-brake')).queries.flatMap(({ metric }) => metric ?? []);
    const balancer = {
      LoadBalancer: suffix('lb/loadBalancer:LoadBalancer'),
      TargetGroup: suffix(':TargetGroup'),
    };
    const service = {
      ClusterName: view.one(':Cluster').outputs.name,
      ServiceName: view.one('ecs/service:Service').outputs.name,
    };
    for (const { namespace, dimensions } of metrics) {
      expect(dimensions).toEqual(namespace === 'AWS/ApplicationELB' ? balancer : service);
    }
    expect(metrics).toHaveLength(5);
  });

  it('asks for a number of tasks by the load, fewer for each when there are many', async () => {
    // 12,000 requests a minute are what one task holds alone.
    const load = await held('-load', {
      RequestCount: [0, 12_000, 120_000],
      DesiredTaskCount: [3, 1, 10],
    });
    expect(load.map((value) => Number(value?.toFixed(2)))).toEqual([0, 1.39, 1.18]);
  });

  it('has no point before both requests and tasks are published', async () => {
    const load = await held('-load', {
      RequestCount: [600, undefined, 600],
      DesiredTaskCount: [2, 2, undefined],
    });
    expect(load.map((value) => value !== undefined)).toEqual([true, false, false]);
    const work = await held('-cpu', {
      CPUUtilization: [65, undefined, 65],
      HealthyHostCount: [2, 2, 2],
      DesiredTaskCount: [4, 4, undefined],
    });
    expect(work).toEqual([0.5, undefined, undefined]);
  });

  describe('the brake', () => {
    // At four tasks: 30,000 requests a minute are four fifths of what they hold by plan.
    const busy = { RequestCount: [30_000], DesiredTaskCount: [4], HealthyHostCount: [4] };
    const brake = (metrics: Record<string, Points>) =>
      held('-brake', { CPUUtilization: [50], TargetResponseTime: [0.01], ...busy, ...metrics });

    it.each<[string, Record<string, Points>, number | undefined]>([
      ['pushes when it is slow and busy', { TargetResponseTime: [0.021] }, 1.25],
      ['holds when it is nearly slow', { TargetResponseTime: [0.017] }, 0.95],
      ['lets a third go when it is fast', {}, 0.66],
      [
        'pitfall 7: only holds when it is slow and not busy: more tasks would not help',
        { TargetResponseTime: [0.2], RequestCount: [10_000], CPUUtilization: [20] },
        0.95,
      ],
      [
        'pushes by CPU when the capacity is no longer true',
        { TargetResponseTime: [0.03], RequestCount: [10_000], CPUUtilization: [60] },
        1.25,
      ],
      [
        'pitfall 6: lets all go without traffic',
        { RequestCount: [0], TargetResponseTime: [], CPUUtilization: [1] },
        0,
      ],
      [
        'does not listen to a handful of slow requests',
        { RequestCount: [20], TargetResponseTime: [3], CPUUtilization: [20] },
        0.66,
      ],
      ['waits for the requests', { RequestCount: [undefined] }, undefined],
      [
        'waits for CPU where load would not push',
        { RequestCount: [10_000], CPUUtilization: [] },
        undefined,
      ],
      [
        'does not wait for CPU where load pushes',
        { TargetResponseTime: [0.03], CPUUtilization: [] },
        1.25,
      ],
    ])('%s', async (_what, metrics, expected) => {
      expect(await brake(metrics)).toEqual([expected]);
    });
  });

  it('divides by healthy tasks where AWS does not say how many are wanted', async () => {
    const config = { containerInsights: 'disabled', scalingTaskCount: 'healthy' };
    const policy = await policyOf('-load', config);
    expect(policy.queries.find(({ id }) => id === 'tasks')?.metric?.name).toBe('HealthyHostCount');
  });

  it('pitfall 7: says when the bound is reached and it is still slow', async () => {
    const view = await stackOf('prod', { responseStatistic: 'p90' });
    const { alarmActions, metricQueries } = view.inputs(
      'metricAlarm:MetricAlarm',
      '-slow-at-maximum',
    );
    expect(alarmActions).toHaveLength(1);
    expect(metricQueries).toContainEqual(
      expect.objectContaining({ metric: expect.objectContaining({ stat: 'p90' }) as object }),
    );
  });
});

describe('scalingWarnings', () => {
  const usual = { targetMs: 20, statistic: 'Average', requestsPerTaskPerMinute: 12_000 };

  it('is silent where the target can be held', () => {
    expect(scalingWarnings(usual)).toEqual([]);
  });

  it.each([
    [{ statistic: 'p95' }, 'responseStatistic is p95'],
    [{ targetMs: 5, requestsPerTaskPerMinute: 60_000 }, 'targetResponseMs is 5'],
    [{ requestsPerTaskPerMinute: 600 }, 'requestsPerTaskPerMinute is 600 at 20 ms'],
  ])('warns of %j', (changes, message) => {
    expect(scalingWarnings({ ...usual, ...changes })).toEqual([expect.stringContaining(message)]);
  });
});
