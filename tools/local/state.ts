// Where a running local platform says what it is: one small file a platform, gone when it ends.
import { mkdirSync, readFileSync, readdirSync, rmSync, rmdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { AccessRule } from '../../contracts/access';

/** What other commands need to know of a running platform. */
export interface RunningPlatform {
  pid: number;
  stack: string;
  /** Addresses: the edge that clients call, the console, the AWS endpoint. */
  edge: string;
  console: string;
  aws: string;
  region: string;
  /** Folder of its log files. */
  logs: string;
  /** Physical name of the table of API keys. */
  keysTable: string;
  /** Physical names of the workload's tables, by their names in the workload. */
  tables: Record<string, string>;
  /** Every scope that a key may carry. */
  scopes: string[];
  /** Who counts requests by key: `service`, `edge` or `nobody`. */
  keysCountedBy: string;
  /** Who may do what, in order. */
  rules: readonly AccessRule[];
}

/** Everything that a platform writes is in here. */
export const STATE_FOLDER = resolve(__dirname, '../../.local');

/** Where the platform of a process builds what it runs; gone when it ends. */
export function buildFolderOf(pid: number, folder = STATE_FOLDER): string {
  return join(folder, `build-${pid}`);
}

/** The state file of the platform whose edge listens on `port`. */
export function stateFileOf(port: number, folder = STATE_FOLDER): string {
  return join(folder, `${port}.json`);
}

/** Writes the state file of the platform whose edge listens on `port`. */
export function announce(port: number, platform: RunningPlatform, folder = STATE_FOLDER): void {
  mkdirSync(folder, { recursive: true });
  const text = `${JSON.stringify(platform, null, 2)}\n`;
  writeFileSync(stateFileOf(port, folder), text, { mode: 0o600 });
}

/** Removes it again, and the folder when nothing else is in it. */
export function withdraw(port: number, folder = STATE_FOLDER): void {
  rmSync(stateFileOf(port, folder), { force: true });
  try {
    rmdirSync(folder);
  } catch {
    // Not empty: another platform runs, or logs are kept.
  }
}

/** The platforms that run now; a file whose process is gone (it was killed) is removed. */
export function runningPlatforms(folder = STATE_FOLDER): Map<number, RunningPlatform> {
  const running = new Map<number, RunningPlatform>();
  for (const name of listFolder(folder)) {
    const port = /^(\d+)\.json$/.exec(name)?.[1];
    if (port === undefined) continue;
    const platform = read(join(folder, name));
    if (platform !== undefined && isAlive(platform.pid)) running.set(Number(port), platform);
    else withdraw(Number(port), folder);
  }
  return running;
}

/** Removes what platforms left that were killed, their watchdogs too. */
export function sweepStale(folder = STATE_FOLDER): void {
  runningPlatforms(folder);
  for (const name of listFolder(folder)) {
    const pid = /^build-(\d+)$/.exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    rmSync(join(folder, name), { recursive: true, force: true });
  }
}

/**
 * The platform on `port`, or the only one that runs.
 * @throws Error that says what runs and what to do.
 */
export function findRunningPlatform(port?: number, folder = STATE_FOLDER): RunningPlatform {
  const running = runningPlatforms(folder);
  const ports = [...running.keys()].join(', ');
  if (port !== undefined) {
    const platform = running.get(port);
    if (platform !== undefined) return platform;
    throw new Error(
      `No local platform runs on port ${port}. Running: ${ports === '' ? 'none' : ports}. ` +
        `Start one with "npm run local -- --port ${port}".`,
    );
  }
  const [only, ...others] = running.values();
  if (only === undefined) {
    throw new Error('No local platform is running. Start one with "npm run local".');
  }
  if (others.length > 0) {
    throw new Error(`Several local platforms run (ports ${ports}). Name one with --port.`);
  }
  return only;
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function read(file: string): RunningPlatform | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as RunningPlatform;
  } catch {
    return undefined;
  }
}

/** Whether a process of this id runs, whoever's it is. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
