import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../../../contracts/testing/time';
import { controlGroups } from './control-groups';
import { cpuShares } from './cpu-share';
import { pauses } from './pauses';
import type { CpuShares } from './shares';
import { cpuSecondsOf } from './usage';

const SHARE = 0.25;
const CPU_SECONDS = 0.5;

describe('cpuShares', () => {
  let child: ChildProcess | undefined;
  let shares: CpuShares | undefined;
  afterEach(async () => {
    if (child?.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      const gone = new Promise((resolve) => child?.once('exit', resolve));
      process.kill(-child.pid, 'SIGKILL');
      await gone;
    }
    await shares?.close();
    [child, shares] = [undefined, undefined];
  });

  /** Starts something that uses all the CPU it gets, in a process that it starts itself. */
  function busy(): number {
    child = spawn(
      process.execPath,
      [
        '-e',
        "require('node:child_process').spawn(process.execPath, ['-e', 'for (;;);']); setInterval(() => 0, 1e6);",
      ],
      { detached: true, stdio: 'ignore' },
    );
    return child.pid ?? 0;
  }

  const ways: [string, () => CpuShares | undefined][] = [
    ['control groups', () => controlGroups(SHARE)],
    ['pauses', () => pauses(SHARE)],
  ];
  const found = ways.filter(([, open]) => {
    const way = open();
    void way?.close();
    return way !== undefined;
  });

  it.each(found)('holds a process and what it has started to its share by %s', async (_, open) => {
    const pid = busy();
    await until(() => (cpuSecondsOf(pid) ?? 0) > 0.3);
    shares = open();
    expect(shares?.how).toContain(`${SHARE} vCPU`);
    shares?.hold(pid);
    const before = cpuSecondsOf(pid) ?? 0;
    const started = performance.now();
    await until(() => (cpuSecondsOf(pid) ?? 0) - before >= CPU_SECONDS);
    // A machine that is busy with other things takes longer still.
    const shortest = (CPU_SECONDS / SHARE) * 1000 * 0.6;
    expect(performance.now() - started).toBeGreaterThan(shortest);
  });

  it('lets a process go that was stopped for a moment, so that it can end', async () => {
    const pid = busy();
    await until(() => (cpuSecondsOf(pid) ?? 0) > 0.3);
    shares = pauses(0.01);
    shares?.hold(pid);
    await until(() => state(pid) === 'T');
    shares?.release(pid);
    process.kill(-pid, 'SIGTERM');
    await until(() => child?.signalCode === 'SIGTERM');
  });

  it('always finds an answer', async () => {
    shares = cpuShares(SHARE);
    expect(shares.how).not.toBe('');
    shares.hold(2 ** 30);
    shares.release(2 ** 30);
    await shares.close();
  });
});

function state(pid: number): string | undefined {
  return /^State:\s+(\w)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
}

describe('controlGroups', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'gatehouse-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const folder = (path: string) => {
    mkdirSync(join(root, path), { recursive: true });
    writeFileSync(join(root, path, 'cgroup.procs'), '');
  };
  const text = (path: string) => readFileSync(join(root, path), 'utf8');
  const group = `gatehouse-${process.pid}-${process.pid}`;

  it('writes a quota as version 2 has it', () => {
    folder('user/own');
    controlGroups(0.25, { root, own: '0::/user/own\n' })?.hold(process.pid);
    expect(text(`user/own/${group}/cpu.max`)).toBe('25000 100000');
    expect(text(`user/own/${group}/cpu.weight`)).toBe('10000');
    expect(text(`user/own/${group}/cgroup.procs`)).not.toBe('');
  });

  it('writes a quota as version 1 has it, under the folder of the controller', () => {
    folder('cpu,cpuacct');
    controlGroups(2, { root, own: '5:memory:/\n1:cpu,cpuacct:/\n' })?.hold(process.pid);
    expect(text(`cpu,cpuacct/${group}/cpu.cfs_quota_us`)).toBe('200000');
    expect(text(`cpu,cpuacct/${group}/cpu.cfs_period_us`)).toBe('100000');
    expect(text(`cpu,cpuacct/${group}/cpu.shares`)).toBe('262144');
  });

  it('gives up where no group can be made', () => {
    expect(controlGroups(1, { root, own: '0::/nowhere\n' })).toBeUndefined();
    expect(controlGroups(1, { root, own: '' })).toBeUndefined();
  });

  it('sweeps the groups of platforms that were killed', () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    folder('.');
    mkdirSync(join(root, `gatehouse-${pid}-7`));
    mkdirSync(join(root, `gatehouse-${process.pid}-7`));
    controlGroups(1, { root, own: '0::/\n' });
    expect(existsSync(join(root, `gatehouse-${pid}-7`))).toBe(false);
    expect(existsSync(join(root, `gatehouse-${process.pid}-7`))).toBe(true);
  });
});
