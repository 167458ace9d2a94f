// Runs commands of `npm run keys` in this process, on a table in the embedded DynamoDB, for tests.
import { PassThrough } from 'node:stream';
import type { AccessRule } from '../../../contracts/access';
import type { RunningPlatform } from '../../local/state';
import { runKeys } from '../program';
import type { TestTable } from './keys-table';

export interface Run {
  /** Exit code. */
  code: number;
  out: string;
  err: string;
  json: <T = Record<string, unknown>>() => T;
}

export interface RunOptions {
  readonly table: TestTable;
  /** Base URL of the console. */
  readonly console: string;
  /** The time, epoch milliseconds. */
  readonly now: number;
  /** What is answered to a question; nobody can be asked without it. */
  readonly answer?: string;
  /** Takes what is delivered in place of `out`. */
  readonly deliver?: (text: string) => Promise<void>;
  /** Told how to stop the command, as Ctrl-C would. */
  readonly onStop?: (stop: () => void) => void;
  /** Whether somebody watches the progress. */
  readonly watched?: boolean;
  /** Scopes of the API; null for a platform that does not name them. @default those of users */
  readonly scopes?: readonly string[] | null;
  /** Who counts requests by key. @default service */
  readonly keysCountedBy?: string;
  /** Leaves out `--local`. */
  readonly bare?: boolean;
}

const RULES: AccessRule[] = [{ methods: ['GET'], path: '/users/**', scope: 'users:read' }];

/** Runs a command against a "local platform" whose AWS is the test's table. */
export async function runTestKeys(args: readonly string[], options: RunOptions): Promise<Run> {
  let [out, err] = ['', ''];
  const { scopes = ['users:read', 'users:write'] } = options;
  const platform = {
    stack: 'dev',
    aws: options.table.aws.url,
    region: 'eu-central-1',
    keysTable: options.table.keys.table,
    console: options.console,
    edge: 'http://127.0.0.1:8080',
    rules: RULES,
    keysCountedBy: options.keysCountedBy ?? 'service',
    ...(scopes === null ? {} : { scopes }),
  } as unknown as RunningPlatform;
  const code = await runKeys(
    options.bare === true ? args : [...args, '--local'],
    {
      stdout: (text) => (out += text),
      deliver: (text) => options.deliver?.(text) ?? Promise.resolve(void (out += text)),
      onStop: (stop) => {
        options.onStop?.(stop);
        return () => undefined;
      },
      stderr: (text) => (err += text),
      ask: (question) => {
        err += question;
        return Promise.resolve(options.answer);
      },
      now: () => options.now,
      ...(options.watched === true ? { progress: watchedStream((text) => (err += text)) } : {}),
    },
    () => platform,
  );
  return { code, out, err, json: <T>() => JSON.parse(out) as T };
}

/** A stream that looks like a terminal. */
function watchedStream(write: (text: string) => void): PassThrough {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
  return stream.on('data', (chunk: Buffer) => write(chunk.toString()));
}
