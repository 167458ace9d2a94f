// The exact engine: every request is an event, in tasks that share their processor or work in order.
import { Heap } from './heap';
import { Random } from './random';
import { Requests } from './requests';
import type { Engine, LoadSecond, ServedSecond, ServiceModel } from './service-model';

/** One task: requests that are worked on, waiting, or out at the dependency. */
interface Task {
  id: number;
  /** Virtual time: how much CPU each request in the task has had since the start. */
  virtual: number;
  /** When `virtual` was brought up to date, milliseconds. */
  atMs: number;
  /** Requests on the processor by the virtual time at which they are done. */
  working: Heap;
  /** Requests in order, for a task with threads. */
  waiting: number[];
  threadsFree: number;
  outstanding: number;
  /** The same by load-balancer node. */
  byNode: Int32Array;
  busyMs: number;
  /** When the first of `working` is done. */
  nextMs: number;
}

/** Simulates every request of a fleet. */
export class EventEngine implements Engine {
  private readonly random: Random;
  private readonly requests = new Requests();
  private readonly tasks: Task[] = [];
  private draining: Task[] = [];
  private readonly byId = new Map<number, Task>();
  /** Requests that are out at the dependency, by the time they come back. */
  private readonly away = new Heap();
  private nowMs = 0;
  /** Whose turn it is, for each load-balancer node. */
  private readonly turns: number[];
  private ids = 0;
  private second = { answered: 0, failed: 0, over: 0, totalMs: 0 };
  private readonly times: number[] = [];

  constructor(
    private readonly model: ServiceModel,
    private readonly targetMs: number,
    seed: number,
  ) {
    this.random = new Random(seed, 'service');
    this.turns = new Array<number>(model.balancerNodes).fill(0);
  }

  serve(load: LoadSecond): ServedSecond {
    this.resize(load.tasks);
    this.second = { answered: 0, failed: 0, over: 0, totalMs: 0 };
    this.times.length = 0;
    const endMs = this.nowMs + 1000;
    const gapMs = load.requests > 0 ? 1000 / load.requests : Number.POSITIVE_INFINITY;
    let arrivalMs = this.nowMs + this.random.exponential(gapMs);
    for (;;) {
      const next = this.nextTaskEvent();
      const doneMs = next?.nextMs ?? Number.POSITIVE_INFINITY;
      const backMs = this.away.least;
      const atMs = Math.min(arrivalMs, doneMs, backMs, endMs);
      this.nowMs = atMs;
      if (atMs === endMs) break;
      if (atMs === arrivalMs) {
        this.arrive(load);
        arrivalMs += this.random.exponential(gapMs);
      } else if (atMs === doneMs && next !== undefined) {
        this.worked(next);
      } else {
        this.finish(this.away.pop());
      }
    }
    return { ...this.second, busy: this.takeBusy() };
  }

  spread(see: (ms: number, count: number) => void): void {
    for (const ms of this.times) see(ms, 1);
  }

  private resize(count: number): void {
    while (this.tasks.length < count) {
      const task: Task = {
        ...{ id: this.ids, virtual: 0, atMs: this.nowMs, working: new Heap(), waiting: [] },
        threadsFree:
          this.model.discipline.kind === 'fifo'
            ? this.model.discipline.threads
            : Number.POSITIVE_INFINITY,
        ...{ outstanding: 0, byNode: new Int32Array(this.model.balancerNodes) },
        ...{ busyMs: 0, nextMs: Number.POSITIVE_INFINITY },
      };
      this.ids += 1;
      this.tasks.push(task);
      this.byId.set(task.id, task);
    }
    while (this.tasks.length > count) this.draining.push(this.tasks.pop() as Task);
    this.draining = this.draining.filter((task) => {
      if (task.outstanding === 0) this.byId.delete(task.id);
      return task.outstanding > 0;
    });
  }

  private nextTaskEvent(): Task | undefined {
    let first: Task | undefined;
    for (const task of this.tasks) {
      if (first === undefined || task.nextMs < first.nextMs) first = task;
    }
    for (const task of this.draining) {
      if (first === undefined || task.nextMs < first.nextMs) first = task;
    }
    return first;
  }

  private arrive(load: LoadSecond): void {
    const node = Math.floor(this.random.uniform() * this.model.balancerNodes);
    const task = this.pick(node);
    if (task === undefined || task.outstanding >= this.model.queueLimit) {
      this.second.failed += 1;
      return;
    }
    const request = this.requests.take();
    this.requests.arrivedMs[request] = this.nowMs;
    this.requests.work[request] =
      this.model.serviceMs * load.serviceFactor * this.model.shape(this.random);
    this.requests.dependencyMs[request] = this.model.dependencyMs * load.dependencyFactor;
    this.requests.task[request] = task.id;
    this.requests.node[request] = node;
    task.outstanding += 1;
    task.byNode[node] = (task.byNode[node] ?? 0) + 1;
    if (task.threadsFree > 0) this.start(task, request);
    else task.waiting.push(request);
  }

  private pick(node: number): Task | undefined {
    const { tasks } = this;
    if (tasks.length <= 1) return tasks[0];
    switch (this.model.balancing) {
      case 'random':
        return tasks[Math.floor(this.random.uniform() * tasks.length)];
      case 'round-robin':
        return tasks[this.turn(node)];
      case 'least-outstanding': {
        // Ties go to the next in turn, so that an idle fleet is used evenly.
        const first = this.turn(node);
        let best = tasks[first] as Task;
        for (let step = 1; step < tasks.length; step += 1) {
          const task = tasks[(first + step) % tasks.length] as Task;
          if ((task.byNode[node] as number) < (best.byNode[node] as number)) best = task;
        }
        return best;
      }
    }
  }

  private turn(node: number): number {
    const next = ((this.turns[node] ?? 0) + 1) % this.tasks.length;
    this.turns[node] = next;
    return next;
  }

  private start(task: Task, request: number): void {
    task.threadsFree -= 1;
    this.advance(task);
    task.working.push(task.virtual + (this.requests.work[request] as number), request);
    this.plan(task);
  }

  /** The first request of a task has had its CPU. */
  private worked(task: Task): void {
    this.advance(task);
    const request = task.working.pop();
    this.plan(task);
    const dependencyMs = this.requests.dependencyMs[request] as number;
    if (dependencyMs > 0) this.away.push(this.nowMs + dependencyMs, request);
    else this.finish(request);
  }

  private finish(request: number): void {
    const task = this.byId.get(this.requests.task[request] as number);
    const node = this.requests.node[request] as number;
    const ms = this.nowMs - (this.requests.arrivedMs[request] as number);
    this.requests.free.push(request);
    if (ms > this.model.timeoutMs) this.second.failed += 1;
    else {
      this.second.answered += 1;
      this.second.totalMs += ms;
      if (ms > this.targetMs) this.second.over += 1;
      this.times.push(ms);
    }
    if (task === undefined) return;
    task.outstanding -= 1;
    task.byNode[node] = (task.byNode[node] ?? 0) - 1;
    task.threadsFree += 1;
    const next = task.waiting.shift();
    if (next !== undefined) this.start(task, next);
  }

  /** Brings a task's virtual time up to now: `n` requests each get the n-th part of the processor. */
  private advance(task: Task): void {
    const passedMs = this.nowMs - task.atMs;
    task.atMs = this.nowMs;
    if (task.working.size === 0) return;
    task.virtual += passedMs / task.working.size;
    task.busyMs += passedMs;
  }

  private plan(task: Task): void {
    task.nextMs =
      task.working.size === 0
        ? Number.POSITIVE_INFINITY
        : this.nowMs + Math.max(0, task.working.least - task.virtual) * task.working.size;
  }

  private takeBusy(): number {
    let busyMs = 0;
    for (const task of this.tasks) {
      this.advance(task);
      busyMs += task.busyMs;
      task.busyMs = 0;
    }
    return this.tasks.length === 0 ? 0 : busyMs / (1000 * this.tasks.length);
  }
}
