// Tests of what an update must know of ECS before it begins, against the stand-in of its API.
import { change } from './change';
import { Bench } from './testing/command';
import { CLUSTER, revision, rolledBack, serviceRunning } from './testing/ecs-fixtures';
import { recorded } from './testing/pulumi';
import { up } from './up';

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.start();
});
afterEach(() => bench.end());

const outputs = (asked: number) => ({
  stdout: JSON.stringify({
    ...(JSON.parse(recorded('stack-outputs.json')) as object),
    taskDefinition: revision(asked),
  }),
});
const preview = { stdout: recorded('preview-change.json') };
const deployment = (status: string, lifecycleStage?: string, weight?: number) => ({
  ...{ arn: 'arn:deployment', status, revision: 'arn:revision', taskDefinition: revision(2) },
  createdAt: 1,
  ...(lifecycleStage === undefined ? {} : { lifecycleStage }),
  ...(weight === undefined ? {} : { weight }),
});
const refused = async () => {
  const { code, err } = await bench.run('up', up, { args: ['dev', '--yes'] });
  expect(code).toBe(1);
  return err;
};

describe('refuseDuringDeployment', () => {
  beforeEach(() => {
    bench.script({ 'stack output': [outputs(2)] });
    // Of a canary, DescribeServices may not say that it is under way.
    serviceRunning(bench.aws.account, 2);
  });

  it('says how far a canary is, and asks the engine for nothing', async () => {
    bench.aws.account.serviceDeployments = [deployment('IN_PROGRESS', 'BAKE_TIME', 5)];
    expect(await refused()).toContain(
      `ECS is still rolling ${CLUSTER}:2 out (stage BAKE_TIME, 5 % of the requests reach it), and owns ` +
        'the traffic until then. Wait for it ("npm run status -- dev"), or end it: "npm run rollback -- dev".',
    );
    expect(bench.pulumi.calls().map(([command]) => command)).toEqual(['stack']);
  });

  it.each(['ROLLBACK_REQUESTED', 'ROLLBACK_IN_PROGRESS'])(
    'waits for a roll-back, too: %s',
    async (status) => {
      bench.aws.account.serviceDeployments = [deployment(status)];
      const err = await refused();
      expect(err).toContain('still rolling back to the revision before, and owns');
      expect(err).not.toContain('npm run rollback');
    },
  );

  it('lets an update begin after one that has ended, however it did', async () => {
    bench.script({ 'stack output': [outputs(2)], preview: [preview] });
    bench.aws.account.serviceDeployments = [deployment('ROLLBACK_SUCCESSFUL')];
    const { err } = await bench.run('up', up, { answer: 'no' });
    expect(err).toContain('The engine will do: 3 update');
  });

  it('holds for change, too', async () => {
    bench.aws.account.serviceDeployments = [deployment('PENDING')];
    const { err } = await bench.run('change', change);
    expect(err).toContain(`still rolling ${CLUSTER}:2 out`);
  });
});

describe('tellOtherRevision', () => {
  it('says before it asks that another revision runs, and that this update leaves it so', async () => {
    bench.script({ 'stack output': [outputs(2)], preview: [preview] });
    rolledBack(bench.aws.account);
    const { err } = await bench.run('up', up, { answer: 'no' });
    expect(err).toContain(
      `ECS runs ${CLUSTER}:1, and not ${CLUSTER}:2, which the last update asked for`,
    );
    expect(err).toContain('makes no new revision, so the service stays as it is');
    expect(err).toContain('"npx pulumi refresh --stack dev", then "npm run up -- dev"');
  });

  it('says so when a new revision takes the place of both', async () => {
    const steps = [
      {
        op: 'replace',
        urn: 'urn:pulumi:dev::gatehouse::gatehouse:infra:Container$aws:ecs/taskDefinition:TaskDefinition::gh-task',
      },
    ];
    bench.script({
      'stack output': [outputs(2)],
      preview: [{ stdout: JSON.stringify({ steps }) }],
    });
    rolledBack(bench.aws.account);
    const { err } = await bench.run('up', up, { answer: 'no' });
    expect(err).toContain('This update deploys a new revision in place of both.');
  });

  it('is silent when what was asked for runs', async () => {
    bench.script({ 'stack output': [outputs(2)], preview: [preview] });
    serviceRunning(bench.aws.account, 2);
    const { err } = await bench.run('up', up, { answer: 'no' });
    expect(err).not.toContain('which the last update asked for');
  });
});

describe('refuseToStrand', () => {
  const RULE = {
    urn: 'urn:pulumi:dev::gatehouse::gatehouse:infra:LoadBalancer$aws:lb/listenerRule:ListenerRule::gh-rule',
    type: 'aws:lb/listenerRule:ListenerRule',
    id: 'arn:rule',
  };
  const group = (name: string) => ({
    urn: `urn:pulumi:dev::gatehouse::gatehouse:infra:LoadBalancer$aws:lb/targetGroup:TargetGroup::${name}`,
    type: 'aws:lb/targetGroup:TargetGroup',
    id: `arn:${name}`,
    outputs: { arn: `arn:${name}` },
  });
  beforeEach(() => {
    const resources = [RULE, group('gh-tg-b'), group('gh-tg')];
    bench.script({
      'stack output': [outputs(2)],
      'stack export': [{ stdout: JSON.stringify({ deployment: { resources } }) }],
      preview: [{ stdout: JSON.stringify({ steps: [{ op: 'delete', urn: RULE.urn }] }) }],
    });
    serviceRunning(bench.aws.account, 2);
  });

  it('keeps the rule while the second group has the requests', async () => {
    bench.aws.account.weights = { 'arn:gh-tg': 0, 'arn:gh-tg-b': 100 };
    expect(await refused()).toContain('Then change gatehouse:deployment.');
  });

  it('gives it up when the first one has them', async () => {
    bench.aws.account.weights = { 'arn:gh-tg': 100, 'arn:gh-tg-b': 0 };
    const { err } = await bench.run('up', up, { answer: 'no' });
    expect(err).toContain('The engine will do: 1 delete');
    expect(err).not.toContain('gives up the rule');
  });
});
