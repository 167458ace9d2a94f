// npm run change and npm run approve: what is saved is what is applied, or nothing is.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serve, closeAll } from '../local/testing/servers';
import { approve } from './approve';
import { change } from './change';
import { openChangeFolder, saveChange } from './saved-change';
import { Bench } from './testing/command';
import { serviceRunning } from './testing/ecs-fixtures';
import { recorded, type Script } from './testing/pulumi';

let bench: Bench;
let script: Script;
beforeEach(async () => {
  bench = await Bench.start();
  serviceRunning(bench.aws.account, 1);
  const { port } = await serve((_request, response) => response.writeHead(401).end());
  const outputs = {
    ...(JSON.parse(recorded('stack-outputs.json')) as object),
    url: `http://127.0.0.1:${port}`,
  };
  script = {
    preview: [{ stdout: recorded('preview-change.json') }],
    up: [{ stdout: recorded('up.ndjson') }],
    'stack output': [{ stdout: JSON.stringify(outputs) }],
    'stack history': [{ stdout: recorded('stack-history.json') }],
  };
  bench.script(script);
});
afterEach(async () => {
  await bench.end();
  await closeAll();
});

const saved = (file: string) => join(bench.root, '.local/deploy/dev/change', file);
const called = () => bench.pulumi.calls().map(([command]) => command);

describe('change', () => {
  it('saves plan, commit, account and summary, and says how to apply it', async () => {
    const commit = bench.git('rev-parse', 'HEAD');
    const { code, out } = await bench.run('change', change);
    expect(code).toBe(0);
    expect(out).toContain('The engine will do: 3 update');
    expect(out).toContain('update aws:appautoscaling/target:Target gh-tasks');
    // The recorded history names a commit of another repository.
    expect(out).toContain('Rights and price are not compared with what is deployed (0123456789ab)');
    expect(out).toContain('npm run approve -- dev');
    expect(JSON.parse(readFileSync(saved('change.json'), 'utf8'))).toMatchObject({
      stack: 'dev',
      commit,
      account: '123456789012',
      after: '2026-11-24T10:09:28.000Z',
    });
    const [preview] = bench.pulumi.calls().filter(([command]) => command === 'preview');
    expect(preview).toEqual(
      expect.arrayContaining(['--save-plan', saved('plan.json'), '--policy-pack', 'policies']),
    );
  });

  it('refuses a tree that differs from its commit, before it asks anybody', async () => {
    writeFileSync(join(bench.root, 'edited.ts'), '');
    const { code, err } = await bench.run('change', change);
    expect(code).toBe(1);
    expect(err).toContain('differs from its commit (edited.ts)');
    expect(called()).toEqual([]);
  });

  it('saves nothing when there is nothing to change', async () => {
    bench.script({ ...script, preview: [{ stdout: recorded('preview-unchanged.json') }] });
    const { code, out } = await bench.run('change', change);
    expect([code, out]).toEqual([0, expect.stringContaining('Nothing to change')]);
    expect(existsSync(saved('change.json'))).toBe(false);
  });

  it('saves nothing when the engine fails', async () => {
    bench.script({ ...script, preview: [{ code: 1, stdout: recorded('config-unknown.json') }] });
    const { code, err } = await bench.run('change', change);
    expect([code, err]).toEqual([1, expect.stringContaining('gatehouse:maxTask is not a setting')]);
    expect(existsSync(saved('plan.json'))).toBe(false);
  });

  it('says so when AWS does not know who asks', async () => {
    bench.aws.account.switchedOff.push('eu-central-1');
    const { code, err } = await bench.run('change', change);
    expect([code, err]).toEqual([1, expect.stringContaining('AWS does not know who you are')]);
  });

  it('says so for a stack without a file', async () => {
    const { code, err } = await bench.run('change', change, { args: ['nosuch'] });
    expect([code, err]).toEqual([1, expect.stringContaining('Pulumi.nosuch.yaml is missing')]);
  });
});

describe('approve', () => {
  beforeEach(() => {
    openChangeFolder(bench.root, 'dev');
    writeFileSync(saved('plan.json'), '{"resourcePlans":{}}');
    const steps = [{ op: 'update', type: 'aws:ecs/service:Service', name: 'gh-service' }];
    saveChange(
      bench.root,
      {
        stack: 'dev',
        commit: bench.git('rev-parse', 'HEAD'),
        account: '123456789012',
        after: '2026-11-24T10:09:28.000Z',
        savedAt: '2026-11-24T12:00:00.000Z',
        steps: steps.map((step) => ({ ...step, properties: ['taskDefinition'] })),
      },
      '',
    );
  });

  it('applies just the plan that was saved, once', async () => {
    const { code, out } = await bench.run('approve', approve, { answer: 'dev' });
    expect(code).toBe(0);
    expect(out).toContain('update aws:ecs/service:Service gh-service: taskDefinition');
    const [up] = bench.pulumi.calls().filter(([command]) => command === 'up');
    expect(up).toEqual(expect.arrayContaining(['--plan', saved('plan.json')]));
    const again = await bench.run('approve', approve, { answer: 'dev' });
    expect(again.err).toContain('There is no saved change of "dev"');
  });

  const refusals: [string, () => void, RegExp][] = [
    [
      'a tree that differs from its commit',
      () => writeFileSync(join(bench.root, 'edited.ts'), ''),
      /differs from its commit/,
    ],
    ['another commit', () => bench.commit('second'), /was saved for commit [0-9a-f]{12}, and/],
    [
      'another account',
      () => (bench.aws.account.id = '999999999999'),
      /for AWS account 123456789012, and these are credentials of 999999999999/,
    ],
    [
      'a stack that was updated since',
      () => {
        const later = recorded('stack-history.json').replace('T10:09:28.000Z', 'T11:00:00.000Z');
        bench.script({ ...script, 'stack history': [{ stdout: later }] });
      },
      /updated since \(2026-11-24T11:00:00.000Z\), so the change is stale/,
    ],
    [
      'a plan that was altered',
      () => writeFileSync(saved('plan.json'), '{}'),
      /is not the one that was saved/,
    ],
    [
      'the change of another stack',
      () => {
        const text = readFileSync(saved('change.json'), 'utf8');
        writeFileSync(saved('change.json'), text.replace('"dev"', '"prod"'));
      },
      /is one of "prod", not of "dev"/,
    ],
    ['what is no change', () => writeFileSync(saved('change.json'), '{'), /is not JSON/],
  ];
  it.each(refusals)('refuses %s', async (_what, arrange, message) => {
    arrange();
    const { code, err } = await bench.run('approve', approve, { args: ['dev', '--yes'] });
    expect(code).toBe(1);
    expect(err).toMatch(message);
    expect(called()).not.toContain('up');
  });

  it('says so when the program makes another plan after all', async () => {
    bench.script({ ...script, up: [{ code: 1, stdout: recorded('up-plan-violated.txt') }] });
    const { code, err } = await bench.run('approve', approve, { args: ['dev', '--yes'] });
    expect(code).toBe(1);
    expect(err).toContain('The saved change is no longer what the program makes');
  });
});
