// What comes out of a simulation: minutes and requests over the target, task-hours, actions.
import type { Fleet } from './fleet';
import type { Setting } from './setting';
import type { Engine, ServedSecond } from './service-model';

/** One policy's outcome. */
export interface Result {
  name: string;
  /** Minutes whose average response time was above the target. */
  minutesOverTarget: number;
  /** Billed, pending and draining included. */
  taskHours: number;
  dollars: number;
  scalingActions: number;
  p99Ms: number;
  /** Requests that took longer than the target. */
  requestsOver: number;
  /** Requests that were refused or timed out. */
  failed: number;
  /** Changes of direction: out after in, or in after out. */
  reversals: number;
  maxTasks: number;
  endTasks: number;
  /** Longest stretch of minutes over the target. */
  recoverMinutes: number;
  /** A value a minute, for drawing. */
  minutes: Minutes;
}

/** What is drawn. */
export interface Minutes {
  requestsPerSecond: number[];
  /** `null` in a minute without requests. */
  averageMs: (number | null)[];
  tasks: number[];
}

/** Bins of response times: sixteen to a doubling, from a hundredth of a millisecond. */
const BINS_A_DOUBLING = 16;
const LOWEST_MS = 0.01;
const BINS = 24 * BINS_A_DOUBLING;
const BINS_A_UNIT = BINS_A_DOUBLING / Math.LN2;
const LOWEST_BIN = Math.log(LOWEST_MS) * BINS_A_UNIT;

/** Counts second by second. */
export class Tally {
  private readonly bins = new Float64Array(BINS);
  private readonly minutes: Minutes = { requestsPerSecond: [], averageMs: [], tasks: [] };
  private readonly seen = (ms: number, count: number): void => {
    const bin = Math.ceil(Math.log(ms) * BINS_A_UNIT - LOWEST_BIN);
    const index = Math.min(BINS - 1, Math.max(0, bin));
    this.bins[index] = (this.bins[index] ?? 0) + count;
  };
  private minute = { requests: 0, answered: 0, totalMs: 0, failed: 0 };
  private total = { requestsOver: 0, failed: 0, minutesOver: 0, longest: 0, stretch: 0 };
  private scaling = { actions: 0, reversals: 0, direction: 0, most: 0 };

  constructor(private readonly setting: Setting) {}

  scaled(from: number, to: number): void {
    const direction = Math.sign(to - from);
    this.scaling.actions += 1;
    if (this.scaling.direction !== 0 && direction !== this.scaling.direction) {
      this.scaling.reversals += 1;
    }
    this.scaling.direction = direction;
  }

  add(requests: number, served: ServedSecond, fleet: Fleet, engine: Engine): void {
    this.minute.requests += requests;
    this.minute.answered += served.answered;
    this.minute.totalMs += served.totalMs;
    this.minute.failed += served.failed;
    this.total.requestsOver += served.over;
    this.total.failed += served.failed;
    engine.spread(this.seen);
    if (fleet.desired > this.scaling.most) this.scaling.most = fleet.desired;
  }

  endMinute(fleet: Fleet): void {
    const { requests, answered, totalMs, failed } = this.minute;
    this.minute = { requests: 0, answered: 0, totalMs: 0, failed: 0 };
    const average = answered > 0 ? totalMs / answered : undefined;
    const { total } = this;
    // A minute of which nothing was answered is no minute within the target.
    if (average === undefined ? failed > 0 : average > this.setting.targetMs) {
      total.minutesOver += 1;
      total.stretch += 1;
      total.longest = Math.max(total.longest, total.stretch);
    } else if (average !== undefined) {
      total.stretch = 0;
    }
    this.minutes.requestsPerSecond.push(requests / 60);
    this.minutes.averageMs.push(average ?? null);
    this.minutes.tasks.push(fleet.healthyCount);
  }

  result(name: string, fleet: Fleet): Result {
    const taskHours = fleet.billedSeconds / 3600;
    return {
      name,
      minutesOverTarget: this.total.minutesOver,
      taskHours,
      dollars: taskHours * this.setting.taskHourDollars,
      scalingActions: this.scaling.actions,
      p99Ms: this.percentile(0.99),
      requestsOver: Math.round(this.total.requestsOver),
      failed: Math.round(this.total.failed),
      reversals: this.scaling.reversals,
      maxTasks: this.scaling.most,
      endTasks: fleet.desired,
      recoverMinutes: this.total.longest,
      minutes: this.minutes,
    };
  }

  private percentile(rank: number): number {
    const all = this.bins.reduce((sum, count) => sum + count, 0);
    let left = rank * all;
    for (let bin = 0; bin < BINS; bin += 1) {
      left -= this.bins[bin] ?? 0;
      if (left <= 0 && all > 0) return LOWEST_MS * 2 ** ((bin - 0.5) / BINS_A_DOUBLING);
    }
    return 0;
  }
}
