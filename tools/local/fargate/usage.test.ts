import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { until } from '../../../contracts/testing/time';
import { parsePs, usageOf } from './usage';

describe('usageOf', () => {
  const started: ChildProcess[] = [];
  afterEach(async () => {
    for (const child of started.splice(0)) {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      process.kill(-(child.pid ?? 0), 'SIGKILL');
      await gone;
    }
  });
  const run = (code: string) => {
    const child = spawn(process.execPath, ['-e', code], { detached: true, stdio: 'ignore' });
    started.push(child);
    return child.pid ?? 0;
  };
  const busy = 'for (;;);';

  it('measures CPU time and memory of a process', async () => {
    const pid = run(busy);
    await until(async () => ((await usageOf([pid])).get(pid)?.cpuSeconds ?? 0) > 0.5);
    expect((await usageOf([pid])).get(pid)?.memoryBytes).toBeGreaterThan(10_000_000);
  });

  it('counts what a process has started', async () => {
    const pid = run(
      `require('node:child_process').spawn(process.execPath, ['-e', '${busy}']); setInterval(() => 0, 1e6);`,
    );
    await until(async () => ((await usageOf([pid])).get(pid)?.cpuSeconds ?? 0) > 1);
  });

  it('leaves out a process that is gone', async () => {
    expect(await usageOf([2 ** 30])).toEqual(new Map());
    expect(await usageOf([])).toEqual(new Map());
  });
});

describe('parsePs', () => {
  it('reads what macOS and Linux print', () => {
    expect(parsePs('  12  0:01.50  2048\n 345 1-02:03:04 1\n\n')).toEqual([
      [12, { cpuSeconds: 1.5, memoryBytes: 2_097_152 }],
      [345, { cpuSeconds: 93_784, memoryBytes: 1024 }],
    ]);
  });
});
