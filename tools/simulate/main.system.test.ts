import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { captured } from '../testing/captured';
import { main } from './main';

const directory = mkdtempSync(join(tmpdir(), 'simulate-'));
afterAll(() => rmSync(directory, { recursive: true }));

const run = (...argv: string[]) => captured(main, argv);

/** Two hours at a step, a row a minute. */
function traceFile(name: string, rows?: string): string {
  const file = join(directory, name);
  const start = Date.UTC(2026, 0, 5);
  const usual = Array.from({ length: 120 }, (_none, minute) => {
    const time = new Date(start + minute * 60_000).toISOString();
    return `${time},${minute < 60 ? 20_000 : 60_000}`;
  });
  writeFileSync(file, `timestamp,requests\n${rows ?? usual.join('\n')}\n`);
  return file;
}

const NAMES = [
  ...['gatehouse', 'shipped-before', 'average-response-time', 'cpu', 'requests-per-task'],
  ...['fixed', 'clairvoyant'],
];
const FIELDS = [
  ...['name', 'minutesOverTarget', 'taskHours', 'scalingActions', 'p99Ms', 'requestsOver'],
  ...['failed', 'reversals', 'maxTasks', 'endTasks', 'recoverMinutes'],
];

describe('npm run simulate', () => {
  it('prints one JSON document for a trace, and draws it', async () => {
    const html = join(directory, 'out.html');
    const { code, out, err } = await run('--trace', traceFile('a.csv'), '--json', '--html', html);
    expect([code, err]).toEqual([0, '']);
    const { trace, policies } = JSON.parse(out) as { trace: string; policies: { name: string }[] };
    expect(trace).toBe('a.csv');
    expect(policies.map(({ name }) => name)).toEqual(NAMES);
    for (const policy of policies) expect(Object.keys(policy).sort()).toEqual([...FIELDS].sort());
    const page = readFileSync(html, 'utf8');
    expect(page).toContain('uPlot');
    expect(page).not.toMatch(/(src|href)=/);
    const data = /<script id="data"[^>]*>(.*)<\/script>/.exec(page)?.[1] ?? '';
    expect(JSON.parse(data)).toMatchObject({ targetMs: 20, traces: [{ name: 'a.csv' }] });
  });

  it('says when no number of tasks holds the target, and lets policies believe what they are told', async () => {
    const flags = ['--service-ms', '14', '--dependency-ms', '4', '--capacity', '6000'];
    const { out } = await run('--trace', traceFile('b.csv'), ...flags);
    expect(out).toContain('6000 requests a minute and task');
    expect(out).toContain('A request takes 18.0 ms without load, more than 80 % of the target');
  });

  it('takes the service from latencies that were measured', async () => {
    const latencies = join(directory, 'latencies.csv');
    const rows = Array.from({ length: 100 }, (_none, index) => `${6 + (index % 5)},4`).join('\n');
    writeFileSync(latencies, `durationMs,dependencyMs\n${rows}\n`);
    const { code, out, err } = await run('--trace', traceFile('l.csv'), '--latencies', latencies);
    expect([code, err]).toEqual([
      0,
      'Note: by latencies.csv a request takes 4.00 ms of the service, 0.35 times that in deviation, and 4.00 ms of waiting.\n',
    ]);
    expect(out).toContain('a request takes 4.00 ms of CPU and 4 ms of waiting');
    expect(out).toContain('11250 requests a minute and task');
  });

  it('follows every request where it is asked to', async () => {
    const rows = '2026-01-05T00:00:00Z,3000\n2026-01-05T00:01:00Z,3000';
    const flags = ['--engine', 'events', '--threads', '4', '--balancing', 'round-robin'];
    const { code, out } = await run('--trace', traceFile('c.csv', rows), ...flags);
    expect([code, out.includes('c.csv')]).toEqual([0, true]);
    const { code: refused, err } = await run('--engine', 'events');
    expect([refused, err]).toEqual([1, expect.stringMatching(/million requests .*--engine flow/)]);
  });

  it('says what it made of gaps', async () => {
    const rows = [0, 1, 2, 9].map((minute) => `2026-01-05T00:0${minute}:00Z,60`).join('\n');
    const { code, err } = await run('--trace', traceFile('d.csv', rows), '--json');
    expect([code, err]).toEqual([0, expect.stringContaining('d.csv has 1 gap (6 min in all')]);
  });

  it.each([
    [['--latencies', '/nowhere.csv'], '--latencies /nowhere.csv cannot be read'],
    [['--latencies', traceFile('g.csv')], 'g.csv, line 1: the header is'],
    [['--trace', '/nowhere.csv'], '--trace /nowhere.csv cannot be read'],
    [['--stack', 'nothing'], 'nothing'],
    [['--trace', traceFile('e.csv', 'x,1')], 'e.csv, line 2'],
    [['--trace', traceFile('f.csv'), '--html', '/nowhere/a.html'], 'name a file in a folder'],
  ])('fails for %j in plain words', async (argv, message) => {
    const { code, out, err } = await run(...argv);
    expect([code, out, err]).toEqual([1, '', expect.stringContaining(message)]);
  });

  it.each([
    [['--service-ms', '0']],
    [['--service-ms', 'many']],
    [['--dependency-ms', '-1']],
    [['--min', '5', '--max', '4']],
    [['--min', '1.5']],
    [['--seed', '-1']],
    [['--threads', '2']],
    [['--latencies', 'a.csv', '--service-ms', '4']],
    [['--engine', 'magic']],
    [['--nothing']],
    [['more']],
  ])('refuses %j as wrong usage', async (argv) => {
    expect(await run(...argv)).toMatchObject({ code: 2, out: '' });
  });

  it('explains itself', async () => {
    expect(await run('--help')).toMatchObject({ code: 0, err: '' });
  });
});
