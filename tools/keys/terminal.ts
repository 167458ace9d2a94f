// What a command talks through, and how a process's streams give it that.
import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';
import type { Target } from './target';

/** What a command reads from and writes to; a process, or a test. */
export interface KeysIo {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Asks and returns the answer; undefined when nobody can be asked. */
  readonly ask: (question: string) => Promise<string | undefined>;
  /** The time, epoch milliseconds. */
  readonly now: () => number;
  /** Where a progress bar is drawn; undefined when nobody watches. */
  readonly progress?: { write(text: string): unknown };
}

export interface CommandContext {
  readonly target: Target;
  readonly io: KeysIo;
  readonly json: boolean;
}

export interface Streams {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable;
  readonly stderr: Writable & { readonly isTTY?: boolean };
}

/** Questions and the progress bar go to stderr: what is piped on is the answer alone. */
export function terminalIo({ stdin, stdout, stderr }: Streams): KeysIo {
  return {
    stdout: (text) => stdout.write(text),
    stderr: (text) => stderr.write(text),
    async ask(question) {
      if (stdin.isTTY !== true) {
        return undefined;
      }
      const terminal = createInterface({ input: stdin, output: stderr });
      // Ctrl-C and Ctrl-D close the terminal without an answer: that is a no, not a crash.
      const answer = await Promise.race([
        terminal.question(question).catch(() => ''),
        once(terminal, 'close').then(() => ''),
      ]);
      terminal.close();
      return answer;
    },
    now: () => Date.now(),
    ...(stderr.isTTY === true ? { progress: stderr } : {}),
  };
}
