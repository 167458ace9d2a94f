// npm run destroy: what goes, what stays, and the steps of a protected stack in their order.
import { destroy } from './destroy';
import { keptInventory } from './inventory';
import { Bench } from './testing/command';
import { recorded } from './testing/pulumi';

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.start();
});
afterEach(() => bench.end());

const resource = (type: string, id: string, more: object = {}) => ({
  urn: `urn:pulumi:prod::gatehouse::${type}::${id.replace(/-\d+$/, '')}`,
  type,
  id,
  custom: true,
  ...more,
});
const BALANCER = 'arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/gh-lb/1';
const guarded = { protect: true, retainOnDelete: true };
const STATE = {
  deployment: {
    resources: [
      {
        urn: 'urn:pulumi:prod::gatehouse::pulumi:pulumi:Stack::gatehouse-prod',
        type: 'pulumi:pulumi:Stack',
        outputs: { region: 'eu-central-1' },
      },
      resource('aws:dynamodb/table:Table', 'gh-users-1', guarded),
      resource('aws:kms/key:Key', 'gh-tables-1', guarded),
      resource('aws:cloudfront/distribution:Distribution', 'gh-cdn-1', { protect: true }),
      resource('aws:lb/loadBalancer:LoadBalancer', BALANCER, {
        protect: true,
        inputs: { enableDeletionProtection: true },
      }),
      resource('aws:s3/bucket:Bucket', 'gh-logs-1', { inputs: { forceDestroy: false } }),
      resource('aws:ecr/repository:Repository', 'gh-images-1'),
      resource('aws:ec2/vpc:Vpc', 'vpc-1'),
      resource('aws:lambda/function:Function', 'gh-edge-fn-1', {
        inputs: { skipDestroy: true, region: 'us-east-1' },
      }),
    ],
  },
};

const script = (replies: object[]) => ({
  'stack export': [{ stdout: JSON.stringify(STATE) }],
  'state unprotect': [{}],
  destroy: replies,
});
const DELETED = {
  stdout: [
    { sequence: 1, resOutputsEvent: { metadata: { op: 'delete', urn: 'urn:a::b', type: 'x' } } },
    { sequence: 2, summaryEvent: { resourceChanges: { delete: 1 } } },
  ]
    .map((event) => `${JSON.stringify(event)}\n`)
    .join(''),
};
const failingAt = (type: string) => ({
  code: 255,
  stdout: `${JSON.stringify({
    sequence: 1,
    resOpFailedEvent: {
      metadata: { op: 'delete', urn: `urn:${type}::it`, type },
      status: 0,
      steps: 0,
    },
  })}\n`,
  stderr: 'error: DependencyViolation',
});

function fill(): void {
  const { account } = bench.aws;
  account.buckets = [
    {
      name: 'gh-logs-1',
      objects: [1, 2, 3, 4, 5].map((number) => ({ Key: `log-${number}`, VersionId: `v${number}` })),
    },
  ];
  account.repositories = [{ name: 'gh-images-1', images: ['sha256:1', 'sha256:2'] }];
  account.protectedBalancers = [BALANCER];
}

const run = (...args: string[]) =>
  bench.run('destroy', destroy, { args: ['prod', ...args], answer: 'prod' });
const commands = () => bench.pulumi.calls().map((call) => call.slice(0, 2).join(' '));

describe('destroy', () => {
  it('says what goes, what stays and why, and deletes nothing of a protected stack', async () => {
    bench.script(script([DELETED]));
    fill();
    const { code, err } = await run();
    expect(code).toBe(1);
    expect(err).toContain('Goes: 5 resources of "prod"');
    expect(err).toContain('table gh-users-1 (eu-central-1)');
    expect(err).toContain('edge function gh-edge-fn-1, and its log groups in other regions');
    expect(err).toMatch(/Protected:\n {2}gh-users, gh-tables, gh-cdn/);
    expect(err).toMatch(/Not empty:\n {2}bucket gh-logs-1\n {2}repository gh-images-1/);
    expect(err).toContain('"npm run destroy -- prod --unprotect --empty"');
    expect(commands()).toEqual(['stack export']);
    expect(bench.aws.account.buckets[0]?.objects).toHaveLength(5);
  });

  it('takes the steps in order when told so, and never skips the preview', async () => {
    bench.script(script([DELETED]));
    fill();
    const { code, out } = await run('--unprotect', '--empty');
    expect(code).toBe(0);
    expect(commands()).toEqual(['stack export', 'state unprotect', 'destroy --yes']);
    expect(bench.pulumi.calls().flat()).not.toContain('--skip-preview');
    const { buckets, repositories, protectedBalancers } = bench.aws.account;
    expect([buckets[0]?.objects, repositories[0]?.images, protectedBalancers]).toEqual([
      [],
      [],
      [],
    ]);
    expect(out).toContain('"prod" is destroyed.');
    expect(out).toContain('Kept: gh-users-1, gh-tables-1.');
    expect(out).toContain('npm run sweep -- prod');
    expect(out).toContain(
      'npx pulumi config set --stack prod --path gatehouse:adoptTables.users gh-users-1\n',
    );
    expect(out).toContain('--path gatehouse:adoptKeys.tables gh-tables-1\n');
    expect(keptInventory(bench.root, 'prod')).toEqual({
      functions: ['gh-edge-fn-1'],
      vpcs: [{ region: 'eu-central-1', id: 'vpc-1' }],
      tables: [{ region: 'eu-central-1', id: 'gh-users-1', name: 'users' }],
      keys: [{ region: 'eu-central-1', id: 'gh-tables-1', name: 'tables' }],
    });
  });

  it('changes nothing when the answer is another', async () => {
    bench.script(script([DELETED]));
    fill();
    const args = ['prod', '--unprotect', '--empty'];
    const { code } = await bench.run('destroy', destroy, { args, answer: 'y' });
    expect([code, commands()]).toEqual([1, ['stack export']]);
    expect(bench.aws.account.buckets[0]?.objects).toHaveLength(5);
  });

  it('deletes the security group that CloudFront left, and goes on', async () => {
    bench.script(script([failingAt('aws:ec2/vpc:Vpc'), DELETED]));
    const { account } = bench.aws;
    account.vpcs = [{ id: 'vpc-1', tags: {} }];
    account.groups = [
      { id: 'sg-1', name: 'CloudFront-VPCOrigins-Service-SG', vpcId: 'vpc-1', refusals: 2 },
    ];
    const { code, err } = await run('--unprotect');
    expect(code).toBe(0);
    expect(err).toContain('Waiting for sg-1: network interfaces in it are not released yet');
    expect(err).toContain('Deleted sg-1');
    expect(commands().filter((command) => command === 'destroy --yes')).toHaveLength(2);
  });

  it('empties a bucket again that logs arrived in meanwhile', async () => {
    bench.script(script([failingAt('aws:s3/bucket:Bucket'), DELETED]));
    fill();
    const { code, err } = await run('--unprotect', '--empty');
    expect(code).toBe(0);
    expect(err.match(/Emptied bucket gh-logs-1/g)).toHaveLength(2);
  });

  it('says how far it came when it fails for another reason', async () => {
    bench.script(script([failingAt('aws:cloudfront/distribution:Distribution')]));
    const { code, err } = await run('--unprotect');
    expect(code).toBe(1);
    expect(err).toContain('It failed at it. "npm run destroy -- prod" goes on from there');
  });

  it('says what protects it when the engine stops at the preview after all', async () => {
    bench.script(script([{ code: 1, stdout: recorded('destroy-protected.json') }]));
    const { code, err } = await run('--unprotect');
    expect(code).toBe(1);
    expect(err).toContain('Protected resources stopped it at the preview, nothing was deleted');
  });

  it('points to the sweep when nothing is there', async () => {
    bench.script({ 'stack export': [{ stdout: '{"deployment":{}}' }] });
    const { code, out } = await run();
    expect([code, out]).toEqual([0, expect.stringContaining('npm run sweep -- prod')]);
  });
});
