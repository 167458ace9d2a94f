// The fleet with real processes: scaling, replacing, deploying, and ending what does not end.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { holdTimeouts, until } from '../../../contracts/testing/time';
import { LoadBalancer } from './balancer';
import { TaskFleet } from './fleet';
import { TaskLauncher } from './launcher';
import type { LauncherOptions } from './launcher';

const SERVICE = `
  let status = 200;
  const server = require('node:http').createServer((request, response) => {
    if (request.url === '/sick') status = 503;
    response.statusCode = request.url === '/healthz' ? status : 200;
    response.end(process.env.NAME);
  });
  server.listen(Number(process.env.PORT), '127.0.0.1', () => console.log('listening'));
  process.on('SIGTERM', () => server.close(() => process.exit(0)));
`;

const GRACE_MS = 60_000;

describe('TaskFleet', () => {
  let folder: string;
  let balancer: LoadBalancer;
  let url: string;
  let said: string[];
  let fleet: TaskFleet;
  let command: LauncherOptions['command'];

  beforeEach(async () => {
    said = [];
    folder = mkdtempSync(join(tmpdir(), 'gatehouse-'));
    await balance();
  });
  afterEach(async () => {
    jest.useRealTimers();
    jest.restoreAllMocks();
    await fleet.close();
    await balancer.close();
    rmSync(folder, { recursive: true });
  });

  /** By default no check but that of the registration: one could see the end of a task first. */
  async function balance(healthCheckIntervalMs = 600_000): Promise<void> {
    balancer = new LoadBalancer({
      healthCheckPath: '/healthz',
      healthyStatus: '200',
      healthCheckIntervalMs,
      deregistrationDelaySeconds: 60,
    });
    url = `http://127.0.0.1:${await balancer.start()}`;
  }

  function logOf(task: string): string {
    const file = join(folder, `${task}.log`);
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  function fleetOf(code: string, options: Partial<LauncherOptions> = {}): TaskFleet {
    const entry = join(folder, 'main.js');
    writeFileSync(entry, code);
    command = { program: process.execPath, args: [entry], folder };
    const launcher = new TaskLauncher({
      command,
      environment: { NAME: 'task' },
      health: { path: '/healthz', matcher: '200' },
      logFolder: folder,
      ...options,
    });
    fleet = new TaskFleet({
      ...{ launcher, balancer, stopGraceMs: GRACE_MS, closeGraceMs: GRACE_MS },
      say: (message) => said.push(message),
      restartDelaysMs: [10],
    });
    return fleet;
  }

  function isGone(pid: number | undefined): boolean {
    try {
      process.kill(pid ?? 0, 0);
      return false;
    } catch {
      return true;
    }
  }

  it('starts, adds and removes tasks behind the balancer, the oldest staying', async () => {
    fleetOf(SERVICE);
    await fleet.start(1);
    const [first] = fleet.tasks();
    await fleet.scaleTo(3);
    expect(balancer.status()).toHaveLength(3);
    expect(await (await fetch(url)).text()).toBe('task');
    await fleet.scaleTo(1);
    expect(fleet.tasks()).toEqual([first]);
    expect(balancer.status()).toHaveLength(1);
    await fleet.close();
    expect(first?.hasExited()).toBe(true);
    expect(isGone(first?.pid)).toBe(true);
    expect(said).toEqual([]);
  });

  it('replaces a task that is killed, and says so', async () => {
    fleetOf(SERVICE);
    await fleet.start(2);
    const [first, second] = fleet.tasks();
    process.kill(first?.pid ?? 0, 'SIGKILL');
    await until(() => fleet.tasks().length === 2 && !fleet.tasks().includes(first!));
    expect(fleet.tasks()).toContain(second);
    expect(fleet.counts()).toEqual({ desired: 2, pending: 0, running: 2 });
    expect(said[0]).toContain(`${first?.id} ended (SIGKILL); another is started.`);
    await until(() => balancer.status().every(({ healthy }) => healthy));
    const statuses = await Promise.all(['a', 'b', 'c', 'd'].map(() => fetch(url)));
    expect(statuses.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  });

  it('replaces all by tasks of another command, one by one, without a failed request', async () => {
    fleetOf(SERVICE);
    await fleet.start(2);
    const old = [...fleet.tasks()];
    const folderOfNew = join(folder, 'new');
    mkdirSync(folderOfNew);
    writeFileSync(join(folderOfNew, 'main.js'), SERVICE.replace('process.env.NAME', '"new"'));
    const seen: string[] = [];
    const replaced = { now: false };
    const asked = (async () => {
      while (!replaced.now) {
        const response = await fetch(url);
        seen.push(`${response.status} ${await response.text()} ${fleet.counts().running}`);
      }
    })();
    const replacing = fleet.replaceAll({ ...command, folder: folderOfNew, args: ['main.js'] });
    expect(fleet.deployment()).toEqual({ done: 0, of: 2 });
    expect(fleet.isDeploying).toBe(true);
    await replacing;
    replaced.now = true;
    await asked;
    expect(fleet.deployment()).toBeUndefined();
    expect(fleet.isDeploying).toBe(false);
    expect(fleet.tasks().filter((task) => old.includes(task))).toEqual([]);
    expect(fleet.counts()).toEqual({ desired: 2, pending: 0, running: 2 });
    expect(old.map((task) => task.hasExited())).toEqual([true, true]);
    expect(await (await fetch(url)).text()).toBe('new');
    // Never fewer than wanted serve, and never more than one too many.
    expect(seen.filter((each) => !/^200 (task|new) [23]$/.test(each))).toEqual([]);
    expect(said).toEqual([]);
  });

  it('keeps the old tasks when the new command does not start, and starts them again as they were', async () => {
    fleetOf(SERVICE);
    await fleet.start(2);
    const old = [...fleet.tasks()];
    await expect(
      fleet.replaceAll({ ...command, args: ['-e', 'throw new Error("no table")'] }),
    ).rejects.toThrow(/task-3 did not start[^]*no table/);
    expect(fleet.tasks()).toEqual(old);
    process.kill(old[0]?.pid ?? 0, 'SIGKILL');
    await until(() => fleet.tasks().length === 2 && fleet.tasks()[0] === old[1]);
    expect(await (await fetch(url)).text()).toBe('task');
  });

  it('has as many as are wanted after tasks ended while all were being replaced', async () => {
    fleetOf(SERVICE);
    await fleet.start(3);
    const old = [...fleet.tasks()];
    const replacing = fleet.replaceAll(command);
    process.kill(old[2]?.pid ?? 0, 'SIGKILL');
    await replacing;
    await until(() => fleet.counts().running === 3);
    expect(fleet.tasks().filter((task) => old.includes(task))).toEqual([]);
  });

  it('replaces a task that fails its health check', async () => {
    await balancer.close();
    await balance(50);
    fleetOf(SERVICE);
    await fleet.start(1);
    const [first] = fleet.tasks();
    await fetch(`${url}/sick`);
    await until(() => fleet.tasks().length === 1 && fleet.tasks()[0] !== first);
    await until(() => isGone(first?.pid));
    expect(said).toEqual(['task-1 fails its health check (status 503); another is started.']);
  });

  it('tries again when a replacement does not start', async () => {
    fleetOf(
      `if (require('node:fs').existsSync(${JSON.stringify(join(folder, 'broken'))})) throw new Error('no table');\n${SERVICE}`,
    );
    await fleet.start(1);
    writeFileSync(join(folder, 'broken'), '');
    process.kill(fleet.tasks()[0]?.pid ?? 0, 'SIGKILL');
    await until(() => said.some((message) => message.includes('no table')));
    rmSync(join(folder, 'broken'));
    await until(() => fleet.tasks().length === 1);
    expect(said.join('\n')).toContain('Trying again in');
  });

  it('shows the end of the log of a task that does not start', async () => {
    fleetOf('console.error("ORDERS_TABLE is missing"); process.exit(3);');
    await expect(fleet.start(1)).rejects.toThrow(
      /did not start: ".*" in .* ended \(exit code 3\)[^]*ORDERS_TABLE is missing/,
    );
  });

  it('names a program that is not there', async () => {
    fleetOf('', { command: { program: 'no-such-program', args: ['x'], folder } });
    await expect(fleet.start(1)).rejects.toThrow('ended (no-such-program was not found)');
  });

  it('says what a task that never becomes healthy answers, or that it does not', async () => {
    fleetOf(`${SERVICE} server.on('request', () => console.log('asked'));`, {
      health: { path: '/healthz', matcher: '204' },
    });
    const clock = jest.spyOn(performance, 'now').mockReturnValue(0);
    const starting = fleet.start(1).catch((error: unknown) => error);
    await until(() => logOf('task-1').includes('asked'));
    clock.mockReturnValue(60_000);
    expect(String(await starting)).toContain(
      'is not healthy: it answers GET /healthz with 200, and the load balancer expects 204',
    );
    clock.mockRestore();
    await fleet.close();
    fleetOf('setInterval(() => undefined, 1000);', { startLimitMs: 100 });
    await expect(fleet.start(1)).rejects.toThrow('nothing answers GET /healthz on port');
  });

  it('kills a task that does not end by itself, and says so', async () => {
    fleetOf(
      `${SERVICE} process.removeAllListeners('SIGTERM'); process.on('SIGTERM', () => console.log('no'));`,
    );
    await fleet.start(1);
    const [task] = fleet.tasks();
    holdTimeouts();
    const closing = fleet.close();
    await until(() => logOf('task-1').includes('no'));
    expect(task?.hasExited()).toBe(false);
    jest.advanceTimersByTime(GRACE_MS);
    await closing;
    expect(task?.hasExited()).toBe(true);
    expect(said).toEqual([
      expect.stringContaining('task-1 did not end within 60 s of SIGTERM and was killed'),
    ]);
  });

  it('ends what a task has started with it', async () => {
    fleetOf(
      `const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)']);
      console.log('child', child.pid);
      ${SERVICE}`,
    );
    await fleet.start(1);
    await until(() => /child \d+\n/.test(logOf('task-1')));
    const child = Number(/child (\d+)/.exec(logOf('task-1'))?.[1]);
    await fleet.close();
    await until(() => isGone(child));
  });

  it('leaves no process when it is closed during a start', async () => {
    fleetOf('setInterval(() => undefined, 1000); console.log(process.pid);');
    const starting = fleet.start(1).catch((error: unknown) => error);
    await until(() => logOf('task-1').includes('\n'));
    await fleet.close();
    expect(await starting).toBeInstanceOf(Error);
    expect(isGone(Number(logOf('task-1')))).toBe(true);
  });
});
