// npm run up: an honest end, by what the recorded engine, ECS and the address say.
import { serve, closeAll } from '../local/testing/servers';
import { Bench } from './testing/command';
import { recorded } from './testing/pulumi';
import { revision, rolledBack, serviceRunning } from './testing/ecs-fixtures';
import { up } from './up';

let bench: Bench;
let url: string;
let status: number;
beforeEach(async () => {
  bench = await Bench.start();
  status = 401;
  const { port } = await serve((_request, response) => response.writeHead(status).end('{}'));
  url = `http://127.0.0.1:${port}`;
});
afterEach(async () => {
  await bench.end();
  await closeAll();
});

const preview = { stdout: recorded('preview-change.json') };
const updated = { stdout: recorded('up.ndjson') };

function outputs(asked: number, before = 1) {
  const of = (number: number) => ({
    stdout: JSON.stringify({
      ...(JSON.parse(recorded('stack-outputs.json')) as object),
      url,
      taskDefinition: revision(number),
    }),
  });
  return [of(before), of(asked)];
}

describe('up', () => {
  it('shows its steps, and ends with address, dashboard and a line that was tried', async () => {
    bench.script({ preview: [preview], up: [updated], 'stack output': outputs(1) });
    serviceRunning(bench.aws.account, 1);
    const { code, out, err } = await bench.run('up', up, { answer: 'dev' });
    expect(code).toBe(0);
    expect(err).toContain('The engine will do: 3 update');
    expect(err).toMatch(/1\/3 updated aws:appautoscaling\/target:Target gh-tasks/);
    expect(err).toMatch(/3\/3 updated aws:cloudwatch\/dashboard:Dashboard gh-scaling/);
    expect(err).toContain('ECS runs gh-cluster-012c6dd:1, as asked.');
    expect(out).toContain(`URL        ${url}\n`);
    expect(out).toContain(`curl -i ${url}/   # answered 401 just now: the edge asks for a key`);
    expect(out).toContain('Dashboard  https://eu-central-1.console.aws.amazon.com/');
  });

  it('fails when ECS rolled back, and says why, with the last words of the task and what to do', async () => {
    bench.script({ preview: [preview], up: [updated], 'stack output': outputs(2) });
    rolledBack(bench.aws.account);
    const { code, err, out } = await bench.run('up', up, { args: ['dev', '--yes'] });
    expect(code).toBe(1);
    expect(out).toBe('');
    expect(err).toContain(
      'ECS rolled back: it runs gh-cluster-012c6dd:1 in place of gh-cluster-012c6dd:2',
    );
    expect(err).toContain('circuit breaker');
    expect(err).toContain('deployment failed: tasks failed to start');
    expect(err).toContain('dead0001: Essential container in task exited; service exit code 1');
    expect(err).toContain('Error: ORIGIN_SECRET is empty');
    expect(err).not.toContain('of another task');
    expect(err).toContain('What to do: The process ended by itself');
  });

  it('explains the service, too, when the engine itself failed at it', async () => {
    const metadata = {
      op: 'update',
      urn: 'urn:pulumi:dev::gatehouse::gatehouse:infra:Container$aws:ecs/service:Service::gh-service',
      type: 'aws:ecs/service:Service',
    };
    const failing = [
      { sequence: 1, resourcePreEvent: { metadata } },
      { sequence: 2, resOpFailedEvent: { metadata, status: 0, steps: 1 } },
      {
        sequence: 3,
        diagnosticEvent: { message: 'error: waiting for steady state\n', severity: 'error' },
      },
    ];
    const made = {
      urn: 'urn:t',
      type: 'aws:ecs/taskDefinition:TaskDefinition',
      outputs: { arn: revision(2) },
    };
    bench.script({
      preview: [preview],
      up: [{ code: 255, stdout: failing.map((event) => `${JSON.stringify(event)}\n`).join('') }],
      'stack output': outputs(1),
      'stack export': [{ stdout: JSON.stringify({ deployment: { resources: [made] } }) }],
    });
    rolledBack(bench.aws.account);
    const { code, err } = await bench.run('up', up, { args: ['dev', '--yes'] });
    expect(code).toBe(1);
    expect(err).toContain('waiting for steady state');
    expect(err).toMatch(/FAILED aws:ecs\/service:Service gh-service/);
    expect(err).toContain('in place of gh-cluster-012c6dd:2');
  });

  it('waits for a deployment that ECS has not ended', async () => {
    bench.script({
      preview: [preview],
      up: [updated],
      'stack output': [{ stdout: '{}' }, ...outputs(2, 2)],
    });
    serviceRunning(bench.aws.account, 2, 'IN_PROGRESS');
    const { code, err } = await bench.run('up', up, {
      args: ['dev', '--yes'],
      onSleep: () => serviceRunning(bench.aws.account, 2),
    });
    expect(err).toContain('waiting for ECS: 2 of 2 tasks of gh-cluster-012c6dd:2 run');
    expect(code).toBe(0);
  });

  it('is refused while ECS shifts traffic', async () => {
    bench.script({ 'stack output': outputs(2, 2) });
    serviceRunning(bench.aws.account, 2, 'IN_PROGRESS');
    const { code, err } = await bench.run('up', up, { args: ['dev', '--yes'] });
    expect(code).toBe(1);
    expect(err).toContain('ECS is still rolling gh-cluster-012c6dd:2 out');
    expect(bench.pulumi.calls().map(([command]) => command)).toEqual(['stack']);
  });

  it('fails when the address answers with errors for ten minutes', async () => {
    bench.script({ preview: [preview], up: [updated], 'stack output': outputs(1) });
    serviceRunning(bench.aws.account, 1);
    status = 502;
    const { code, out } = await bench.run('up', up, { args: ['dev', '--yes'] });
    expect(code).toBe(1);
    expect(out).toContain('# answered 502, for ten minutes');
  });

  it('says what state the stack is in after Ctrl-C', async () => {
    const pending = [
      { resource: { urn: 'urn:pulumi:dev::gatehouse::x::gh-cdn' }, type: 'updating' },
    ];
    bench.script({
      preview: [preview],
      up: [{ code: 130, stdout: recorded('interrupted.ndjson'), untilInterrupted: '^C received' }],
      'stack output': outputs(1),
      'stack export': [{ stdout: JSON.stringify({ deployment: { pending_operations: pending } }) }],
    });
    serviceRunning(bench.aws.account, 1);
    const run = bench.run('up', up, { args: ['dev', '--yes'] });
    const stop = setInterval(() => {
      // The fake engine waits for SIGINT once it has said its first lines.
      if (bench.pulumi.calls().some(([command]) => command === 'up')) bench.interrupt();
    }, 50);
    const { code, err } = await run;
    clearInterval(stop);
    expect(code).toBe(1);
    expect(err).toContain('Stopping in an orderly way');
    expect(err).toContain(
      'Not known is the end of gh-cdn: "npx pulumi refresh --stack dev" asks AWS',
    );
    expect(err).toContain('"npm run up -- dev" goes on from there');
  });

  it('changes nothing without consent', async () => {
    bench.script({ preview: [preview], 'stack output': [{ stdout: '{}' }] });
    const refused = await bench.run('up', up, { answer: 'no' });
    expect([refused.code, refused.err]).toEqual([
      1,
      expect.stringContaining('Nothing was changed'),
    ]);
    const mute = await bench.run('up', up);
    expect([mute.code, mute.err]).toEqual([1, expect.stringContaining('pass --yes')]);
    expect(bench.pulumi.calls().map(([command]) => command)).not.toContain('up');
  });

  it.each([
    ['no stack', [], /missing required argument 'stack'/],
    ['a name for a shell', ['$(id)'], /Expected the name of a stack/],
    ['an unknown option', ['dev', '--force'], /unknown option '--force'/],
  ])('ends with 2 for %s', async (_what, args, message) => {
    const { code, err } = await bench.run('up', up, { args });
    expect(code).toBe(2);
    expect(err).toMatch(message);
  });

  it('says how it is used', async () => {
    const { code, out } = await bench.run('up', up, { args: ['--help'] });
    expect(code).toBe(0);
    expect(out).toContain('Usage: npm run up -- [options] <stack>');
    expect(out).toContain('Exit codes: 0 done; 1 it failed; 2 wrong usage.');
  });
});
