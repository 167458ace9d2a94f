// The engine's driver, against what the real command line printed.
import { Engine } from './engine';
import type { EngineError } from './engine-errors';
import type { EngineEvent } from './engine-events';
import { fakePulumi, recorded, type FakePulumi, type Script } from './testing/pulumi';

let pulumi: FakePulumi | undefined;
afterEach(() => {
  pulumi?.end();
  pulumi = undefined;
});

function engineOn(script: Script): Engine {
  pulumi = fakePulumi(script);
  return pulumi.engine();
}

async function failure(run: Promise<unknown>): Promise<EngineError> {
  return run.then(
    () => Promise.reject(new Error('It succeeded.')),
    (error: EngineError) => error,
  );
}

describe('Engine', () => {
  it('reads the outputs of a stack', async () => {
    const engine = engineOn({ 'stack output': [{ stdout: recorded('stack-outputs.json') }] });
    expect(await engine.outputs()).toMatchObject({ cluster: 'gh-cluster-012c6dd' });
    expect(pulumi?.calls()).toEqual([
      ['stack', 'output', '--json', '--non-interactive', '--stack', 'dev'],
    ]);
  });

  it('reads the history, the latest update first', async () => {
    const engine = engineOn({ 'stack history': [{ stdout: recorded('stack-history.json') }] });
    const [latest, before] = await engine.history();
    expect([latest?.result, before?.result]).toEqual(['failed', 'succeeded']);
    expect(latest?.environment['git.head']).toMatch(/^[0-9a-f]{40}$/);
  });

  it('hands on the events of an update as they come, and knows what was done', async () => {
    const engine = engineOn({ up: [{ stdout: recorded('up.ndjson') }] });
    const events: EngineEvent[] = [];
    const journal = await engine.up({ planFile: 'plan.json', onEvent: (one) => events.push(one) });
    expect(events).toHaveLength(17);
    expect(journal.done.map(({ name }) => name)).toEqual([
      'gh-tasks',
      'gh-slow-at-maximum',
      'gh-scaling',
    ]);
    expect(journal.done[0]).toMatchObject({ op: 'update', properties: ['maxCapacity'] });
    expect(journal.counts).toEqual({ same: 139, update: 3 });
    expect(pulumi?.calls()[0]).toEqual(
      ['up', '--json', '--yes', '--skip-preview', '--plan', 'plan.json'].concat([
        '--non-interactive',
        '--stack',
        'dev',
      ]),
    );
  });

  it.each([
    ['one document', 'preview-change.json', ['gh-tasks', 'gh-slow-at-maximum', 'gh-scaling']],
    ['one document without a change', 'preview-unchanged.json', []],
    ['events', 'up.ndjson', ['gh-tasks', 'gh-slow-at-maximum', 'gh-scaling']],
  ])('reads a preview that is %s', async (_form, file, names) => {
    const engine = engineOn({ preview: [{ stdout: recorded(file) }] });
    const { steps, counts } = await engine.preview();
    expect(steps.map(({ name }) => name)).toEqual(names);
    expect(counts.same).toBeGreaterThan(100);
  });

  it('never destroys past protected resources', async () => {
    const engine = engineOn({ destroy: [{ stdout: recorded('destroy-protected.json'), code: 1 }] });
    const error = await failure(engine.destroy());
    expect(error.kind).toBe('protected');
    expect(error.message).toContain('nothing was deleted: gh-cdn, gh-users, gh-credentials');
    expect(pulumi?.calls()[0]).not.toContain('--skip-preview');
  });

  it.each([
    [
      'no-cli',
      { code: 1, stderr: recorded('no-network.txt') },
      /could not be started: fetch failed\. "npm ci" brings a launcher .* needs the network/,
    ],
    [
      'no-network',
      { code: 1, stderr: 'error: Get "https://api.pulumi.com/": dial tcp: lookup api.pulumi.com' },
      /reached from here:\nGet "https.*\n.*not a matter of logging in/,
    ],
    ['no-login', { code: 3, stderr: recorded('not-logged-in.txt') }, /npx pulumi login/],
    ['no-stack', { code: 6, stderr: recorded('no-stack.txt') }, /npx pulumi stack init dev/],
    [
      'locked',
      { code: 1, stderr: recorded('locked.txt') },
      /\(you@laptop, process 2528, since 2026/,
    ],
    [
      'plan-violated',
      { code: 1, stdout: recorded('up-plan-violated.txt') },
      /\n {2}gh-tasks violates plan: properties changed: ~~maxCapacity/,
    ],
    [
      'configuration',
      { code: 1, stdout: recorded('config-unknown.json') },
      /^The configuration of stack "dev" has a problem:\n {2}- gatehouse:maxTask is not a setting/,
    ],
    ['cancelled', { code: 130, stdout: recorded('interrupted.ndjson') }, /interrupted/],
    ['passphrase', { code: 1, stderr: 'error: incorrect passphrase' }, /PULUMI_CONFIG_PASSPHRASE/],
    ['failed', { code: 255, stderr: 'error: the sky fell' }, /exit code 255\): the sky fell/],
  ] as const)('says in plain words what was wrong: %s', async (kind, reply, message) => {
    const engine = engineOn({ up: [reply] });
    const error = await failure(engine.up());
    expect(error.kind).toBe(kind);
    expect(error.message).toMatch(message);
  });

  it('fails for a mandatory policy, even when the engine does not', async () => {
    const policyEvent = {
      resourceUrn: 'urn:pulumi:dev::gatehouse::aws:s3/bucket:Bucket::gh-logs',
      message: 'Buckets are closed.',
      policyName: 'closed-buckets',
      enforcementLevel: 'mandatory',
    };
    const engine = engineOn({
      preview: [{ stdout: JSON.stringify({ sequence: 1, policyEvent }) }],
    });
    const error = await failure(engine.preview({ policyPack: 'policies' }));
    expect(error.kind).toBe('policy-violated');
    expect(error.message).toContain('  closed-buckets (gh-logs): Buckets are closed.');
    expect(pulumi?.calls()[0]).toContain('--policy-pack');
  });

  it('asks the engine to stop at Ctrl-C, and knows how far it came', async () => {
    const engine = engineOn({
      up: [{ code: 130, stdout: recorded('interrupted.ndjson'), untilInterrupted: '^C received' }],
    });
    const handlers = new Set<() => void>();
    const error = await failure(
      engine.up({
        onEvent: ({ sequence }) => {
          if (sequence === 21) for (const handler of handlers) handler();
        },
        interrupts: (handler) => {
          handlers.add(handler);
          return () => handlers.delete(handler);
        },
      }),
    );
    expect(error.kind).toBe('cancelled');
    expect(handlers.size).toBe(0);
  });

  it.each([['is not there', '/nowhere/pulumi', /\/nowhere\/pulumi\) could not be started: spawn/]])(
    'says so when the executable %s',
    async (_what, PULUMI, message) => {
      const error = await failure(new Engine('dev', { ...process.env, PULUMI }).outputs());
      expect(error.kind).toBe('no-cli');
      expect(error.message).toMatch(message);
    },
  );

  it('reads what the backend holds, and what was under way when a run was cut off', async () => {
    const deployment = {
      resources: [{ urn: 'urn:a', type: 'aws:s3/bucket:Bucket', id: 'gh-logs-1', protect: true }],
      pending_operations: [{ resource: { urn: 'urn:b' }, type: 'creating' }],
    };
    const engine = engineOn({
      'stack export': [{ stdout: JSON.stringify({ version: 3, deployment }) }],
    });
    expect(await engine.state()).toEqual({ resources: deployment.resources, pending: ['urn:b'] });
  });

  it('passes a name on as it is, never through a shell', async () => {
    pulumi = fakePulumi({ 'stack output': [{ stdout: '{}' }] });
    await pulumi.engine('$(touch /tmp/x); dev').outputs();
    expect(pulumi.calls()[0]?.at(-1)).toBe('$(touch /tmp/x); dev');
  });
});
