// npm run sweep and leftovers: against an account that throttles, delays and refuses as AWS does.
import { Bench, type Run } from './testing/command';
import { Fault } from './testing/aws';
import { keepInventory, keptInventory } from './inventory';
import { leftovers, sweep } from './sweep';

const FUNCTION = 'gh-edge-fn-22c5899';
const LOGS = `/aws/lambda/us-east-1.${FUNCTION}`;
const tags = { project: 'gatehouse', stack: 'dev' };

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.start();
  bench.script({ 'stack export': [{ stdout: '{"deployment":{"resources":[]}}' }] });
});
afterEach(() => bench.end());

/** What `destroy` leaves: replicated function, log groups of far regions, group and VPC, data. */
function leaveBehind(): void {
  const { account } = bench.aws;
  account.functions = [
    { name: FUNCTION, tags, refusals: 0 },
    { name: 'gh-edge-fn-ffffff0', tags: { project: 'gatehouse', stack: 'prod' }, refusals: 0 },
  ];
  account.logGroups = ['eu-west-1', 'ap-southeast-1'].map((region) => ({
    region,
    name: LOGS,
    tags: {},
  }));
  // Begins like the other, and is another's.
  account.logGroups.push({ region: 'eu-west-1', name: `${LOGS}0`, tags: {} });
  account.vpcs = [{ id: 'vpc-1', tags }];
  account.groups = [
    { id: 'sg-1', name: 'CloudFront-VPCOrigins-Service-SG', vpcId: 'vpc-1', refusals: 0 },
    { id: 'sg-2', name: 'CloudFront-VPCOrigins-Service-SG', vpcId: 'vpc-other', refusals: 0 },
  ];
  account.tables = [{ region: 'eu-central-1', name: 'gh-users-1', tags, protected: true }];
  account.keys = [{ region: 'eu-central-1', id: 'key-1', tags, state: 'Enabled' }];
}

const run = (...args: string[]): Promise<Run> =>
  bench.run('sweep', sweep, { args: ['dev', ...args] });

function left(): string[] {
  const { functions, logGroups, groups, vpcs, tables } = bench.aws.account;
  return [...functions, ...logGroups, ...tables]
    .map(({ name }) => name)
    .concat([...groups, ...vpcs].map(({ id }) => id));
}

describe('sweep', () => {
  it("deletes what is the stack's, in every region, and keeps data and all that is another's", async () => {
    leaveBehind();
    const { code, out, err } = await run();
    expect(code).toBe(0);
    expect(left()).toEqual(['gh-edge-fn-ffffff0', `${LOGS}0`, 'gh-users-1', 'sg-2']);
    expect(err).toContain(`deleted log group ${LOGS} (ap-southeast-1)`);
    expect(out).toContain('Kept, for it is data');
    expect(out).toContain('table gh-users-1 (eu-central-1)');
    expect(out).toContain('switched off in this account: ap-east-1');
  });

  it('waits for replicas with a line a round, and deletes log groups only after the function', async () => {
    leaveBehind();
    const [fn] = bench.aws.account.functions;
    if (fn !== undefined) fn.refusals = 3;
    const { code, err } = await run();
    expect(code).toBe(0);
    expect(err.match(/round \d: waiting for gh-edge-fn-22c5899/g)).toHaveLength(3);
    expect(err).toContain('5 min 0 s  round 2');
    const order = bench.aws.calls.filter((call) => /Delete(Function|LogGroup)/.test(call));
    expect(order.map((call) => call.split(' ')[0])).toEqual(
      Array<string>(4)
        .fill('lambda.DeleteFunction')
        .concat(Array<string>(2).fill('logs.DeleteLogGroup')),
    );
  });

  it('waits for the interfaces in the security group, and then deletes its VPC', async () => {
    leaveBehind();
    const [group] = bench.aws.account.groups;
    if (group !== undefined) group.refusals = 2;
    const { code, err } = await run();
    expect(code).toBe(0);
    expect(err).toContain('sg-1 (network interfaces in it are not released yet)');
    expect(left()).not.toContain('vpc-1');
  });

  it('deletes data only when told so and asked, and proves that nothing is left', async () => {
    leaveBehind();
    const refused = await bench.run('sweep', sweep, { args: ['dev', '--data'], answer: 'yes' });
    expect([refused.code, refused.err]).toEqual([
      1,
      expect.stringContaining('Nothing was changed'),
    ]);
    const { code, out } = await bench.run('sweep', sweep, {
      args: ['dev', '--data'],
      answer: 'dev',
    });
    expect(code).toBe(0);
    expect(out).toContain('Nothing is left of "dev".');
    expect(bench.aws.account.keys[0]?.state).toBe('PendingDeletion');
    const proof = await bench.run('leftovers', leftovers, { args: ['dev', '--json'] });
    expect([proof.code, JSON.parse(proof.out)]).toEqual([
      0,
      { stack: 'dev', leftovers: [], unseenRegions: ['ap-east-1'] },
    ]);
  });

  it('goes on through throttling', async () => {
    leaveBehind();
    let faults = 6;
    bench.aws.inject = ({ operation }) => {
      if (!/GetResources|DeleteLogGroup/.test(operation) || faults === 0) return undefined;
      faults--;
      return new Fault('ThrottlingException', 'Rate exceeded');
    };
    const { code } = await run();
    expect([code, faults]).toEqual([0, 0]);
    expect(left()).not.toContain(LOGS);
  });

  it('can be interrupted, and resumes', async () => {
    leaveBehind();
    const [fn] = bench.aws.account.functions;
    if (fn !== undefined) fn.refusals = 2;
    const first = await bench.run('sweep', sweep, {
      args: ['dev'],
      onSleep: () => bench.interrupt(),
    });
    expect(first.code).toBe(1);
    expect(first.out).toContain(`Left of "dev":\n  edge function ${FUNCTION} (us-east-1)`);
    const second = await run();
    expect(second.code).toBe(0);
    expect(left()).not.toContain(FUNCTION);
  });

  it('is safe to run twice at once', async () => {
    leaveBehind();
    const both = await Promise.all([run(), run()]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(left()).not.toContain(FUNCTION);
  });

  it('tries once and lists the rest when it is not to wait', async () => {
    leaveBehind();
    const [fn] = bench.aws.account.functions;
    if (fn !== undefined) fn.refusals = 9;
    const { code, out, err } = await run('--once');
    expect(code).toBe(1);
    expect(err).not.toContain('round');
    expect(out).toContain('log group');
  });

  it('finds log groups by the name of a function that is gone, as destroy kept it', async () => {
    keepInventory(bench.root, 'dev', {
      functions: [FUNCTION],
      vpcs: [{ region: 'eu-central-1', id: 'vpc-gone' }],
      tables: [],
      keys: [],
    });
    bench.aws.account.logGroups = [{ region: 'eu-west-1', name: LOGS, tags: {} }];
    const { code, out } = await run();
    expect([code, left()]).toEqual([0, []]);
    expect(out).toContain('Nothing is left of "dev".');
    expect(keptInventory(bench.root, 'dev').functions).toEqual([]);
  });

  it('names what carries the tags and is of no kind that it deletes, and takes no ghost for it', async () => {
    const arn = (resource: string) => `arn:aws:${resource}`;
    bench.aws.account.tagged = [
      'ec2:eu-central-1:123456789012:natgateway/nat-1',
      'ecs:eu-central-1:123456789012:cluster/gh-cluster-1',
      'sns:eu-central-1:123456789012:gh-alarms-1',
    ].map((resource) => ({ region: 'eu-central-1', arn: arn(resource), tags }));
    const { code, out } = await run();
    expect(code).toBe(1);
    expect(out).toContain('tagged resource arn:aws:sns:eu-central-1:123456789012:gh-alarms-1');
    expect(out).not.toMatch(/nat-1|gh-cluster-1/);
  });

  it('refuses while the stack has resources', async () => {
    leaveBehind();
    const resources = [{ urn: 'urn:x', type: 'aws:ec2/vpc:Vpc', id: 'vpc-1', custom: true }];
    bench.script({ 'stack export': [{ stdout: JSON.stringify({ deployment: { resources } }) }] });
    const { code, err } = await run();
    expect([code, err]).toEqual([1, expect.stringContaining('still has 1 resources')]);
    expect(left()).toContain(FUNCTION);
  });

  it('sweeps after a stack that is itself removed', async () => {
    leaveBehind();
    bench.script({ 'stack export': [{ code: 6, stderr: "error: no stack named 'dev' found" }] });
    expect((await run()).code).toBe(0);
  });

  it('says what to do where the SDK finds no credentials', async () => {
    const error = new Error('Could not load credentials from any providers');
    error.name = 'CredentialsProviderError';
    const verb = { ...leftovers, run: () => Promise.reject(error) };
    const { code, err } = await bench.run('leftovers', verb, { args: ['dev'] });
    expect([code, err]).toEqual([1, expect.stringMatching(/any providers\)\. Set credentials as/)]);
  });

  it('says which right is missing', async () => {
    leaveBehind();
    bench.aws.inject = ({ operation }) =>
      operation === 'DeleteFunction'
        ? new Fault(
            'AccessDeniedException',
            'not authorized to perform: lambda:DeleteFunction',
            403,
          )
        : undefined;
    const { code, err } = await run();
    expect(code).toBe(1);
    expect(err).toContain(
      `not deleted: edge function ${FUNCTION} (us-east-1): AccessDeniedException: not authorized`,
    );
  });
});
