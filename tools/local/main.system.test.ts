import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../contracts/testing/time';
import { isAlive } from './state';
import { ROOT, startLocal } from './testing/command';

const INTERRUPT_AT_FIRST_WORD = join(__dirname, 'testing/interrupt-at-first-word.cjs');
const MARKER = 'planted-credential-8c1f';

describe('npm run local', () => {
  it.each([
    [['--colour'], 2, "unknown option '--colour'"],
    [['--port', 'eighty'], 2, 'Expected a whole number from 0 to 65535'],
    [['--tasks', '0'], 2, 'Expected a whole number from 1 to 16'],
    [['--end-within', '0'], 2, 'Expected a whole number from 1 to 600'],
    [['--stack', 'nowhere'], 1, 'nowhere'],
  ])('refuses %j with exit code %i', async (args, code, message) => {
    const result = await startLocal(args).ended;
    expect(result.stderr).toContain(message);
    expect(result).toMatchObject({ code, stdout: '' });
    expect(result.stderr).not.toContain('    at ');
  });

  it('serves the whole path, keeps credentials to itself and leaves nothing behind', async () => {
    const { child, ended, ready } = startLocal(['--json', '--log']);
    const { edge, console, key, stack } = await ready();
    expect(stack).toBe('dev');
    const body = (email: string) =>
      JSON.stringify({
        data: { type: 'users', attributes: { email, name: 'Ada', credentials: MARKER } },
      });
    const call = (path: string, init: RequestInit = {}, apiKey = key) =>
      fetch(`${edge}${path}`, {
        ...init,
        headers: {
          'x-api-key': apiKey,
          'content-type': 'application/vnd.api+json',
          // A client that forges an identity must not become it.
          'x-gatehouse-scopes': 'users:write',
        },
      });
    const answers: string[] = [];

    const created = await call('/users', { method: 'POST', body: body('ada@example.com') });
    answers.push(await created.text());
    expect(created.status).toBe(201);
    const again = await call('/users', { method: 'POST', body: body('ADA@example.com') });
    answers.push(await again.text());
    expect(again.status).toBe(409);
    const { data } = JSON.parse(answers[0] ?? '') as { data: { id: string } };
    const read = await call(`/users/${data.id}`);
    answers.push(await read.text());
    expect(read.status).toBe(200);
    const denied = await call('/users', {}, `${key.slice(0, -1)}!`);
    answers.push(await denied.text());
    expect(denied.status).toBe(401);
    expect(denied.headers.get('x-content-type-options')).toBe('nosniff');

    let tasks: { pid: number; state: string }[] = [];
    await until(async () => {
      const platform = (await (await fetch(`${console}/api/platform`)).json()) as {
        tasks: typeof tasks;
      };
      tasks = platform.tasks;
      return tasks.some(({ state }) => state === 'healthy');
    });
    const decisions = await fetch(
      `${console}/api/metrics?namespace=Gatehouse/Edge&name=Decisions&Decision=allow`,
    );
    const { series } = (await decisions.json()) as { series: { points: { sum: number }[] }[] };
    expect(series.flatMap(({ points }) => points).some(({ sum }) => sum > 0)).toBe(true);

    child.kill('SIGTERM');
    const { code, stdout, stderr } = await ended;
    expect(code).toBe(0);
    expect(stdout.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(/^task-1 \| .*\/users/m);
    expect(stderr).toMatch(/^edge \| /m);
    expect(tasks.map(({ pid }) => isAlive(pid))).not.toContain(true);
    expect(existsSync(join(ROOT, '.local', `build-${child.pid}`))).toBe(false);
    const logFolder = join(ROOT, '.local/logs', String(child.pid));
    const logs = readdirSync(logFolder).map((name) => readFileSync(join(logFolder, name), 'utf8'));
    expect(logs.join('')).toContain('/users');
    expect([...answers, ...logs].join('')).not.toContain(MARKER);
    expect(logs.join('')).not.toContain(key);
  });

  it.each(['SIGKILL', 'SIGHUP'] as const)('leaves nothing behind on %s', async (signal) => {
    const { child, ended, ready } = startLocal(['--json', '--tasks', '2']);
    const { console, edge } = await ready();
    const { tasks } = (await (await fetch(`${console}/api/platform`)).json()) as {
      tasks: { pid: number }[];
    };
    expect(tasks).toHaveLength(2);
    child.kill(signal);
    await ended;
    const left = [
      join(ROOT, '.local', `build-${child.pid}`),
      join(ROOT, '.local', `${new URL(edge).port}.json`),
    ];
    await until(() => !tasks.some(({ pid }) => isAlive(pid)) && !left.some(existsSync));
  });

  it('ends during its start when it is told to', async () => {
    const { child, ended } = startLocal([], ['-r', INTERRUPT_AT_FIRST_WORD]);
    expect(await ended).toMatchObject({ code: 0, stdout: '' });
    expect(existsSync(join(ROOT, '.local', `build-${child.pid}`))).toBe(false);
  });
});
