import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { holdTimeouts, until } from '../../contracts/testing/time';
import { TaskFleet } from './fleet';
import { LoadBalancer } from './load-balancer';
import { TaskLauncher } from './tasks';

const SERVICE = `
  const server = require('node:http').createServer((request, response) => response.end(process.env.NAME));
  server.listen(Number(process.env.PORT), '127.0.0.1', () => console.log('listening'));
  process.on('SIGTERM', () => server.close(() => process.exit(0)));
`;

const GRACE_MS = 60_000;

describe('TaskFleet', () => {
  let folder: string;
  let balancer: LoadBalancer;
  let url: string;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gatehouse-'));
    balancer = new LoadBalancer({
      healthCheckPath: '/healthz',
      healthyStatus: '200',
      deregistrationDelaySeconds: 60,
    });
    url = `http://127.0.0.1:${await balancer.start()}`;
  });
  afterEach(async () => {
    jest.useRealTimers();
    await balancer.close();
    rmSync(folder, { recursive: true });
  });

  function logOf(task: string): string {
    const file = join(folder, `${task}.log`);
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  function fleetOf(code: string): TaskFleet {
    const entry = join(folder, 'main.js');
    writeFileSync(entry, code);
    const launcher = new TaskLauncher({
      entry,
      environment: { NAME: 'task' },
      portVariable: 'PORT',
      logFolder: folder,
    });
    return new TaskFleet(launcher, balancer, GRACE_MS);
  }

  it('starts, adds and removes tasks behind the balancer, the oldest staying', async () => {
    const fleet = fleetOf(SERVICE);
    await fleet.scaleTo(1);
    const [first] = fleet.tasks();
    await fleet.scaleTo(3);
    expect(balancer.status()).toHaveLength(3);
    expect(await (await fetch(url)).text()).toBe('task');
    await fleet.scaleTo(1);
    expect(fleet.tasks()).toEqual([first]);
    expect(balancer.status()).toHaveLength(1);
    await fleet.close();
    expect(first?.hasExited()).toBe(true);
    expect(() => process.kill(first?.pid ?? 0, 0)).toThrow('ESRCH');
  });

  it('shows the end of the log of a task that does not start', async () => {
    const fleet = fleetOf('console.error("USERS_TABLE is missing"); process.exit(1);');
    await expect(fleet.scaleTo(1)).rejects.toThrow('USERS_TABLE is missing');
    await fleet.close();
  });

  it('kills a task that does not end by itself', async () => {
    const fleet = fleetOf(
      `${SERVICE} process.removeAllListeners('SIGTERM'); process.on('SIGTERM', () => console.log('no'));`,
    );
    await fleet.scaleTo(1);
    const [task] = fleet.tasks();
    holdTimeouts();
    const closing = fleet.close();
    await until(() => logOf('task-1').includes('no'));
    expect(task?.hasExited()).toBe(false);
    jest.advanceTimersByTime(GRACE_MS);
    await closing;
    expect(task?.hasExited()).toBe(true);
  });

  it('leaves no process when it is closed during a start', async () => {
    const fleet = fleetOf('setInterval(() => undefined, 1000); console.log(process.pid);');
    const starting = fleet.scaleTo(1).catch((error: unknown) => error);
    await until(() => logOf('task-1').includes('\n'));
    await fleet.close();
    expect(await starting).toBeInstanceOf(Error);
    expect(() => process.kill(Number(logOf('task-1')), 0)).toThrow('ESRCH');
  });
});
