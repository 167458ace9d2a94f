// What a deployment command talks through, and how a process gives it that.
import { setTimeout as pause } from 'node:timers/promises';
import { terminalIo, type KeysIo } from '../keys/terminal';
import type { AddSignal } from './cli-run';
import type { Engine } from './engine';

/** Terminal, clock and Ctrl-C of a command; a process, or a test. */
export interface DeployIo extends Omit<KeysIo, 'deliver' | 'onStop'> {
  /** @param ms Milliseconds; ends early at Ctrl-C. */
  readonly sleep: (ms: number) => Promise<void>;
  readonly interrupts: AddSignal;
}

/** What a command is given. */
export interface Context {
  readonly stack: string;
  readonly engine: Engine;
  readonly io: DeployIo;
  /** Where the project is: its commit, and the folder for what waits. */
  readonly root: string;
}

/** A failure that is fully said by its message: no stack trace helps. */
export class DeployError extends Error {
  override readonly name = 'DeployError';
}

/** Streams and signals of this process. */
export function processIo(): DeployIo {
  return {
    ...terminalIo(process),
    async sleep(ms) {
      const ended = new AbortController();
      const release = interrupts(() => ended.abort());
      await pause(ms, undefined, { signal: ended.signal }).catch(() => undefined);
      release();
    },
    interrupts,
  };
}

/** A terminal that closes, and a runner that cancels a job, mean what Ctrl-C means. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

function interrupts(handler: () => void): () => void {
  for (const signal of SIGNALS) process.on(signal, handler);
  return () => {
    for (const signal of SIGNALS) process.off(signal, handler);
  };
}

/**
 * Asks for a word, and takes nothing else for consent.
 * @throws DeployError when the answer is another, or nobody can be asked and `--yes` was not given.
 */
export async function confirm(
  io: DeployIo,
  { question, word, yes = false }: { question: string; word: string; yes?: boolean | undefined },
): Promise<void> {
  if (yes) return;
  const answer = await io.ask(`${question} Type "${word}" to go on: `);
  if (answer === undefined) {
    throw new DeployError('Nobody can be asked here: pass --yes to go on without being asked.');
  }
  if (answer.trim() !== word) throw new DeployError('Nothing was changed.');
}

/** "4 s" or "2 min 5 s". */
export function span(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
