// Proves how alarms become resources: where they are, what they speak to, and what pairs them.
import { Alarms, DeploymentAlarms } from './alarms';
import type { RecordedResource } from '../../recorder/record';
import { all, one } from '../../recorder/query';
import { output, recordComponents } from '../testing/recorded';

const topicArns = { 'eu-central-1': output('topic-home'), 'us-east-1': output('topic-global') };
const objectives = { availabilityPercent: 99.5, latencyPercent: 95, latencyMs: 20 };
const target = { loadBalancer: output('app/gh/1'), targetGroup: output('targetgroup/gh/1') };
const references = {
  stack: 'dev',
  region: 'eu-central-1',
  edgeRegions: ['eu-central-1'],
  replicaRegions: [],
  distributionId: output('E1'),
  edgeFunctionName: 'gh-edge-fn',
  webAclMetricName: 'gh-1',
  webAclRules: [],
  tables: { orders: output('gh-orders') },
  keysTable: output('gh-keys'),
  keys: { seals: 'arn' },
  functions: { keeper: 'gh-keeper' },
  serviceLogGroup: 'logs',
  traceSampling: 0.05,
  keyCheck: 'gh-key-check',
  keyCounter: 'service' as const,
  perKeyMetrics: true,
  dashboardUrls: { overview: 'https://o', service: 's', edge: 'e', scaling: 'c' },
  compute: {
    kind: 'fargate' as const,
    hasContainerInsights: true,
    responseStatistic: 'Average',
    ...target,
    cluster: 'gh',
    service: 'gh',
    minTasks: 2,
    maxTasks: 10,
    cpu: 512,
    memory: 1024,
    requestsPerTaskPerMinute: 3000,
  },
};

describe('Alarms', () => {
  let resources: readonly RecordedResource[];
  const alarm = (suffix: string) => one(resources, ':MetricAlarm', suffix).inputs;

  beforeAll(async () => {
    resources = await recordComponents(() => {
      const { arns } = new Alarms('gh', { references, objectives, topicArns });
      return { arns };
    });
  });

  it('speak to the topic of their own region, when they ring and when they stop', () => {
    for (const { name, inputs } of all(resources, ':MetricAlarm')) {
      const topic = inputs.region === 'us-east-1' ? 'topic-global' : 'topic-home';
      const actions = /-(fast|slow)-(long|short)$/.test(name) ? [] : [topic];
      expect([name, inputs.alarmActions, inputs.okActions]).toEqual([name, actions, actions]);
      expect(inputs.actionsEnabled).toBe(true);
    }
  });

  it('are in us-east-1 where they watch CloudFront and WAF', () => {
    const there = all(resources, ':MetricAlarm').filter(
      ({ inputs }) => inputs.region === 'us-east-1',
    );
    expect(there.map(({ name }) => name).sort()).toEqual([
      'gh-availability-fast-long',
      'gh-availability-fast-short',
      'gh-availability-slow-long',
      'gh-availability-slow-short',
      'gh-edge-failing',
      'gh-edge-keys-refused',
      'gh-edge-keys-unreachable',
      'gh-waf-blocking',
    ]);
  });

  it('take a plain metric where there is no math to do', () => {
    expect(alarm('-cpu')).toMatchObject({
      namespace: 'AWS/ECS',
      metricName: 'CPUUtilization',
      dimensions: { ClusterName: 'gh', ServiceName: 'gh' },
      statistic: 'Average',
      threshold: 85,
      comparisonOperator: 'GreaterThanThreshold',
      evaluationPeriods: 10,
      datapointsToAlarm: 10,
      treatMissingData: 'notBreaching',
    });
  });

  it('take silence for harm where something ought to be there', () => {
    expect(alarm('-too-few-tasks')).toMatchObject({
      comparisonOperator: 'LessThanThreshold',
      treatMissingData: 'breaching',
    });
  });

  it('compute percentages with the last query alone returned', () => {
    const queries = alarm('-latency-fast-short').metricQueries as Record<string, unknown>[];
    expect(queries.map(({ id, returnData }) => [id, returnData])).toEqual([
      ['latency_within', false],
      ['latency_bad', false],
      ['latency_requests', false],
      ['latency_burn', true],
    ]);
    expect(queries[0]).toMatchObject({
      metric: {
        stat: 'PR(:0.02)',
        period: 300,
        dimensions: { LoadBalancer: 'app/gh/1', TargetGroup: 'targetgroup/gh/1' },
      },
    });
  });

  it('call when both windows of a burn rate ring, under a name of their own', () => {
    const pair = one(resources, ':CompositeAlarm', '-latency-fast');
    const [long, short] = ['long', 'short'].map((window) =>
      String(one(resources, ':MetricAlarm', `-latency-fast-${window}`).outputs.name),
    );
    expect(pair.inputs).toMatchObject({
      alarmRule: `ALARM("${long}") AND ALARM("${short}")`,
      alarmActions: ['topic-home'],
    });
    expect(pair.inputs.alarmName).toMatch(/^gh-dev-latency-fast-[0-9a-f]+$/);
    expect(all(resources, ':CompositeAlarm')).toHaveLength(4);
  });

  it('carry the stack in their name, and link to dashboard and runbook', () => {
    const { name, alarmDescription } = alarm('-cpu');
    expect(name).toMatch(/^gh-dev-cpu-[0-9a-f]{8}$/);
    expect(alarmDescription).toMatch(/^Stack dev: Tasks have little CPU left\./);
    expect(alarmDescription).toContain('docs/runbook.md#cpu');
    expect(alarmDescription).toContain('https://o');
  });

  it('say in their description what is wrong and why they ring', () => {
    for (const { inputs } of all(resources, 'Alarm')) {
      expect(String(inputs.alarmDescription).length).toBeGreaterThan(40);
      // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
      expect(String(inputs.alarmDescription).length).toBeLessThanOrEqual(1024);
    }
  });
});

describe('DeploymentAlarms', () => {
  it('judge a deployment by its errors and by the health of its tasks', async () => {
    const resources = await recordComponents(() => {
      new DeploymentAlarms('gh', {
        region: 'eu-central-1',
        target,
        isJudgedAgainstOld: false,
        objectives,
        topicArns,
        dashboardUrl: 'https://o',
      });
    });
    expect(one(resources, ':MetricAlarm', '-errors').inputs.threshold).toBe(7.2);
    expect(one(resources, ':MetricAlarm', '-unhealthy').inputs.threshold).toBe(0);
    expect(all(resources, ':MetricAlarm')).toHaveLength(2);
  });
});
