// Application Auto Scaling's target tracking: from metrics to the number of tasks, one minute at a time.
import { EXTRA_PERIODS, evaluateAlarm } from './alarm';
import type { AlarmState } from './alarm';
import { compileMetricData } from './metric-data';
import type { MetricData } from './metric-data';
import type { ScalingPolicy } from './scaling-policy';
import { windowUntil } from './series';
import type { MetricSource } from './series';

/**
 * The alarms that target tracking makes: three one-minute points above the target scale out,
 * fifteen below nine tenths of it scale in. Not in AWS's documents; what users observe.
 */
const POINTS_OUT = 3;
const POINTS_IN = 15;
const SCALE_IN_MARGIN = 0.9;
const MINUTE_MS = 60_000;

export interface TargetTrackingOptions {
  policies: readonly ScalingPolicy[];
  minimum: number;
  maximum: number;
  /** How many times faster than real a minute passes. @default 1 */
  timeScale?: number;
}

/** A change of the number of tasks. */
export interface ScalingDecision {
  from: number;
  to: number;
  /** Name of the policy that asked for it. */
  policy: string;
  /** The metric's value that the number was taken from, and its target. */
  value: number;
  target: number;
}

interface Tracker {
  policy: ScalingPolicy;
  data: MetricData;
  out: AlarmState;
  in: AlarmState;
}

interface Wish {
  policy: ScalingPolicy;
  capacity: number;
  value: number;
}

/**
 * Decides for several policies together: out if one asks for it, and the largest wins; in only
 * when all that may scale in agree, to the most that one of them wants.
 *
 * Out: capacity = ceil(tasks x newest point / target). During a scale-out cooldown `tasks` is what
 * there was before it, so that a larger step still happens and the same one does not happen twice.
 * In: the *highest* of the fifteen points stands for the metric, so that a step never goes where
 * one of them would have been above the target.
 * https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
 */
export class TargetTracking {
  private readonly trackers: Tracker[];
  private readonly timeScale: number;
  private out = { untilMs: Number.NEGATIVE_INFINITY, before: 0 };
  private lastChangeMs = Number.NEGATIVE_INFINITY;

  /** @throws Error when a policy's metric math can't be evaluated, or uses SEARCH. */
  constructor(private readonly options: TargetTrackingOptions) {
    this.timeScale = options.timeScale ?? 1;
    this.trackers = options.policies.map((policy) => {
      const data = compileMetricData(policy.queries);
      if (data.searching.length > 0) {
        throw new Error(`The scaling policy ${policy.name} uses SEARCH, which AWS refuses here.`);
      }
      return { policy, data, out: 'INSUFFICIENT_DATA', in: 'INSUFFICIENT_DATA' };
    });
  }

  /**
   * Looks at the metrics, once a (scaled) minute.
   * @param source what is published by now.
   * @param desired the service's desired number of tasks.
   * @returns undefined where it stays.
   */
  decide(source: MetricSource, nowMs: number, desired: number): ScalingDecision | undefined {
    const { minimum, maximum } = this.options;
    // The bounds hold whatever the metrics say, as RegisterScalableTarget has it.
    const within = Math.min(Math.max(desired, minimum), maximum);
    const base = nowMs < this.out.untilMs ? this.out.before : within;
    const outs: Wish[] = [];
    const ins: (Wish | undefined)[] = [];
    for (const tracker of this.trackers) {
      const { policy } = tracker;
      const points = this.points(tracker, source, nowMs);
      const newest = points.findLast((value) => !Number.isNaN(value));
      tracker.out = outState(policy, points, tracker.out);
      tracker.in = inState(policy, points, tracker.in);
      if (tracker.out === 'ALARM' && newest !== undefined) {
        outs.push({ policy, capacity: needed(base, newest, policy), value: newest });
      }
      if (policy.disableScaleIn) continue;
      const highest = tracker.in === 'ALARM' ? highestOf(points) : undefined;
      ins.push(
        highest === undefined
          ? undefined
          : { policy, capacity: needed(within, highest, policy), value: highest },
      );
    }
    const [largest] = outs.sort((a, b) => b.capacity - a.capacity);
    if (largest !== undefined) return this.scaleOut(nowMs, within, base, largest);
    return this.scaleIn(nowMs, within, ins);
  }

  private scaleOut(
    nowMs: number,
    desired: number,
    base: number,
    wish: Wish,
  ): ScalingDecision | undefined {
    const to = Math.min(wish.capacity, this.options.maximum);
    if (to <= desired) return undefined;
    this.out = { untilMs: nowMs + this.ms(wish.policy.scaleOutCooldownSeconds), before: base };
    return this.changed(nowMs, desired, to, wish);
  }

  private scaleIn(
    nowMs: number,
    desired: number,
    wishes: readonly (Wish | undefined)[],
  ): ScalingDecision | undefined {
    const agreed = wishes.filter((wish) => wish !== undefined);
    const [most] = agreed.sort((a, b) => b.capacity - a.capacity);
    if (most === undefined || agreed.length < wishes.length) return undefined;
    const to = Math.max(most.capacity, this.options.minimum);
    if (to >= desired) return undefined;
    if (nowMs - this.lastChangeMs < this.ms(most.policy.scaleInCooldownSeconds)) return undefined;
    return this.changed(nowMs, desired, to, most);
  }

  private changed(nowMs: number, from: number, to: number, wish: Wish): ScalingDecision {
    this.lastChangeMs = nowMs;
    return { from, to, policy: wish.policy.name, value: wish.value, target: wish.policy.target };
  }

  /** The evaluation range of the longer alarm; the shorter one's is its end. */
  private points({ policy, data }: Tracker, source: MetricSource, nowMs: number): Float64Array {
    const periodMs = Math.round(MINUTE_MS / this.timeScale);
    // The minute that has not ended has no point yet.
    const window = windowUntil(nowMs - periodMs, periodMs, POINTS_IN + EXTRA_PERIODS);
    const [line] = data.evaluate(source, window).get(policy.tracked);
    return line?.values ?? new Float64Array(0);
  }

  private ms(seconds: number): number {
    return (seconds * 1000) / this.timeScale;
  }
}

function outState(policy: ScalingPolicy, points: Float64Array, previous: AlarmState): AlarmState {
  return evaluateAlarm(
    {
      breaches: (value) => value > policy.target,
      evaluationPeriods: POINTS_OUT,
      datapointsToAlarm: POINTS_OUT,
    },
    points.subarray(-(POINTS_OUT + EXTRA_PERIODS)),
    previous,
  );
}

function inState(policy: ScalingPolicy, points: Float64Array, previous: AlarmState): AlarmState {
  return evaluateAlarm(
    {
      breaches: (value) => value < policy.target * SCALE_IN_MARGIN,
      evaluationPeriods: POINTS_IN,
      datapointsToAlarm: POINTS_IN,
    },
    points,
    previous,
  );
}

/** The highest of the newest fifteen points. */
function highestOf(points: Float64Array): number | undefined {
  const newest = points.filter((value) => !Number.isNaN(value)).subarray(-POINTS_IN);
  return newest.length === 0 ? undefined : newest.reduce((a, b) => Math.max(a, b));
}

/** A little less than nothing is taken off, so that 3 x 1.0000000001 does not buy a fourth task. */
function needed(tasks: number, value: number, { target }: ScalingPolicy): number {
  return Math.ceil((tasks * value) / target - 1e-9);
}
