// One task: a process in a group of its own, which is ended with everything that it started.
import type { ChildProcess } from 'node:child_process';

/** One running task. */
export interface Task {
  readonly id: string;
  readonly port: number;
  readonly pid: number;
  /** Resolves when the process has ended. */
  readonly exited: Promise<void>;
  /** True from the process's end on. */
  hasExited(): boolean;
  /** How it ended (`exit code 1`, `SIGKILL`), or why it could not start. */
  howEnded(): string;
  /**
   * SIGTERM, and SIGKILL when the grace is over.
   * @returns whether it ended by itself in time.
   */
  stop(graceMs: number): Promise<boolean>;
}

/** Follows a child that was started with `detached`, so that it leads a group. */
export function asTask(id: string, port: number, child: ChildProcess): Task {
  let end: string | undefined;
  const exited = new Promise<void>((resolve) => {
    const ended = (how: string) => {
      end ??= how;
      resolve();
    };
    child.once('exit', (code, signal) => ended(signal ?? `exit code ${code}`));
    child.once('error', (error: NodeJS.ErrnoException) =>
      ended(error.code === 'ENOENT' ? `${child.spawnfile} was not found` : error.message),
    );
  });
  return {
    id,
    port,
    pid: child.pid ?? -1,
    exited,
    hasExited: () => end !== undefined,
    howEnded: () => end ?? 'running',
    async stop(graceMs) {
      if (end !== undefined) return true;
      signalGroup(child, 'SIGTERM');
      let killed = false;
      const timer = setTimeout(() => {
        killed = true;
        signalGroup(child, 'SIGKILL');
      }, graceMs);
      await exited;
      clearTimeout(timer);
      return !killed;
    },
  };
}

/** What a command started (a shell, a reloader, workers) gets the signal too. */
function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // No such group: it has ended, or the system has no groups.
    child.kill(signal);
  }
}
