// What a policy would do that knows the traffic to come: the measure of all others.
import { capacityOf } from './pooling';
import type { Setting } from './setting';
import type { Trace } from './traces';

const STEP_SECONDS = 10;
/** How far it looks ahead, seconds: a task takes two minutes to start, and one that is needed again soon stays. */
const KEPT_SECONDS = 300;
/** What the minutes' luck may take of the target. */
const MARGIN = 0.93;

/** Knows the traffic, and how many tasks hold the target at each moment. */
export class Oracle {
  private readonly capacities = new Map<number, number[]>();

  constructor(
    private readonly trace: Trace,
    private readonly setting: Setting,
  ) {}

  /** Fewest tasks that hold the target at a moment; what no number of tasks could hold is not tried. */
  needed(second: number): number {
    const { minimum, maximum } = this.setting;
    const rate = this.trace.rate(second);
    const capacities = this.capacitiesAt(this.trace.serviceFactor(second));
    let tasks = minimum;
    while (tasks < maximum && (capacities[tasks] ?? 0) < rate) tasks += 1;
    return tasks;
  }

  /** Tasks to have now, so that they are there when they are needed. */
  ahead(second: number): number {
    let most = 0;
    const end = Math.min(this.trace.seconds, second + KEPT_SECONDS);
    for (let at = second; at < end; at += STEP_SECONDS) {
      most = Math.max(most, this.needed(at));
    }
    return most;
  }

  /** What the busiest moment needs. */
  peak(): number {
    let most = 0;
    for (let at = 0; at < this.trace.seconds; at += STEP_SECONDS) {
      most = Math.max(most, this.needed(at));
    }
    return most;
  }

  /** Requests a second that each number of tasks holds. */
  private capacitiesAt(serviceFactor: number): number[] {
    let capacities = this.capacities.get(serviceFactor);
    if (capacities === undefined) {
      const { serviceMs, dependencyMs, targetMs, maximum } = this.setting;
      capacities = Array.from({ length: maximum + 1 }, (_none, tasks) =>
        tasks === 0
          ? 0
          : capacityOf(tasks, serviceMs * serviceFactor, dependencyMs, targetMs * MARGIN),
      );
      this.capacities.set(serviceFactor, capacities);
    }
    return capacities;
  }
}
