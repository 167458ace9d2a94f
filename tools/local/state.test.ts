import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listen, shut } from './http';
import { assertPortsFree } from './ports';
import {
  announce,
  buildFolderOf,
  findRunningPlatform,
  runningPlatforms,
  sweepStale,
  withdraw,
} from './state';
import type { RunningPlatform } from './state';

function platform(pid = process.pid): RunningPlatform {
  return {
    pid,
    stack: 'dev',
    edge: 'http://127.0.0.1:8080',
    console: 'http://127.0.0.1:8081',
    aws: 'http://127.0.0.1:4566',
    region: 'us-east-1',
    logs: '/logs',
    keysTable: 'keys',
    tables: { orders: 'orders-1' },
    scopes: ['orders:read'],
    rules: [],
    keysCountedBy: 'service',
  };
}

describe('findRunningPlatform', () => {
  let parent: string;
  let folder: string;
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'gatehouse-'));
    folder = join(parent, 'state');
  });
  afterEach(() => rmSync(parent, { recursive: true }));

  it('finds the only one, or the one on the port', () => {
    announce(8080, platform(), folder);
    expect(findRunningPlatform(undefined, folder)).toEqual(platform());
    expect(findRunningPlatform(8080, folder).stack).toBe('dev');
    expect(statSync(join(folder, '8080.json')).mode & 0o777).toBe(0o600);
  });

  it('says what to do when none runs, several run or another port is meant', () => {
    expect(() => findRunningPlatform(undefined, folder)).toThrow('Start one with "npm run local"');
    announce(8080, platform(), folder);
    expect(() => findRunningPlatform(9000, folder)).toThrow('Running: 8080');
    announce(9000, platform(), folder);
    expect(() => findRunningPlatform(undefined, folder)).toThrow('ports 8080, 9000');
  });

  it('forgets a platform whose process is gone, and a broken file', () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    announce(8080, platform(pid), folder);
    writeFileSync(join(folder, '9000.json'), '{');
    expect(runningPlatforms(folder).size).toBe(0);
    expect(existsSync(folder)).toBe(false);
  });

  it('sweeps what a platform left that was killed with its watchdog', () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    announce(8080, platform(pid), folder);
    announce(9000, platform(), folder);
    for (const builder of [pid, process.pid]) mkdirSync(buildFolderOf(builder, folder));
    sweepStale(folder);
    expect(readdirSync(folder).sort()).toEqual(['9000.json', `build-${process.pid}`]);
  });

  it('leaves nothing behind when it is withdrawn', () => {
    announce(8080, platform(), folder);
    withdraw(8080, folder);
    expect(existsSync(folder)).toBe(false);
  });
});

describe('assertPortsFree', () => {
  it('names port and flag of each that is taken', async () => {
    const server = createServer();
    const port = await listen(server, 0);
    await expect(
      assertPortsFree([
        { port, flag: '--port', purpose: 'the edge' },
        { port, flag: '--console-port', purpose: 'the console' },
      ]),
    ).rejects.toThrow(
      `Port ${port} for the edge is taken by another program: end that one; choose another with --port.\n` +
        `Port ${port} for the console is taken by another program: end that one; choose another with --console-port.`,
    );
    await shut(server);
  });

  it('takes any free port as free', async () => {
    await expect(
      assertPortsFree([{ port: 0, flag: '--port', purpose: 'the edge' }]),
    ).resolves.toBeUndefined();
  });
});
