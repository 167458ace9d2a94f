// The tasks behind the load balancer: as many as desired, each replaced when it dies or fails its checks; long because its revisions and replacements are one state.
import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadBalancer } from './balancer';
import type { CpuShares } from './shares';
import type { Command, TaskLauncher } from './launcher';
import type { Task } from './task';
import type { Group } from './weights';

export interface FleetOptions {
  launcher: TaskLauncher;
  balancer: LoadBalancer;
  /** Time from SIGTERM to SIGKILL of a task that is taken out while the platform runs. */
  stopGraceMs: number;
  /** The same when the platform ends. */
  closeGraceMs: number;
  /** Holds tasks that serve to their size. @default they are not held */
  shares?: Pick<CpuShares, 'hold' | 'release'>;
  /** Told what happened to a task that nobody asked for. */
  say: (message: string) => void;
  /**
   * Waits before a task is started again that could not be, in milliseconds; the last one from then
   * on. ECS waits longer and longer, too.
   * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-throttle-logic.html
   * @default 1 s to 1 min
   */
  restartDelaysMs?: readonly number[];
}

/** Tasks that have been replaced, of those that are to be. */
interface Replacing {
  done: number;
  of: number;
}

const RESTART_DELAYS_MS = [1_000, 2_000, 5_000, 10_000, 30_000, 60_000];

/** As many tasks as were asked for last; the oldest stay. */
export class TaskFleet {
  private readonly running: Task[] = [];
  private readonly closing = new AbortController();
  /** Tasks that drain or are being stopped; they still are processes. */
  private readonly leaving = new Set<Task>();
  private wanted = 0;
  /** Told of each task that ended without being told to. */
  onLost: ((task: Task) => void) | undefined;
  private pending = 0;
  private replacing: Replacing | undefined;
  /** What its tasks run. */
  private command: Command;
  /** Tasks of another revision, in the other target group. */
  private beside: TaskFleet | undefined;

  constructor(
    private readonly options: FleetOptions,
    private group: Group = 0,
  ) {
    this.command = options.launcher.command;
    options.balancer.onUnhealthy = (port, seen) => {
      for (const fleet of [this, this.beside]) void fleet?.replaceUnhealthy(port, seen);
    };
  }

  /** Tasks that serve, of either revision. */
  tasks(): readonly Task[] {
    return [...this.running, ...(this.beside?.running ?? [])];
  }

  /** Tasks wanted, being started and serving, as ECS counts them: of another revision, too. */
  counts(): { desired: number; pending: number; running: number } {
    const pending = this.pending + (this.beside?.pending ?? 0);
    return { desired: this.wanted, pending, running: this.tasks().length };
  }

  /** Target group of the tasks beside those that are kept. */
  get otherGroup(): Group {
    return this.group === 0 ? 1 : 0;
  }

  /** Whether a deployment is under way, task by task or beside the old revision. */
  get isDeploying(): boolean {
    return this.replacing !== undefined || this.beside !== undefined;
  }

  /** How far a replacement of all tasks is; none when none is under way. */
  deployment(): Readonly<Replacing> | undefined {
    return this.replacing;
  }

  /**
   * Starts the first tasks.
   * @throws Error when one does not start; those that did stay.
   */
  async start(capacity: number): Promise<void> {
    this.wanted = capacity;
    await Promise.all(Array.from({ length: capacity }, () => this.add()));
  }

  /** Starts or stops tasks until `capacity` run, and keeps it so; says what does not start. */
  async scaleTo(capacity: number): Promise<void> {
    this.wanted = capacity;
    const missing = Math.max(0, capacity - this.running.length - this.pending);
    const surplus = this.running.splice(capacity);
    await Promise.all([
      ...Array.from({ length: missing }, () => this.refill()),
      ...surplus.map((task) => this.remove(task)),
      this.beside?.scaleTo(capacity),
    ]);
  }

  /**
   * Starts as many tasks of another command in the other target group, beside those that serve.
   * @throws Error when one does not start: none of them stays.
   */
  async startBeside(command: Command): Promise<void> {
    const { onUnhealthy } = this.options.balancer;
    const beside = new TaskFleet(this.options, this.otherGroup);
    // Told by this one.
    this.options.balancer.onUnhealthy = onUnhealthy;
    beside.command = command;
    beside.onLost = (task) => this.onLost?.(task);
    this.beside = beside;
    try {
      await beside.start(this.wanted);
    } catch (error) {
      await this.endBeside();
      throw error;
    }
  }

  /** The tasks beside are those that are kept from now on, and the others are beside. */
  swap(): void {
    const { beside } = this;
    if (beside === undefined) return;
    const [own, others] = [this.running.splice(0), beside.running.splice(0)];
    [this.command, beside.command] = [beside.command, this.command];
    [this.group, beside.group] = [beside.group, this.group];
    this.adopt(others);
    beside.adopt(own);
    // What is still being started is the other revision's, and is not kept.
    for (const fleet of [this, beside]) void fleet.refill();
  }

  /** Ends the tasks beside when they have answered what they have. */
  async endBeside(): Promise<void> {
    const { beside } = this;
    if (beside === undefined) return;
    await Promise.all([beside.scaleTo(0), this.options.launcher.abandon(beside.command)]);
    this.beside = undefined;
  }

  /**
   * Replaces the tasks that serve by those of another command, one by one: the new one is healthy
   * before the old one gets no further request, and the old one ends when it has answered what it has.
   * @throws Error when one does not start: the old tasks stay, and are started again as they were.
   */
  async replaceAll(command: Command): Promise<void> {
    const before = this.command;
    const old = [...this.running];
    this.command = command;
    this.replacing = { done: 0, of: old.length };
    try {
      for (const task of old) {
        // What has gone meanwhile was scaled in, or is replaced already.
        if (this.running.includes(task) && !this.isClosed && (await this.add())) {
          await this.takeOut(task);
        }
        this.replacing.done += 1;
      }
    } catch (error) {
      this.command = before;
      if (!this.isClosed) throw error;
    } finally {
      this.replacing = undefined;
      // What ended meanwhile was not missed while there was one too many.
      if (!this.isClosed) void this.scaleTo(this.wanted);
    }
  }

  /** Stops every task at once, and any that is still being started. */
  async close(): Promise<void> {
    this.closing.abort();
    const { launcher, closeGraceMs } = this.options;
    const tasks = [...this.running.splice(0), ...this.leaving];
    await Promise.all([
      this.beside?.close(),
      launcher.abandon(),
      ...tasks.map((task) => this.stop(task, closeGraceMs)),
    ]);
  }

  private get isClosed(): boolean {
    return this.closing.signal.aborted;
  }

  /** @returns whether it serves: it may no longer be wanted. */
  private async add(): Promise<boolean> {
    let task: Task;
    const { command } = this;
    this.pending += 1;
    try {
      task = await this.options.launcher.launch(command);
    } finally {
      this.pending -= 1;
    }
    const most = this.wanted + (this.replacing === undefined ? 0 : 1);
    if (this.isClosed || this.running.length >= most || this.command !== command) {
      await task.stop(0);
      return false;
    }
    this.options.shares?.hold(task.pid);
    this.adopt([task]);
    await this.options.balancer.register(task.port, this.group);
    return true;
  }

  private adopt(tasks: readonly Task[]): void {
    this.running.push(...tasks);
    for (const task of tasks) void task.exited.then(() => this.lost(task));
  }

  /** Ends a task that serves, if it still does. */
  private async takeOut(task: Task): Promise<void> {
    const index = this.running.indexOf(task);
    if (index === -1) return;
    this.running.splice(index, 1);
    await this.remove(task);
  }

  private async remove(task: Task): Promise<void> {
    this.leaving.add(task);
    await this.options.balancer.deregister(task.port);
    if (!this.isClosed) await this.stop(task, this.options.stopGraceMs);
    this.leaving.delete(task);
  }

  private async stop(task: Task, graceMs: number): Promise<void> {
    this.options.shares?.release(task.pid);
    if (await task.stop(graceMs)) return;
    this.options.say(
      `${task.id} did not end within ${graceMs / 1000} s of SIGTERM and was killed: ` +
        'it must stop listening, finish what it has and exit, or a deployment cuts requests off.',
    );
  }

  /** A task ended that nobody told to. */
  private lost(task: Task): void {
    const index = this.running.indexOf(task);
    if (index === -1 || this.isClosed) return;
    this.running.splice(index, 1);
    const { balancer, launcher, say } = this.options;
    balancer.drop(task.port);
    this.onLost?.(task);
    this.options.shares?.release(task.pid);
    say(`${task.id} ended (${task.howEnded()}); another is started. ${launcher.logTail(task)}`);
    void this.refill();
  }

  /** As ECS: the replacement first, then the unhealthy one goes. */
  private async replaceUnhealthy(port: number, seen: string): Promise<void> {
    const task = this.running.find((candidate) => candidate.port === port);
    if (task === undefined || this.isClosed) return;
    this.options.say(`${task.id} fails its health check (${seen}); another is started.`);
    this.running.splice(this.running.indexOf(task), 1);
    this.leaving.add(task);
    await this.refill();
    await this.remove(task);
  }

  /** Starts what is missing, again and again until it is there. */
  private async refill(): Promise<void> {
    const delays = this.options.restartDelaysMs ?? RESTART_DELAYS_MS;
    for (let failures = 0; !this.isClosed;) {
      if (this.running.length + this.pending >= this.wanted) return;
      try {
        await this.add();
        failures = 0;
      } catch (error) {
        if (this.isClosed || this.running.length + this.pending >= this.wanted) return;
        const delayMs = delays[Math.min(failures, delays.length - 1)] ?? 0;
        failures += 1;
        this.options.say(`${(error as Error).message}\nTrying again in ${delayMs / 1000} s.`);
        await sleep(delayMs, undefined, { signal: this.closing.signal }).catch(() => undefined);
      }
    }
  }
}
