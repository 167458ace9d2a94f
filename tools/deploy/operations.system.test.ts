// npm run status, logs, rollback, drift and doctor: what they say of a stack, and what they change.
import { Region } from './aws';
import { reservation } from './checks';
import { doctor } from './doctor';
import { drift } from './drift';
import { rollback } from './rollback';
import { status } from './status';
import { Bench } from './testing/command';
import { CLUSTER, revision, rolledBack, serviceRunning } from './testing/ecs-fixtures';
import { recorded } from './testing/pulumi';

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.start();
});
afterEach(() => bench.end());

const outputs = (asked: number) => [
  {
    stdout: JSON.stringify({
      ...(JSON.parse(recorded('stack-outputs.json')) as object),
      taskDefinition: revision(asked),
    }),
  },
];
const ALARM = {
  urn: 'urn:pulumi:dev::gatehouse::aws:cloudwatch/metricAlarm:MetricAlarm::gh-edge-failing',
  type: 'aws:cloudwatch/metricAlarm:MetricAlarm',
  id: 'gh-edge-failing-1',
  inputs: { region: 'us-east-1' },
};

describe('status', () => {
  const script = (asked: number) => ({
    'stack output': outputs(asked),
    'stack history': [{ stdout: recorded('stack-history.json') }],
    'stack export': [{ stdout: JSON.stringify({ deployment: { resources: [ALARM] } }) }],
  });

  it('shows revision, time, tasks, image, commit, and that no alarm rings', async () => {
    bench.script(script(1));
    serviceRunning(bench.aws.account, 1);
    const { code, out } = await bench.run('status', status);
    expect(code).toBe(0);
    expect(out).toContain('Revision   gh-cluster-012c6dd:1\n');
    expect(out).toContain('2026-11-24T11:59:00.000Z (1 min 0 s ago), deployment COMPLETED');
    expect(out).toContain('2 running, 2 desired, 0 pending');
    expect(out).toContain('commit 0123456789ab');
    expect(out).toContain('none rings');
  });

  it('shows how far a canary is', async () => {
    bench.script(script(1));
    serviceRunning(bench.aws.account, 1, 'IN_PROGRESS');
    const underWay = { arn: 'arn:d', status: 'IN_PROGRESS', revision: 'arn:r', createdAt: 1 };
    bench.aws.account.serviceDeployments = [
      {
        ...{ ...underWay, taskDefinition: revision(1) },
        ...{ lifecycleStage: 'PRODUCTION_TRAFFIC_SHIFT', weight: 5 },
      },
    ];
    const { out } = await bench.run('status', status);
    expect(out).toContain(
      'deployment IN_PROGRESS, stage PRODUCTION_TRAFFIC_SHIFT, 5 % of the requests reach it\n',
    );
  });

  it('fails for another revision than was asked for, and for an alarm in any region', async () => {
    bench.script(script(2));
    rolledBack(bench.aws.account);
    bench.aws.account.alarms = [
      { region: 'us-east-1', name: ALARM.id, state: 'ALARM', reason: 'Threshold crossed' },
      { region: 'us-east-1', name: 'of-another-stack', state: 'ALARM', reason: 'x' },
    ];
    const { code, out } = await bench.run('status', status);
    expect(code).toBe(1);
    expect(out).toContain('NOT gh-cluster-012c6dd:2, which was asked for');
    expect(out).toContain('1 ringing\n  gh-edge-failing-1 (us-east-1): Threshold crossed');
    const { out: json } = await bench.run('status', status, { args: ['dev', '--json'] });
    expect(JSON.parse(json)).toMatchObject({ service: { isAsAsked: false }, alarms: [{}] });
  });

  it('says so for a stack that was never deployed', async () => {
    bench.script({ 'stack output': [{ stdout: '{}' }] });
    const { code, err } = await bench.run('status', status);
    expect([code, err]).toEqual([1, expect.stringContaining('"npm run up -- dev"')]);
  });
});

describe('rollback', () => {
  const deployment = (number: number, status: string) => ({
    arn: `arn:deployment/${number}`,
    status,
    revision: `arn:revision/${number}`,
    taskDefinition: revision(number),
    createdAt: number,
  });

  it('registers the last good revision anew, deploys it, and says what the program still asks for', async () => {
    bench.script({ 'stack output': outputs(2) });
    const { account } = bench.aws;
    serviceRunning(account, 2);
    account.serviceDeployments = [deployment(1, 'SUCCESSFUL'), deployment(2, 'SUCCESSFUL')];
    const { code, out, err } = await bench.run('rollback', rollback, { answer: 'dev' });
    expect(code).toBe(0);
    expect(err).toContain(`${CLUSTER}:2 runs; this brings ${CLUSTER}:1 back`);
    expect(account.services[0]?.taskDefinition).toBe(revision(3));
    expect(account.taskDefinitions.at(-1)?.containerDefinitions[0]?.image).toContain('1111');
    expect(out).toContain(`The program still asks for ${CLUSTER}:2`);
  });

  it('stops a deployment that is under way', async () => {
    bench.script({ 'stack output': outputs(2) });
    serviceRunning(bench.aws.account, 1);
    bench.aws.account.serviceDeployments = [deployment(2, 'IN_PROGRESS')];
    const { code, out } = await bench.run('rollback', rollback, { args: ['dev', '--yes'] });
    expect([code, out]).toEqual([0, expect.stringContaining('ECS rolls back')]);
    expect(bench.aws.account.serviceDeployments[0]?.status).toBe('ROLLBACK_SUCCESSFUL');
  });

  it('says so when ECS remembers no other revision, or none is on ECS', async () => {
    bench.script({ 'stack output': outputs(2) });
    serviceRunning(bench.aws.account, 2);
    bench.aws.account.serviceDeployments = [deployment(2, 'SUCCESSFUL')];
    const none = await bench.run('rollback', rollback, { args: ['dev', '--yes'] });
    expect([none.code, none.err]).toEqual([1, expect.stringContaining('remembers no other')]);
    bench.script({ 'stack output': [{ stdout: '{"region":"eu-central-1"}' }] });
    const lambda = await bench.run('rollback', rollback, { args: ['dev', '--yes'] });
    expect([lambda.code, lambda.err]).toEqual([1, expect.stringContaining('does not run on ECS')]);
  });
});

describe('drift', () => {
  const event = (op: string, type: string, name: string, diffs?: string[]) =>
    JSON.stringify({
      sequence: 1,
      resOutputsEvent: {
        metadata: { op, urn: `urn:pulumi:dev::g::${type}::${name}`, type, diffs },
      },
    });
  const refresh = (...events: string[]) =>
    bench.script({ refresh: [{ stdout: events.join('\n') }] });
  const SERVICE = 'aws:ecs/service:Service';

  it('does not count what autoscaling and ECS own', async () => {
    refresh(
      event('same', 'aws:s3/bucket:Bucket', 'gh-logs'),
      event('update', SERVICE, 'gh-service', ['desiredCount']),
      event('update', 'aws:lb/listener:Listener', 'gh-listener', ['defaultActions[0].forward']),
      event('update', 'aws:lb/listenerRule:ListenerRule', 'gh-rule', [
        'actions[0].forward.targetGroups[0].weight',
        'actions[0].forward.targetGroups[1].weight',
      ]),
    );
    const { code, out } = await bench.run('drift', drift);
    expect([code, out]).toEqual([0, '"dev" is as the program made it.\n']);
    expect(bench.pulumi.calls()[0]?.slice(0, 3)).toEqual(['refresh', '--preview-only', '--json']);
  });

  it('ends with 1 for the rest, changed or deleted', async () => {
    refresh(
      event('update', SERVICE, 'gh-service', ['desiredCount', 'enableExecuteCommand']),
      event('delete', 'aws:sns/topic:Topic', 'gh-alarms'),
    );
    const { code, out } = await bench.run('drift', drift, { args: ['dev', '--json'] });
    expect(code).toBe(1);
    expect(JSON.parse(out)).toEqual({
      stack: 'dev',
      drifted: [
        { op: 'update', type: SERVICE, name: 'gh-service', properties: ['enableExecuteCommand'] },
        { op: 'delete', type: 'aws:sns/topic:Topic', name: 'gh-alarms', properties: [] },
      ],
    });
  });
});

describe('doctor', () => {
  const script = {
    version: [{ stdout: 'v3.265.0' }],
    whoami: [{ stdout: 'you' }],
    'stack history': [{ stdout: '[]' }],
  };
  type Findings = { findings: { what: string; state: string; detail: string }[] };
  const examine = async (stack = 'prod') => {
    const { code, out } = await bench.run('doctor', doctor, { args: [stack, '--json'] });
    const { findings } = JSON.parse(out) as Findings;
    return { code, of: (what: string) => findings.find((finding) => finding.what === what) };
  };

  it('names what a fresh account lacks, and what to do about each', async () => {
    bench.script({ ...script, 'stack history': [{ code: 6, stderr: recorded('no-stack.txt') }] });
    const { account } = bench.aws;
    account.concurrency = 10;
    account.quotas = { 'L-3032A538': 6, 'L-0263D0A3': 5 };
    const { code, of } = await examine();
    expect(code).toBe(1);
    expect(of('Lambda concurrency')?.detail).toMatch(/^10 executions .* ask for 1000/);
    expect(of('Fargate capacity')?.detail).toMatch(/^6 allowed, and 30 wanted/);
    expect(of('Hosted zone')?.detail).toContain('Route 53 has no zone example.com');
    expect(of('Stack in the backend')?.detail).toContain('npx pulumi stack init prod');
    expect(of('AWSServiceRoleForECS')).toMatchObject({
      state: 'note',
      detail: expect.stringContaining('create-service-linked-role') as string,
    });
    expect(of('Elastic IP addresses')?.state).toBe('ok');
    expect(of('Program and settings')?.state).toBe('ok');
  });

  it('finds nothing in an account that has everything', async () => {
    bench.script(script);
    const { account } = bench.aws;
    account.roles = [
      'AWSServiceRoleForECS',
      'AWSServiceRoleForElasticLoadBalancing',
      'AWSServiceRoleForApplicationAutoScaling_ECSService',
    ];
    account.zones = ['example.com.'];
    const { of } = await examine();
    for (const what of [...account.roles, 'Hosted zone', 'Lambda concurrency', 'AWS credentials']) {
      expect(of(what)?.state).toBe('ok');
    }
    expect(of('Pulumi command line')?.detail).toBe('v3.265.0, logged in as you');
  });

  it('tells whether the executions that a function reserves can be had', async () => {
    const region = new Region('eu-central-1');
    const asked = (compute: string, lambdaConcurrency: string) =>
      reservation({
        region,
        values: {
          'gatehouse:compute': compute,
          'gatehouse:lambdaConcurrency': lambdaConcurrency,
        },
      });
    bench.aws.account.concurrency = 10;
    expect(await asked('lambda', '0')).toMatch(/^not needed/);
    expect(await asked('fargate', '50')).toMatch(/^not needed/);
    await expect(asked('lambda', '5')).rejects.toThrow('5 wanted, 10 without a reservation');
    bench.aws.account.concurrency = 1000;
    expect(await asked('lambda', '900')).toBe('900 wanted, 1000 without a reservation');
    await expect(asked('lambda', '901')).rejects.toThrow('leaves fewer than 100');
  });

  it('goes on without a login and without credentials', async () => {
    bench.script({ version: [{ code: 3, stderr: recorded('not-logged-in.txt') }] });
    bench.aws.account.switchedOff.push('eu-central-1');
    const { code, of } = await examine('dev');
    expect(code).toBe(1);
    expect(of('Pulumi command line')?.detail).toContain('npx pulumi login');
    expect(of('AWS credentials')?.detail).toContain('AWS does not know who you are');
    expect(of('Hosted zone')?.detail).toBe('not needed: no domain of its own');
  });
});
