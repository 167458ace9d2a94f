// Starts the process that ends the platform's children when the platform itself is killed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** What a platform's death must not leave behind. */
export interface Watchdog {
  /** A process that leads a group has started or ended. */
  readonly onProcess: (pid: number, event: 'started' | 'ended') => void;
  /** A file or folder that is to be gone then. */
  readonly onFile: (path: string) => void;
  /** Nothing is left to watch. */
  readonly close: () => Promise<void>;
}

/** Starts it. It learns of the platform's end by the end of a pipe, which closes on SIGKILL too. */
export function startWatchdog(): Watchdog {
  const child = spawn(process.execPath, [join(__dirname, 'watchdog-process.cjs')], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // What ends the platform's group must not end it.
    detached: true,
  });
  const exited = once(child, 'exit');
  // Without it the platform still runs, and only a violent end leaves something.
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  return {
    onProcess: (pid, event) => {
      child.stdin.write(`${event === 'started' ? '+' : '-'}${pid}\n`);
    },
    onFile: (path) => {
      child.stdin.write(`=${path}\n`);
    },
    close: async () => {
      child.stdin.end();
      await exited;
    },
  };
}
