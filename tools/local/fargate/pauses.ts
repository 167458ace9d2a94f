// CPU shares without any rights: a task that has used more than its share is stopped for moments.
import { existsSync } from 'node:fs';
import type { CpuShares } from './shares';
import { cpuSecondsOf } from './usage';

/** How often a task is looked at. The kernel counts in ticks of 10 ms. */
const INTERVAL_MS = 20;
/** What a task may save up: as much as it would have in one period of the kernel's own quota. */
const PERIOD_SECONDS = 0.1;

interface Held {
  /** CPU time used when it was looked at last, and when that was. */
  used: number;
  at: number;
  /** Seconds of CPU that it may use now; below zero it is stopped. */
  credit: number;
  stopped: boolean;
}

/**
 * An approximation: the average is that of a quota, and a task runs and waits in steps of some 20 ms.
 * @returns undefined where CPU time can't be read (no `/proc`).
 */
export function pauses(vcpu: number): CpuShares | undefined {
  if (!existsSync('/proc/self/stat')) return undefined;
  const tasks = new Map<number, Held>();
  const timer = setInterval(() => {
    for (const [pid, held] of tasks) if (!look(pid, held, vcpu)) tasks.delete(pid);
  }, INTERVAL_MS);
  return {
    how: `each task is held to about ${vcpu} vCPU by stopping it for moments`,
    hold(pid) {
      const used = cpuSecondsOf(pid);
      if (used === undefined) return;
      tasks.set(pid, { used, at: performance.now(), credit: 0, stopped: false });
    },
    release(pid) {
      if (tasks.get(pid)?.stopped === true) signal(pid, 'SIGCONT');
      tasks.delete(pid);
    },
    close() {
      clearInterval(timer);
      for (const [pid, { stopped }] of tasks) if (stopped) signal(pid, 'SIGCONT');
      return Promise.resolve();
    },
  };
}

/** @returns whether it still is there. */
function look(pid: number, held: Held, vcpu: number): boolean {
  const used = cpuSecondsOf(pid);
  if (used === undefined) return false;
  const now = performance.now();
  const earned = (vcpu * (now - held.at)) / 1000;
  held.credit = Math.min(held.credit + earned - (used - held.used), vcpu * PERIOD_SECONDS);
  held.used = used;
  held.at = now;
  const stop = held.credit < 0;
  if (stop !== held.stopped) signal(pid, stop ? 'SIGSTOP' : 'SIGCONT');
  held.stopped = stop;
  return true;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(-pid, name);
  } catch {
    // It has ended meanwhile.
  }
}
