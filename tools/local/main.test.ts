import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');
const MARKER = 'planted-credential-8c1f';

interface Ready {
  edge: string;
  console: string;
  aws: string;
  key: string;
  stack: string;
}

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

function start(args: string[]): { child: ChildProcessWithoutNullStreams; ended: Promise<Ended> } {
  const child = spawn(process.execPath, ['-r', 'tsx/cjs', 'tools/local/main.ts', ...args], {
    cwd: ROOT,
  });
  const ended = new Promise<Ended>((resolvePromise) => {
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('close', (code) => resolvePromise({ code, stdout, stderr }));
  });
  return { child, ended };
}

function ready(child: ChildProcessWithoutNullStreams): Promise<Ready> {
  return new Promise((resolvePromise, reject) => {
    child.stdout.once('data', (chunk: Buffer) =>
      resolvePromise(JSON.parse(chunk.toString()) as Ready),
    );
    child.once('close', () => reject(new Error('The platform ended before it was ready.')));
  });
}

describe('npm run local', () => {
  it.each([
    [['--colour'], 2, "unknown option '--colour'"],
    [['--port', 'eighty'], 2, 'Expected a whole number from 0 to 65535'],
    [['--tasks', '0'], 2, 'Expected a whole number from 1 to 16'],
    [['--stack', 'nowhere', '--port', '0', '--console-port', '0'], 1, 'nowhere'],
  ])('refuses %j with exit code %i', async (args, code, message) => {
    const result = await start(args).ended;
    expect(result.stderr).toContain(message);
    expect(result).toMatchObject({ code, stdout: '' });
    expect(result.stderr).not.toContain('    at ');
  });

  it('serves the whole path, keeps credentials to itself and leaves nothing behind', async () => {
    const { child, ended } = start(['--json', '--port', '0', '--console-port', '0']);
    const { edge, console, key, stack } = await ready(child);
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

    const platform = (await (await fetch(`${console}/api/platform`)).json()) as {
      tasks: { pid: number; state: string }[];
    };
    expect(platform.tasks.map(({ state }) => state)).toContain('healthy');
    const decisions = await fetch(
      `${console}/api/metrics?namespace=Gatehouse/Edge&name=Decisions&Decision=allow`,
    );
    const { series } = (await decisions.json()) as { series: { points: { sum: number }[] }[] };
    expect(series.flatMap(({ points }) => points).some(({ sum }) => sum > 0)).toBe(true);

    const started = Date.now();
    child.kill('SIGTERM');
    expect((await ended).code).toBe(0);
    expect(Date.now() - started).toBeLessThan(3000);
    for (const { pid } of platform.tasks) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(existsSync(join(ROOT, '.local', `build-${child.pid}`))).toBe(false);
    const logFolder = join(ROOT, '.local/logs', String(child.pid));
    const logs = readdirSync(logFolder).map((name) => readFileSync(join(logFolder, name), 'utf8'));
    expect(logs.join('')).toContain('/users');
    expect([...answers, ...logs].join('')).not.toContain(MARKER);
    expect(logs.join('')).not.toContain(key);
  }, 30_000);

  it('ends during its start when it is told to', async () => {
    const { child, ended } = start(['--port', '0', '--console-port', '0']);
    await new Promise((resolvePromise) => child.stderr.once('data', resolvePromise));
    child.kill('SIGINT');
    const { code, stdout } = await ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  });
});
