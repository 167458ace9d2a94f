// The tasks behind the load balancer: started, registered, drained and stopped together.
import type { ScalableTasks } from './autoscaler';
import type { LoadBalancer } from './load-balancer';
import type { Task, TaskLauncher } from './tasks';

/** As many tasks as were asked for last; the oldest stay. */
export class TaskFleet implements ScalableTasks {
  private readonly running: Task[] = [];
  private closed = false;

  constructor(
    private readonly launcher: TaskLauncher,
    private readonly balancer: LoadBalancer,
    /** Time that a task gets to drain and end before it is killed. */
    private readonly stopGraceMs: number,
  ) {}

  tasks(): readonly Task[] {
    return this.running;
  }

  count(): number {
    return this.running.length;
  }

  /** @throws Error when a task does not start; those that did stay. */
  async scaleTo(capacity: number): Promise<void> {
    const missing = Math.max(0, capacity - this.running.length);
    const surplus = this.running.splice(capacity);
    await Promise.all([
      ...Array.from({ length: missing }, () => this.add()),
      ...surplus.map((task) => this.remove(task)),
    ]);
  }

  /** Stops every task at once, and any that is still being started. */
  async close(): Promise<void> {
    this.closed = true;
    await Promise.all([
      this.launcher.abandon(),
      ...this.running.splice(0).map((task) => task.stop(this.stopGraceMs)),
    ]);
  }

  private async add(): Promise<void> {
    const task = await this.launcher.launch();
    if (this.closed) {
      await task.stop(0);
      return;
    }
    this.running.push(task);
    await this.balancer.register(task.port);
  }

  private async remove(task: Task): Promise<void> {
    await this.balancer.deregister(task.port);
    await task.stop(this.stopGraceMs);
  }
}
