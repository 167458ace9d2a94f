// npm run previews: which stacks of pull requests have outlived their time.
import { previews } from './previews';
import { fakePulumi, type FakePulumi, type Reply } from './testing/pulumi';

let pulumi: FakePulumi;
afterEach(() => pulumi.end());

const LISTED = [
  { name: 'dev', lastUpdate: '2026-01-01T00:00:00.000Z' },
  { name: 'pr-1', lastUpdate: '2026-11-22T11:59:00.000Z', updateInProgress: false },
  { name: 'acme/gatehouse/pr-2', lastUpdate: '2026-11-24T11:00:00.000Z' },
  { name: 'pr-3', lastUpdate: '2026-11-20T00:00:00.000Z', updateInProgress: true },
  { name: 'pr-4' },
  { name: 'pr-x', lastUpdate: '2026-01-01T00:00:00.000Z' },
];

async function run(
  args: string[],
  reply: Reply = { stdout: JSON.stringify(LISTED) },
): Promise<{ code: number; out: string; err: string }> {
  pulumi = fakePulumi({ 'stack ls': [reply] });
  let [out, err] = ['', ''];
  const io = {
    stdout: (text: string) => (out += text),
    stderr: (text: string) => (err += text),
    ask: () => Promise.resolve(undefined),
    now: () => Date.parse('2026-11-24T12:00:00Z'),
    sleep: () => Promise.resolve(),
    interrupts: () => () => undefined,
  };
  return { code: await previews(args, io, pulumi.env), out, err };
}

describe('previews', () => {
  it('lists those that nobody updated for so long, and none that is being updated', async () => {
    expect(await run(['--older-than', '48h'])).toEqual({ code: 0, out: 'pr-1\npr-4\n', err: '' });
    expect(pulumi.calls()).toEqual([['stack', 'ls', '--json', '--non-interactive']]);
  });

  it('lists them all without an age', async () => {
    expect((await run([])).out).toBe('pr-1\npr-2\npr-4\n');
    pulumi.end();
    const { out } = await run(['--json']);
    expect((JSON.parse(out) as { name: string }[]).map(({ name }) => name)).toEqual([
      'pr-1',
      'acme/gatehouse/pr-2',
      'pr-4',
    ]);
  });

  it('says nothing when there is none', async () => {
    expect(await run([], { stdout: '[]' })).toEqual({ code: 0, out: '', err: '' });
  });

  it.each<[string[], number, string]>([
    [['--older-than', 'long'], 2, 'is no duration'],
    [['pr-1'], 2, 'too many arguments'],
    [[], 1, 'is not logged in to a backend'],
  ])('ends for %j with %i', async (args, expected, message) => {
    const { code, err } = await run(args, {
      code: 3,
      stderr: 'error: PULUMI_ACCESS_TOKEN must be set',
    });
    expect([code, err]).toEqual([expected, expect.stringContaining(message)]);
  });
});
