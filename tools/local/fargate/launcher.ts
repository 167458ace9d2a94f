// Starts tasks: processes with the container's environment, waited for until they are healthy.
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, probe } from '../http';
import { matches } from './balancer';
import type { HealthCheck } from './load-balancer';
import { asTask } from './task';
import type { Task } from './task';

/** What a task runs. */
export interface Command {
  program: string;
  args: readonly string[];
  /** Folder that it is started in. */
  folder: string;
}

export interface LauncherOptions {
  /** Of the first tasks; another one may follow. */
  command: Command;
  /** The whole environment but for the port. */
  environment: Readonly<Record<string, string>>;
  /** What the load balancer asks of a healthy target. */
  health: Pick<HealthCheck, 'path' | 'matcher'>;
  /** Folder for the tasks' logs. */
  logFolder: string;
  /** How long a task may take until it is healthy, in milliseconds. @default 60000 */
  startLimitMs?: number;
  /** Told of each process as it starts and ends. */
  onProcess?: (pid: number, event: 'started' | 'ended') => void;
  /** Told, once a task, what a start that takes long is waiting for. */
  onSlowStart?: (message: string) => void;
}

/** Ends the start of a task that hangs; one that ends by itself is noticed at once. */
const START_LIMIT_MS = 60_000;
/** A person wants to know by then what is being waited for. */
const SLOW_START_MS = 5_000;
const POLL_INTERVAL_MS = 25;
const POLL_TIMEOUT_MS = 5_000;
const LOG_TAIL_LINES = 20;

/** Starts tasks; numbers them for their logs. */
export class TaskLauncher {
  private launched = 0;
  /** Processes that are not healthy yet. */
  private readonly starting = new Map<Task, Command>();

  /** What the first tasks run. */
  readonly command: Command;

  constructor(private readonly options: LauncherOptions) {
    this.command = options.command;
  }

  /**
   * Starts one task and waits until it is healthy.
   * @throws Error with the end of its log when it ends first, or is not healthy in time.
   */
  async launch(command: Command): Promise<Task> {
    const { logFolder } = this.options;
    this.launched += 1;
    const id = `task-${this.launched}`;
    const port = await freePort();
    const logFile = join(logFolder, `${id}.log`);
    const task = this.spawn(command, id, port, logFile);
    this.starting.set(task, command);
    let seen: string;
    try {
      seen = await this.waitForHealth(task);
      if (seen === HEALTHY) return task;
    } finally {
      this.starting.delete(task);
    }
    const shown = [command.program, ...command.args].join(' ');
    const why = task.hasExited() ? `ended (${task.howEnded()})` : `is not healthy: ${seen}`;
    await task.stop(0);
    throw new Error(
      `${id} did not start: "${shown}" in ${command.folder} ${why}.\n${logTail(logFile)}`,
    );
  }

  /**
   * Kills what is being started: whoever waits for it gets the error of {@link launch}.
   * @param only tasks of this command alone. @default all
   */
  async abandon(only?: Command): Promise<void> {
    const tasks = [...this.starting].filter(([, command]) => command === (only ?? command));
    await Promise.all(tasks.map(([task]) => task.stop(0)));
  }

  /** The end of a task's log, for a message. */
  logTail(task: Task): string {
    return logTail(join(this.options.logFolder, `${task.id}.log`));
  }

  private spawn(command: Command, id: string, port: number, logFile: string): Task {
    const { environment, logFolder, onProcess } = this.options;
    mkdirSync(logFolder, { recursive: true });
    const log = openSync(logFile, 'w', 0o600);
    const child = spawn(command.program, command.args, {
      cwd: command.folder,
      env: { ...environment, PORT: String(port) },
      stdio: ['ignore', log, log],
      // A group of its own: Ctrl-C in the terminal is the platform's, which ends tasks in order.
      detached: true,
    });
    closeSync(log);
    const { pid } = child;
    const task = asTask(id, port, child);
    if (pid !== undefined) {
      onProcess?.(pid, 'started');
      void task.exited.then(() => onProcess?.(pid, 'ended'));
    }
    return task;
  }

  /** @returns {@link HEALTHY}, or what was seen last. */
  private async waitForHealth(task: Task): Promise<string> {
    const { startLimitMs = START_LIMIT_MS, onSlowStart } = this.options;
    const started = performance.now();
    let told = false;
    let seen = '';
    while (!task.hasExited() && performance.now() - started < startLimitMs) {
      seen = await this.lookAt(task);
      if (seen === HEALTHY) return seen;
      if (!told && performance.now() - started > SLOW_START_MS) {
        told = true;
        onSlowStart?.(`${task.id} is not healthy yet: ${seen}`);
      }
      await Promise.race([sleep(POLL_INTERVAL_MS), task.exited]);
    }
    return seen;
  }

  private async lookAt({ port }: Task): Promise<string> {
    const { path, matcher } = this.options.health;
    try {
      const status = await probe(port, path, { timeoutMs: POLL_TIMEOUT_MS });
      if (matches(matcher, status)) return HEALTHY;
      return (
        `it answers GET ${path} with ${status}, and the load balancer expects ${matcher}. ` +
        'Let it answer so while it is alive, or name the path that does ("health" in its workload file)'
      );
    } catch {
      return (
        `nothing answers GET ${path} on port ${port}. It must listen on the port that the ` +
        'variable PORT names'
      );
    }
  }
}

const HEALTHY = 'healthy';

function logTail(file: string): string {
  const text = readFileSync(file, 'utf8').trimEnd();
  return text === ''
    ? `It wrote nothing to ${file}.`
    : `The end of ${file}:\n${text.split('\n').slice(-LOG_TAIL_LINES).join('\n')}`;
}
