// Tasks of an ECS service on Fargate: they start late, drain before they go, and are paid for all the while.
import { Random } from './random';

export interface FleetOptions {
  /** Shortest and longest time from the order to a running process, seconds. @default 30 and 90 */
  startSeconds: readonly [number, number];
  /** Until the load balancer has seen it healthy, seconds. */
  healthSeconds: number;
  /** How long a task that leaves finishes its requests, seconds. */
  drainSeconds: number;
}

/**
 * Tasks that ECS launches a second for one service on Fargate (500 a minute).
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
 */
const STARTS_A_SECOND = 500 / 60;
/** Fargate bills a task for at least a minute. https://aws.amazon.com/fargate/pricing/ */
const LEAST_BILLED_SECONDS = 60;

interface PendingTask {
  orderedAt: number;
  healthyAt: number;
}

/** Follows desired, pending, healthy and draining tasks, second by second. */
export class Fleet {
  desired: number;
  /** Task-seconds that are billed so far. */
  billedSeconds = 0;
  private readonly random: Random;
  private pending: PendingTask[] = [];
  /** When each healthy task was ordered, oldest first. */
  private healthy: number[];
  /** When each draining task is gone. */
  private draining: number[] = [];
  private launchableAt = 0;

  constructor(
    private readonly options: FleetOptions,
    start: number,
    seed: number,
  ) {
    this.random = new Random(seed, 'fleet');
    this.desired = start;
    this.healthy = new Array<number>(start).fill(-3600);
  }

  get healthyCount(): number {
    return this.healthy.length;
  }

  /** Tasks that exist: pending, healthy and draining. */
  get count(): number {
    return this.pending.length + this.healthy.length + this.draining.length;
  }

  /** Orders or stops tasks until there are so many. */
  setDesired(desired: number, second: number): void {
    this.desired = desired;
    while (this.pending.length + this.healthy.length < desired) this.order(second);
    while (this.pending.length + this.healthy.length > desired) this.stop(second);
  }

  /** One second passes. */
  tick(second: number): void {
    if (this.pending.length > 0) {
      for (const task of this.pending) {
        if (task.healthyAt <= second) this.healthy.push(task.orderedAt);
      }
      this.pending = this.pending.filter((task) => task.healthyAt > second);
    }
    if (this.draining.length > 0) this.draining = this.draining.filter((gone) => gone > second);
    this.billedSeconds += this.count;
  }

  private order(second: number): void {
    const [least, most] = this.options.startSeconds;
    this.launchableAt = Math.max(this.launchableAt, second) + 1 / STARTS_A_SECOND;
    const startSeconds = least + (most - least) * this.random.uniform();
    this.pending.push({
      orderedAt: second,
      healthyAt: this.launchableAt + startSeconds + this.options.healthSeconds,
    });
  }

  /** The newest first: what is still pending costs nothing but its start. */
  private stop(second: number): void {
    const orderedAt = this.pending.pop()?.orderedAt ?? this.healthy.pop() ?? second;
    const drained = second + this.options.drainSeconds;
    this.draining.push(Math.max(drained, orderedAt + LEAST_BILLED_SECONDS));
  }
}
