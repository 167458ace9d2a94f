// Tests of the plan's command line, on the real program.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from './main';

/** Runs the command with captured streams. */
async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const stdout = jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
  const stderr = jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    err += String(text);
    return true;
  });
  try {
    return { code: await main(argv), out, err };
  } finally {
    stdout.mockRestore();
    stderr.mockRestore();
  }
}

describe('main', () => {
  it('prints the tree, the counts and the outputs of a stack', async () => {
    const { code, out } = await run('--stack', 'dev');
    expect(out).toContain('gatehouse:infra:Edge gh');
    expect(out).toMatch(/ {4}3 {2}aws:dynamodb\/table:Table/);
    expect(out).toContain('tables: {"users":"gh-users-');
    expect(code).toBe(0);
  });

  it('prints one JSON document without a secret in it', async () => {
    const { code, out, err } = await run('--stack', 'dev', '--json');
    const plan = JSON.parse(out) as {
      stack: string;
      resources: { type: string; name: string; inputs: Record<string, unknown>; options: object }[];
    };
    expect(plan.stack).toBe('dev');
    const version = plan.resources.find(({ type }) => type.endsWith(':SecretVersion'));
    expect(version?.inputs.secretString).toBe('[secret]');
    expect(Object.keys(version?.options ?? {}).sort()).toEqual([
      'customTimeouts',
      'dependencies',
      'ignoreChanges',
      'protect',
      'retainOnDelete',
    ]);
    expect(err).toBe('');
    expect(code).toBe(0);
  });

  it('writes one HTML page', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'plan-'));
    const file = join(folder, 'plan.html');
    expect((await run('--stack', 'dev', '--html', file)).code).toBe(0);
    const page = readFileSync(file, 'utf8');
    rmSync(folder, { recursive: true });
    expect(page).toContain('<h1>Plan of stack dev</h1>');
    expect(page).toContain('gh-users');
    // The path of a request, and every dashboard, whose numbers are said to be invented.
    expect(page).toMatch(/CloudFront.*key check.*load balancer.*tasks.*DynamoDB/s);
    for (const name of ['overview', 'service', 'edge', 'scaling']) {
      expect(page).toContain(`id="dashboard-${name}"`);
    }
    expect(page.match(/Example data/g)).toHaveLength(4);
    // Settings, alarms and cost.
    expect(page).toMatch(/maxTasks<.*<span>\d+<.*<span>10</);
    expect(page).toMatch(/<span>gh-availability-fast</);
    expect(page).toMatch(/<b>\$[\d.]+<\/b> a month idle/);
    // It loads nothing.
    expect(page).not.toMatch(/<(script|link|img)[^>]*(src|href)=/);
    expect(page).not.toContain('@import');
  });

  it('says so when the page cannot be written', async () => {
    const { code, err } = await run('--stack', 'dev', '--html', '/no/such/folder/plan.html');
    expect(err).toMatch(/--html .* cannot be written .*: name a file in a folder that exists/);
    expect(code).toBe(1);
  });

  it('names the known stacks when there is no such stack', async () => {
    const { code, err, out } = await run('--stack', 'nope');
    expect(err).toMatch(/no stack "nope".*Known stacks:.* dev/);
    expect(out).toBe('');
    expect(code).toBe(1);
  });

  it('lists the stacks when none is named', async () => {
    const { code, err } = await run();
    expect(err).toMatch(
      /^Which stack\? There are:\n( {2}npm run plan -- --stack \w+\n)+\(--help shows the usage\)\n$/,
    );
    expect(err).toContain('--stack dev\n');
    expect(code).toBe(2);
  });

  it.each([[['--stack']], [['--stack', 'dev', '--nope']], [['--stack', 'dev', 'more']]])(
    'takes %j for wrong usage',
    async (argv) => {
      expect((await run(...argv)).code).toBe(2);
    },
  );

  it('explains itself', async () => {
    const { code, out } = await run('--help');
    expect(out).toContain('--stack <name>');
    expect(code).toBe(0);
  });
});
