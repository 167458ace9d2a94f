// npm run sweep -- STACK --later: what it makes, what that may do and does, and that nothing of it stays.
import { createRequire } from 'node:module';
import { execFileSync, spawnSync } from 'node:child_process';
import vm from 'node:vm';
import { evaluate } from '../../iam/evaluate';
import { leftovers, sweep } from '../sweep';
import { Fault } from '../testing/aws';
import type { Call } from '../testing/aws-protocols';
import { Bench, type Run } from '../testing/command';
import { handler } from './handler';
import { helperName, helperPolicy, trustDocument, type Errand } from './helper';
import { helperCode } from './make';
import { zipOf } from './zip';

const ACCOUNT = '123456789012';
const FUNCTION = 'gh-edge-fn-22c5899';
const LOGS = `/aws/lambda/us-east-1.${FUNCTION}`;
const NAME = helperName('gatehouse', 'dev');
const tags = { project: 'gatehouse', stack: 'dev' };

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.start();
  bench.script({ 'stack export': [{ stdout: '{"deployment":{"resources":[]}}' }] });
  bench.aws.account.functions = [
    { name: FUNCTION, tags, refusals: 3 },
    { name: 'gh-edge-fn-ffffff0', tags: { project: 'gatehouse', stack: 'prod' }, refusals: 0 },
  ];
  bench.aws.account.logGroups = ['eu-west-1', 'us-east-1'].map((region) => ({
    region,
    name: LOGS,
    tags: {},
  }));
});
afterEach(() => bench.end());

const run = (...args: string[]): Promise<Run> =>
  bench.run('sweep', sweep, { args: ['dev', ...args] });

function errand(): Errand {
  const { Target } = bench.aws.account.schedules[0]?.input as { Target: { Input: string } };
  return JSON.parse(Target.Input) as Errand;
}

/** ARN of what a call is about, as IAM sees it. */
function resourceOf({ service, region, input }: Call): string {
  const at = (resource: string, home = region) =>
    `arn:aws:${service}:${home}:${ACCOUNT}:${resource}`;
  const resources: Record<string, string> = {
    lambda: at(`function:${String(input.FunctionName)}`),
    logs: at(`log-group:${String(input.logGroupName)}:*`),
    scheduler: at(`schedule/default/${String(input.Name)}`),
    iam: at(`role/${String(input.RoleName)}`, ''),
  };
  return resources[service] ?? '*';
}

/** From here on every call is one of the role's, and IAM decides; it takes seconds to hear of changes. */
function callAsTheRole(): void {
  const policy = bench.aws.account.iamRoles[0]?.policies.later ?? '';
  bench.aws.inject = (call) => {
    const request = { action: `${call.service}:${call.operation}`, resource: resourceOf(call) };
    return evaluate([policy], request).allowed
      ? undefined
      : new Fault('AccessDeniedException', `${request.action} on ${request.resource}`, 403);
  };
}

describe('sweep --later', () => {
  it('makes a role, a function and a schedule that ends, and waits for nothing', async () => {
    const { code, out, err } = await run('--later');
    expect([code, err]).toEqual([0, expect.not.stringContaining('round') as unknown]);
    expect(out).toContain(`The schedule ${NAME} in us-east-1 deletes ${FUNCTION}`);
    const { schedules, iamRoles, functions } = bench.aws.account;
    expect(schedules.map(({ input }) => input)).toEqual([
      expect.objectContaining({
        ScheduleExpression: 'rate(1 hour)',
        ActionAfterCompletion: 'DELETE',
        // Three days after the ten seconds in which Lambda came to know the role.
        EndDate: Date.parse('2026-11-27T12:00:10Z') / 1000,
      }),
    ]);
    expect(errand()).toEqual({
      name: NAME,
      functions: [FUNCTION],
      regions: ['ap-southeast-1', 'eu-central-1', 'eu-west-1', 'us-east-1'],
    });
    expect(iamRoles.map(({ name }) => name)).toEqual([NAME]);
    expect(functions.map(({ name }) => name)).toContain(NAME);
  });

  it('has it try until the replicas are gone, and leaves nothing of itself, as its role may', async () => {
    await run('--later');
    const given = errand();
    callAsTheRole();
    const tried: string[] = [];
    while (bench.aws.account.schedules.length > 0) tried.push(await handler(given));
    expect(tried).toEqual([
      'CloudFront removes its replicas, which takes hours',
      'CloudFront removes its replicas, which takes hours',
      'done',
    ]);
    const { functions, logGroups, schedules, iamRoles } = bench.aws.account;
    expect([logGroups, schedules, iamRoles]).toEqual([[], [], []]);
    expect(functions.map(({ name }) => name)).toEqual(['gh-edge-fn-ffffff0']);
    bench.aws.inject = undefined;
    const proof = await bench.run('leftovers', leftovers, { args: ['dev'] });
    expect([proof.code, proof.out]).toEqual([0, expect.stringContaining('Nothing is left')]);
  });

  it('makes no second one when it is asked twice, and a sweep takes it back in hand', async () => {
    expect((await run('--later')).code).toBe(0);
    expect((await run('--later')).code).toBe(0);
    expect(bench.aws.account.schedules).toHaveLength(1);
    const { code, err } = await run();
    expect(code).toBe(0);
    expect(err).toContain(`deleted schedule of --later, with its function and role, ${NAME}`);
    const { schedules, iamRoles, logGroups } = bench.aws.account;
    expect([schedules, iamRoles, logGroups]).toEqual([[], [], []]);
  });

  it('shows the role that was not heard of in time, until a sweep deletes it', async () => {
    await run('--later');
    const given = errand();
    bench.aws.account.functions = [];
    callAsTheRole();
    const { inject } = bench.aws;
    bench.aws.inject = (call) =>
      call.operation === 'DeleteRole'
        ? new Fault('AccessDenied', 'not authorized to perform: iam:DeleteRole', 403)
        : inject?.(call);
    await expect(handler(given)).rejects.toThrow('iam:DeleteRole');
    bench.aws.inject = undefined;
    const seen = await bench.run('leftovers', leftovers, { args: ['dev'] });
    expect([seen.code, seen.out]).toEqual([1, expect.stringContaining(NAME)]);
    expect((await run()).code).toBe(0);
    expect(bench.aws.account.iamRoles).toEqual([]);
  });

  it('makes nothing when nothing has to wait', async () => {
    bench.aws.account.functions = [];
    const { code, out } = await run('--later');
    expect([code, bench.aws.account.schedules]).toEqual([0, []]);
    expect(out).toContain('Nothing is left of "dev".');
  });

  it('says when AWS never comes to know the role', async () => {
    bench.aws.inject = ({ operation }) =>
      operation === 'CreateFunction'
        ? new Fault('InvalidParameterValueException', 'The role cannot be assumed by Lambda.')
        : undefined;
    const { code, err } = await run('--later');
    expect(code).toBe(1);
    expect(err).toContain('AWS does not come to know the new role');
  });

  it('ends with what no patience cures', async () => {
    await run('--later');
    const given = errand();
    bench.aws.inject = () => new Fault('AccessDeniedException', 'not authorized', 403);
    await expect(handler(given)).rejects.toThrow('AccessDeniedException: not authorized');
  });
});

describe('helperPolicy', () => {
  const policy = JSON.stringify(
    helperPolicy(ACCOUNT, { name: NAME, functions: [FUNCTION], regions: [] }),
  );
  const of = (service: string, region: string, resource: string) =>
    `arn:aws:${service}:${region}:${ACCOUNT}:${resource}`;
  const own = of('lambda', 'us-east-1', `function:${FUNCTION}`);

  it.each([
    [true, 'delete its edge function', 'lambda:DeleteFunction', own],
    [
      true,
      'delete its log group in any region',
      'logs:DeleteLogGroup',
      of('logs', 'sa-east-1', `log-group:${LOGS}:*`),
    ],
    [
      true,
      'delete its schedule',
      'scheduler:DeleteSchedule',
      of('scheduler', 'us-east-1', `schedule/default/${NAME}`),
    ],
    [true, 'delete its role', 'iam:DeleteRole', of('iam', '', `role/${NAME}`)],
    [false, 'delete another function', 'lambda:DeleteFunction', `${own}0`],
    [
      false,
      'delete the log group of another',
      'logs:DeleteLogGroup',
      of('logs', 'us-east-1', `log-group:${LOGS}0:*`),
    ],
    [false, 'change a function', 'lambda:UpdateFunctionCode', own],
    [false, 'give its role more', 'iam:PutRolePolicy', of('iam', '', `role/${NAME}`)],
    [false, 'delete another role', 'iam:DeleteRole', of('iam', '', 'role/admin')],
    [
      false,
      'make a log group',
      'logs:CreateLogGroup',
      of('logs', 'us-east-1', `log-group:${LOGS}:*`),
    ],
    [
      false,
      'delete a table',
      'dynamodb:DeleteTable',
      of('dynamodb', 'eu-central-1', 'table/gh-users-1'),
    ],
  ])('%s: can %s', (allowed, _what, action, resource) => {
    expect(evaluate([policy], { action, resource }).allowed).toBe(allowed);
  });
});

describe('trustDocument', () => {
  it('lets in the scheduler of this account, and Lambda', () => {
    const { Statement } = trustDocument(ACCOUNT) as {
      Statement: { Principal: { Service: string }; Condition?: object }[];
    };
    expect(Statement.map(({ Principal, Condition }) => [Principal.Service, Condition])).toEqual([
      ['scheduler.amazonaws.com', { StringEquals: { 'aws:SourceAccount': ACCOUNT } }],
      ['lambda.amazonaws.com', undefined],
    ]);
  });
});

describe('helperCode', () => {
  it('is one module with a handler, that asks for nothing but what the runtime has', () => {
    const asked: string[] = [];
    const require = createRequire(__filename);
    const module = { exports: {} as { handler?: unknown } };
    const load = vm.compileFunction(helperCode(), ['module', 'exports', 'require']) as (
      ...args: unknown[]
    ) => void;
    load(module, module.exports, (name: string) => {
      asked.push(name);
      return require(name) as unknown;
    });
    expect(typeof module.exports.handler).toBe('function');
    for (const name of asked) expect(name).toMatch(/^(node:|@aws-sdk\/)/);
  });
});

const hasPython = spawnSync('python3', ['--version']).status === 0;

describe('zipOf', () => {
  (hasPython ? it : it.skip)('is an archive that others can read', () => {
    const text = 'exports.handler = () => "ä";\n';
    const script =
      'import sys,zipfile,io;z=zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read()));' +
      'assert z.testzip() is None;i=z.infolist()[0];' +
      'sys.stdout.write(i.filename+" "+oct(i.external_attr>>16)+" "+z.read(i).decode())';
    const said = execFileSync('python3', ['-c', script], {
      input: zipOf('index.js', text),
      encoding: 'utf8',
    });
    expect(said).toBe(`index.js 0o100644 ${text}`);
  });
});
