// An engine on a fake `pulumi` executable that replays what the real one printed, for tests.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Engine } from '../engine';

/** What the executable answers to one call. */
export interface Reply {
  readonly stdout?: string;
  readonly stderr?: string;
  /** @default 0 */
  readonly code?: number;
  /** Part of the first line that is said only after SIGINT. */
  readonly untilInterrupted?: string;
}

/** Replies by command (`stack output`), in order; the last one is repeated. */
export type Script = Readonly<Record<string, readonly Reply[]>>;

/** A running script; {@link end} removes its folder. */
export interface FakePulumi {
  readonly env: NodeJS.ProcessEnv;
  readonly engine: (stack?: string) => Engine;
  /** Arguments of every call so far. */
  readonly calls: () => string[][];
  readonly end: () => void;
}

/** What the real command line printed; see `recorded/`. */
export function recorded(name: string): string {
  return readFileSync(join(__dirname, 'recorded', name), 'utf8');
}

export function fakePulumi(script: Script): FakePulumi {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-pulumi-'));
  writeFileSync(join(folder, 'script.json'), JSON.stringify(script));
  writeFileSync(join(folder, 'calls.ndjson'), '');
  const env = {
    ...process.env,
    PULUMI: join(__dirname, 'fake-pulumi.cjs'),
    FAKE_PULUMI: folder,
  };
  return {
    env,
    engine: (stack = 'dev') => new Engine(stack, env),
    calls: () =>
      readFileSync(join(folder, 'calls.ndjson'), 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as string[]),
    end: () => rmSync(folder, { recursive: true }),
  };
}
