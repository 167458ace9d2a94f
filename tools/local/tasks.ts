// The service's tasks: child processes that run the built bundle with the container's environment.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './http';

export interface TaskOptions {
  /** Path of the bundled entry, `main.js`. */
  entry: string;
  /** The whole environment but for the port. */
  environment: Record<string, string>;
  /** Name of the variable that carries the port. */
  portVariable: string;
  /** Folder for the tasks' logs. */
  logFolder: string;
}

/** One running task. */
export interface Task {
  readonly id: string;
  readonly port: number;
  readonly pid: number;
  /** Resolves when the process has ended. */
  readonly exited: Promise<void>;
  /** True from the process's end on. */
  hasExited(): boolean;
  /** SIGTERM, and SIGKILL when the grace is over. */
  stop(graceMs: number): Promise<void>;
}

/** Ends the start of a task that hangs; one that ends by itself is noticed at once. */
const READY_LIMIT_MS = 60_000;
const READY_INTERVAL_MS = 25;
const LOG_TAIL_LINES = 5;

/** Starts tasks; numbers them for their logs. */
export class TaskLauncher {
  private launched = 0;
  /** Processes that do not listen yet. */
  private readonly starting = new Set<Task>();

  constructor(private readonly options: TaskOptions) {}

  /**
   * Starts one task and waits until it listens.
   * @throws Error with the end of its log when it ends first or does not listen within 60 s.
   */
  async launch(): Promise<Task> {
    const { entry, environment, portVariable, logFolder } = this.options;
    this.launched += 1;
    const id = `task-${this.launched}`;
    const port = await freePort();
    mkdirSync(logFolder, { recursive: true });
    const logFile = join(logFolder, `${id}.log`);
    const log = openSync(logFile, 'w', 0o600);
    const child = spawn(process.execPath, ['--enable-source-maps', entry], {
      env: { ...environment, [portVariable]: String(port) },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    const task = asTask(id, port, child);
    this.starting.add(task);
    try {
      if (await this.isUp(task)) return task;
    } finally {
      this.starting.delete(task);
    }
    await task.stop(0);
    throw new Error(
      `${id} of the service did not start. The end of ${logFile}:\n${tail(logFile, LOG_TAIL_LINES)}`,
    );
  }

  /** Kills what is being started: whoever waits for it gets the error of {@link launch}. */
  async abandon(): Promise<void> {
    await Promise.all([...this.starting].map((task) => task.stop(0)));
  }

  private async isUp(task: Task): Promise<boolean> {
    const end = performance.now() + READY_LIMIT_MS;
    while (!task.hasExited() && performance.now() < end) {
      if (await answers(task.port)) return true;
      await Promise.race([sleep(READY_INTERVAL_MS), task.exited]);
    }
    return false;
  }
}

function asTask(id: string, port: number, child: ChildProcess): Task {
  let ended = false;
  const exited = new Promise<void>((resolve) => {
    const end = () => {
      ended = true;
      resolve();
    };
    child.once('exit', end);
    child.once('error', end);
  });
  return {
    id,
    port,
    pid: child.pid ?? -1,
    exited,
    hasExited: () => ended,
    async stop(graceMs) {
      if (ended) return;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await exited;
      clearTimeout(timer);
    },
  };
}

async function answers(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/healthz`).then(
    async (response) => {
      await response.arrayBuffer();
      return true;
    },
    () => false,
  );
}

function tail(file: string, lines: number): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
}
