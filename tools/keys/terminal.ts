// What a command talks through, and how a process's streams give it that.
import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';
import type { Target } from './target';

/** What a command reads from and writes to; a process, or a test. */
export interface KeysIo {
  readonly stdout: (text: string) => void;
  /** The same, and waits until it is taken; rejects where nobody reads any more. */
  readonly deliver: (text: string) => Promise<void>;
  readonly stderr: (text: string) => void;
  /** Asks and returns the answer; undefined when nobody can be asked. */
  readonly ask: (question: string) => Promise<string | undefined>;
  /** The time, epoch milliseconds. */
  readonly now: () => number;
  /** Calls when the person wants it to end (Ctrl-C); a second time it ends at once. Returns the undoing. */
  readonly onStop: (stop: () => void) => () => void;
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

const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Questions and the progress bar go to stderr: what is piped on is the answer alone.
 * @param signals What emits signals. @default process
 */
export function terminalIo(
  { stdin, stdout, stderr }: Streams,
  signals: NodeJS.EventEmitter = process,
): KeysIo {
  return {
    stdout: (text) => stdout.write(text),
    deliver: (text) =>
      new Promise((resolve, reject) => {
        // The stream tells both: whoever waits, and whoever listens, of whom there must be one.
        stdout.once('error', reject);
        stdout.write(text, (error) => {
          if (error) return reject(error);
          stdout.off('error', reject);
          resolve();
        });
      }),
    onStop(stop) {
      const once = () => {
        forget();
        stop();
      };
      const forget = () => STOP_SIGNALS.forEach((signal) => signals.off(signal, once));
      STOP_SIGNALS.forEach((signal) => signals.on(signal, once));
      return forget;
    },
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
