// Tests of the ways to deploy: each strategy as recorded, from the service to the alarms and the scaling.
import { verdicts } from '../../policies/rules';
import { notEmitted } from '../testing/emitted';
import { stackOf, type StackView } from '../testing/stacks';

const CANARY = { deployment: 'canary' };
const BLUE_GREEN = { deployment: 'blue-green' };

const arnOf = (view: StackView, type: string, end = ''): unknown => view.one(type, end).outputs.arn;
const service = (view: StackView) => view.inputs('ecs/service:Service');

interface Query {
  id: string;
  metric?: {
    namespace: string;
    metricName: string;
    dimensions: Record<string, string>;
    stat: string;
  };
}

describe('strategyOf', () => {
  it('is rolling unless a stack says otherwise, with no second target group, rule or role', async () => {
    const view = await stackOf('prod');
    expect(service(view)).toMatchObject({
      deploymentConfiguration: { strategy: 'ROLLING' },
      deploymentCircuitBreaker: { enable: true, rollback: true },
    });
    expect(view.all('lb/targetGroup:TargetGroup')).toHaveLength(1);
    expect(view.all('lb/listenerRule:ListenerRule')).toEqual([]);
    expect(view.all('iam/role:Role').map(({ name }) => name)).not.toContain('gh-shift-role');
  });

  it('gives a canary its share and its minutes, and keeps the old revision for a while', async () => {
    const view = await stackOf('prod', {
      ...CANARY,
      ...{ canaryPercent: '2.5', canaryMinutes: '20', bakeMinutes: '0' },
    });
    expect(service(view).deploymentConfiguration).toEqual({
      strategy: 'CANARY',
      bakeTimeInMinutes: '0',
      canaryConfiguration: { canaryPercent: 2.5, canaryBakeTimeInMinutes: '20' },
    });
    expect((await stackOf('dev', BLUE_GREEN)).inputs('ecs/service:Service')).toMatchObject({
      deploymentConfiguration: { strategy: 'BLUE_GREEN', bakeTimeInMinutes: '5' },
    });
  });

  it('waits as long as both take, and has no breaker, which is for rolling deployments', async () => {
    const { inputs, options } = (
      await stackOf('prod', { ...CANARY, canaryMinutes: '1440', bakeMinutes: '1440' })
    ).one('ecs/service:Service');
    expect(options.customTimeouts).toMatchObject({ create: '2910m', update: '2910m' });
    expect(inputs.deploymentCircuitBreaker).toEqual({ enable: false, rollback: false });
  });

  it('tells ECS of the other group, the rule that it may shift and the role to do so', async () => {
    const view = await stackOf('prod', CANARY);
    expect(service(view).loadBalancers).toEqual([
      {
        targetGroupArn: arnOf(view, ':TargetGroup', '-tg'),
        containerName: 'service',
        containerPort: 8080,
        advancedConfiguration: {
          alternateTargetGroupArn: arnOf(view, ':TargetGroup', '-tg-b'),
          productionListenerRule: arnOf(view, ':ListenerRule'),
          roleArn: arnOf(view, 'iam/role:Role', '-shift-role'),
        },
      },
    ]);
    const { dependencies } = view.one('ecs/service:Service').options;
    const needed = [view.one(':ListenerRule'), view.one(':RolePolicy', '-shift-policy')];
    expect(dependencies).toEqual(expect.arrayContaining(needed.map(({ urn }) => urn)));
  });

  it('has two groups alike but for their turn', async () => {
    const view = await stackOf('prod', CANARY);
    expect(view.inputs(':TargetGroup', '-tg-b')).toEqual(view.inputs(':TargetGroup', '-tg'));
  });

  it('pitfall 43: leaves all that ECS rewrites alone, by a path without wildcards', async () => {
    const { inputs, options } = (await stackOf('prod', CANARY)).one(':ListenerRule');
    expect(options.ignoreChanges).toEqual(['actions']);
    expect(inputs).toMatchObject({
      priority: 1,
      conditions: [{ pathPattern: { values: ['/*'] } }],
    });
  });

  it.each(['dev', 'prod'])('breaks no rule in %s', async (stack) => {
    for (const config of [CANARY, BLUE_GREEN]) {
      const { resources } = (await stackOf(stack, config)).recording;
      expect(verdicts(resources).filter(({ level }) => level === 'mandatory')).toEqual([]);
    }
  });
});

describe('what follows both target groups', () => {
  it('scales by what the load balancer counts over both, and by all tasks that run', async () => {
    const view = await stackOf('prod', CANARY);
    const balancer = view.one('lb/loadBalancer:LoadBalancer').outputs.arnSuffix;
    for (const { inputs } of view.all('appautoscaling/policy:Policy')) {
      const { customizedMetricSpecification } = inputs.targetTrackingScalingPolicyConfiguration as {
        customizedMetricSpecification: {
          metrics: {
            id: string;
            metricStat?: { metric: { metricName: string; dimensions: { value: string }[] } };
          }[];
        };
      };
      const { metrics } = customizedMetricSpecification;
      // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/create-alarm-on-metric-math-expression.html
      expect(metrics.length).toBeLessThanOrEqual(10);
      for (const { id, metricStat } of metrics) {
        const { metricName, dimensions = [] } = metricStat?.metric ?? {};
        const values = dimensions.map(({ value }) => value);
        if (['requests', 'latency'].includes(id)) expect(values).toEqual([balancer]);
        if (id === 'healthy') expect(metricName).toBe('RunningTaskCount');
      }
    }
  });

  it('has an alarm on errors beyond the old revision, and a canary one on slowness', async () => {
    const names = async (config: Record<string, string>) =>
      (await stackOf('prod', config))
        .all(':MetricAlarm')
        .map(({ name }) => name)
        .filter((name) => name.startsWith('gh-deploy-'))
        .sort();
    expect(await names(CANARY)).toEqual([
      'gh-deploy-errors',
      'gh-deploy-slow',
      'gh-deploy-unhealthy',
    ]);
    expect(await names(BLUE_GREEN)).toEqual(['gh-deploy-errors', 'gh-deploy-unhealthy']);
  });

  it('names every alarm of the deployment to ECS, and takes no more metrics than CloudWatch does', async () => {
    const view = await stackOf('prod', CANARY);
    const alarms = view.all(':MetricAlarm').filter(({ name }) => name.startsWith('gh-deploy-'));
    const { alarmNames } = service(view).alarms as { alarmNames: string[] };
    expect(alarmNames.sort()).toEqual(alarms.map(({ outputs }) => outputs.name).sort());
    for (const { inputs } of alarms) {
      const metrics = (inputs.metricQueries as Query[]).filter(
        ({ metric }) => metric !== undefined,
      );
      expect(metrics.length).toBeLessThanOrEqual(10);
    }
  });

  it('judges and draws nothing that no resource emits', async () => {
    const { recording } = await stackOf('prod', CANARY);
    const queries = recording.resources
      .filter(({ type }) => type.endsWith(':MetricAlarm'))
      .flatMap(({ inputs }) => (inputs.metricQueries ?? []) as Query[])
      .flatMap(({ metric }) => metric ?? []);
    const balancers = queries.filter(({ namespace }) => namespace === 'AWS/ApplicationELB');
    expect(balancers.length).toBeGreaterThan(10);
    for (const { metricName, ...metric } of balancers) {
      const named = { ...metric, name: metricName, region: 'eu-central-1' };
      expect(notEmitted(recording, named)).toBeUndefined();
    }
  });
});
