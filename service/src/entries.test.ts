// The entries as this process has them: what ends them, what Lambda gets, and one stop for all.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { main as bundleMain } from '../bundle';
import { startHarness } from '../testing/harness';
import { keepProcessState } from '../testing/process-state';
import { SERVICE_KEEP_ALIVE_SECONDS } from '../../contracts/connections';
import { holdTimeouts, until } from '../../contracts/testing/time';
import { users } from './app';
import { explain, runContainer, startService } from './kit/container';

const NOTICE_SECONDS = 9;

interface LambdaEntry {
  handler(event: object, context: object): Promise<object>;
}

describe('the entries in this process', () => {
  const restore = keepProcessState();
  afterEach(() => {
    jest.restoreAllMocks();
    restore();
  });

  it('ends with code 0 on SIGTERM and with 1 when it cannot start', async () => {
    const harness = await startHarness({ LOG_LEVEL: 'error' });
    const codes: unknown[] = [];
    const ended = new Promise<void>((resolve) => {
      jest.spyOn(process, 'exit').mockImplementation((code) => {
        codes.push(code);
        if (code === 0) resolve();
        return undefined as never;
      });
    });
    const stdout = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
    await runContainer(users, {});
    expect(codes).toEqual([1]);
    expect(stdout).toHaveBeenCalledWith(expect.stringContaining('USERS_TABLE is missing'));
    stdout.mockRestore();
    const before = { ...process.env };
    Object.assign(process.env, harness.env);
    jest.requireActual('./main');
    process.env = before;
    await until(() => process.listenerCount('SIGTERM') > 0);
    process.emit('SIGTERM');
    await ended;
    expect(codes).toEqual([1, 0]);
    await harness.close();
  });

  it('handles a call on Lambda', async () => {
    const harness = await startHarness();
    const before = { ...process.env };
    Object.assign(process.env, harness.env);
    const { handler } = jest.requireActual<LambdaEntry>('./lambda');
    const answer = await handler(
      {
        version: '2.0',
        routeKey: '$default',
        rawPath: '/healthz',
        rawQueryString: '',
        headers: { host: 'api.example' },
        requestContext: { http: { method: 'GET', path: '/healthz' } },
        isBase64Encoded: false,
      },
      {},
    );
    expect(answer).toMatchObject({ statusCode: 200, body: '{"status":"ok"}' });
    process.env = before;
    await harness.close();
  });

  it('prints where the bundles are, or why there are none', async () => {
    const log = jest.spyOn(console, 'log').mockReturnValue();
    const error = jest.spyOn(console, 'error').mockReturnValue();
    const folder = await mkdtemp(join(tmpdir(), 'gatehouse-service-'));
    await bundleMain(folder);
    expect(log).toHaveBeenCalledWith(`${join(folder, 'main.js')}\n${join(folder, 'lambda.js')}`);
    // An API that runs in containers alone has one entry.
    await mkdir(join(folder, 'alone/src'), { recursive: true });
    await writeFile(join(folder, 'alone/src/main.ts'), 'export {};');
    const alone = relative(join(__dirname, '../..'), join(folder, 'alone'));
    await bundleMain(join(folder, 'out'), alone);
    expect(log).toHaveBeenLastCalledWith(join(folder, 'out', 'main.js'));
    await bundleMain(folder, '--help');
    expect(log).toHaveBeenLastCalledWith(expect.stringContaining('npm run build -- [folder]'));
    await bundleMain(join(folder, 'main.js'));
    expect(error).toHaveBeenCalledWith(expect.stringContaining('could not be bundled'));
    expect(process.exitCode).toBe(1);
    process.exitCode = 0;
    await rm(folder, { recursive: true });
  });
});

describe('startService', () => {
  it('stops once, however often it is told to', async () => {
    const harness = await startHarness();
    const lines: string[] = [];
    const env = { ...harness.env, DRAIN_NOTICE_SECONDS: String(NOTICE_SECONDS) };
    const service = await startService(users, env, (text) => void lines.push(text));
    const answer = await fetch(`http://127.0.0.1:${service.port}/healthz`);
    expect(await answer.json()).toEqual({ status: 'ok' });
    // Longer than the load balancer keeps a connection, so that it never sends on a closed one.
    expect(answer.headers.get('keep-alive')).toBe(`timeout=${SERVICE_KEEP_ALIVE_SECONDS}`);
    holdTimeouts();
    const stopping = Promise.all([service.stop(), service.stop()]);
    const late = await fetch(`http://127.0.0.1:${service.port}/readyz`);
    expect([late.status, late.headers.get('connection')]).toEqual([503, 'close']);
    jest.advanceTimersByTime(NOTICE_SECONDS * 1000);
    jest.useRealTimers();
    await stopping;
    expect(lines.join('').match(/"stopped"/g)).toHaveLength(1);
    await harness.close();
  });

  it('explains an error that is none of the known ones', () => {
    expect(explain(new Error('odd'))).toEqual(['The service could not start: odd']);
    const taken = Object.assign(new Error('listen'), { code: 'EADDRINUSE' });
    expect(explain(taken)[0]).toContain('set PORT to another');
  });
});
