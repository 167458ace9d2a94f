// One run of the `pulumi` command line: arguments in, events as they come, an orderly end; never a shell.
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { noCli } from './engine-errors';
import { Journal, parseEvent, type EngineEvent } from './engine-events';

/** How a run is watched and ended. */
export interface RunOptions {
  readonly onEvent?: (event: EngineEvent) => void;
  /** Asks the engine to stop in an orderly way (SIGINT) each time that it fires. */
  readonly interrupts?: AddSignal;
}

/** Registers what is to be done at Ctrl-C; answers a way to take it back. */
export type AddSignal = (handler: () => void) => () => void;

/** Where the command line runs. */
export interface CliPlace {
  /** `PULUMI` in it names an executable in place of the launcher that `npm ci` brings. */
  readonly env: NodeJS.ProcessEnv;
  readonly folder: string;
}

/** A run that has ended: what it printed, the events apart. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly journal: Journal;
}

/**
 * Runs the command line until it ends, whatever its exit code.
 * @throws EngineError when it can't be started.
 */
export async function runCli(
  args: readonly string[],
  { env, folder, onEvent, interrupts }: RunOptions & CliPlace,
): Promise<Ended> {
  const { PULUMI } = env;
  const [program, first] =
    PULUMI === undefined || PULUMI === ''
      ? [process.execPath, [require.resolve('pulumi/run.js')]]
      : [PULUMI, []];
  const child = spawn(program, [...first, ...args], {
    cwd: folder,
    // A group of its own: Ctrl-C in a terminal reaches it through us, once, and not twice, which
    // the engine would take for "terminate immediately".
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...env,
      PULUMI_SKIP_UPDATE_CHECK: 'true',
      PULUMI_ENABLE_STREAMING_JSON_PREVIEW: 'true',
    },
  });
  const release = interrupts?.(() => interrupt(child));
  try {
    return await endOf(child, onEvent);
  } catch (error) {
    throw noCli(PULUMI ?? 'pulumi', (error as Error).message);
  } finally {
    release?.();
  }
}

async function endOf(child: ChildProcess, onEvent: RunOptions['onEvent']): Promise<Ended> {
  const journal = new Journal();
  const out: string[] = [];
  let stderr = '';
  const { stdout: output, stderr: errors } = child as ChildProcess & {
    stdout: NodeJS.ReadableStream;
    stderr: NodeJS.ReadableStream;
  };
  let events = 0;
  const lines = createInterface({ input: output, crlfDelay: Infinity });
  lines.on('line', (line) => {
    const event = parseEvent(line);
    if (event === undefined) {
      out.push(line);
      return;
    }
    events++;
    journal.add(event);
    onEvent?.(event);
  });
  errors.setEncoding('utf8');
  errors.on('data', (text: string) => (stderr += text));
  const read = new Promise<void>((done) => lines.on('close', done));
  const code = await new Promise<number | null>((done, fail) => {
    child.on('error', fail);
    child.on('close', done);
  });
  await read;
  const stdout = out.join('\n');
  if (events === 0) addWhole(journal, stdout);
  return { code, stdout, stderr, journal };
}

function addWhole(journal: Journal, text: string): void {
  try {
    journal.addDocument(JSON.parse(text) as Parameters<Journal['addDocument']>[0]);
  } catch {
    // Text for people: the caller shows it when the run has failed.
  }
}

function interrupt({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGINT');
  } catch {
    // It has ended by itself.
  }
}
