// Target tracking by AWS's documented algorithm over the recorded policies and the local metrics.
import type { ScalingPolicy } from './scaling-policy';
import { compileMetricMath } from './metric-math';
import type { Datum } from './metric-math';
import type { MetricStore } from './metrics';

/** What changes the number of tasks. */
export interface ScalableTasks {
  /** Tasks that run now. */
  count(): number;
  /** Starts or stops tasks until `capacity` run. */
  scaleTo(capacity: number): Promise<void>;
}

export interface AutoscalerOptions {
  policies: readonly ScalingPolicy[];
  minimum: number;
  maximum: number;
  metrics: MetricStore;
  tasks: ScalableTasks;
  /** How many times faster than real time a minute passes. @default 1 */
  timeScale?: number;
  onChange?: (from: number, to: number, reason: string) => void;
  /** Told why a change failed; the next minute tries again. */
  onFailure?: (error: unknown) => void;
  now?: () => number;
}

/**
 * The alarms that target tracking makes: three one-minute points above the target scale out,
 * fifteen below nine tenths of it scale in.
 * https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
 */
const POINTS_OUT = 3;
const POINTS_IN = 15;
const SCALE_IN_MARGIN = 0.9;
const MINUTE_MS = 60_000;

interface Verdict {
  direction: 'out' | 'in' | 'stay';
  capacity: number;
  policy: ScalingPolicy;
}

/** Evaluates every policy once a (scaled) minute. */
export class Autoscaler {
  private readonly history = new Map<ScalingPolicy, Datum[]>();
  private readonly expressions: Map<ScalingPolicy, ReturnType<typeof compileMetricMath>>;
  private readonly minuteMs: number;
  private readonly now: () => number;
  private readonly timer: NodeJS.Timeout;
  private lastOutMs = Number.NEGATIVE_INFINITY;
  private lastChangeMs = Number.NEGATIVE_INFINITY;
  private current: Promise<void> = Promise.resolve();

  /** @throws Error when a policy's metric math can't be evaluated here. */
  constructor(private readonly options: AutoscalerOptions) {
    this.expressions = new Map(
      options.policies.map((policy) => [policy, compileMetricMath(policy.expression)]),
    );
    this.minuteMs = MINUTE_MS / (options.timeScale ?? 1);
    this.now = options.now ?? Date.now;
    this.timer = setInterval(() => {
      this.current = this.current
        .then(() => this.tick())
        .catch(options.onFailure ?? (() => undefined));
    }, this.minuteMs);
  }

  /** Waits for a change that is under way; none follows. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.current;
  }

  /** Takes one minute's values and acts on them. */
  async tick(): Promise<void> {
    const verdicts = this.options.policies.map((policy) => this.judge(policy));
    const capacity = this.options.tasks.count();
    const outs = verdicts.filter(({ direction }) => direction === 'out');
    const [largest] = outs.sort((a, b) => b.capacity - a.capacity);
    if (largest !== undefined) {
      if (this.cooled(this.lastOutMs, largest.policy.scaleOutCooldownSeconds)) {
        await this.change(capacity, largest.capacity, largest.policy);
      }
      return;
    }
    // In only when every policy that may scale in agrees, and to the most that one of them wants.
    const voters = verdicts.filter(({ policy }) => !policy.disableScaleIn);
    if (voters.length === 0 || voters.some(({ direction }) => direction !== 'in')) return;
    const wanted = voters.sort((a, b) => b.capacity - a.capacity)[0] as Verdict;
    if (this.cooled(this.lastChangeMs, wanted.policy.scaleInCooldownSeconds)) {
      await this.change(capacity, wanted.capacity, wanted.policy);
    }
  }

  private judge(policy: ScalingPolicy): Verdict {
    const points = [...(this.history.get(policy) ?? []), this.value(policy)].slice(-POINTS_IN);
    this.history.set(policy, points);
    const count = this.options.tasks.count();
    const all = (wanted: number, test: (value: number) => boolean) =>
      points.length >= wanted &&
      points.slice(-wanted).every((value) => value !== undefined && test(value));
    const needed = Math.ceil((count * (points.at(-1) ?? 0)) / policy.target);
    if (all(POINTS_OUT, (value) => value > policy.target)) {
      return { direction: 'out', capacity: Math.max(needed, count), policy };
    }
    if (all(POINTS_IN, (value) => value < policy.target * SCALE_IN_MARGIN)) {
      return { direction: 'in', capacity: Math.min(needed, count), policy };
    }
    return { direction: 'stay', capacity: count, policy };
  }

  /** The policy's metric over the last minute; undefined where it has no data. */
  private value(policy: ScalingPolicy): Datum {
    const values = Object.fromEntries(
      policy.metrics.map((metric) => {
        const sinceMs = this.now() - this.minuteMs;
        const value = this.options.metrics.statistic(metric, metric.stat, sinceMs);
        // Counts of a shortened minute stand for those of a whole one.
        const scale = metric.stat === 'Sum' || metric.stat === 'SampleCount' ? this.timeScale : 1;
        return [metric.id, value === undefined ? undefined : value * scale];
      }),
    );
    values.tasks = this.options.tasks.count();
    return this.expressions.get(policy)?.(values);
  }

  private get timeScale(): number {
    return MINUTE_MS / this.minuteMs;
  }

  private cooled(sinceMs: number, seconds: number): boolean {
    return this.now() - sinceMs >= (seconds * 1000) / this.timeScale;
  }

  private async change(from: number, wanted: number, policy: ScalingPolicy): Promise<void> {
    const to = Math.min(Math.max(wanted, this.options.minimum), this.options.maximum);
    if (to === from) return;
    this.lastChangeMs = this.now();
    if (to > from) this.lastOutMs = this.lastChangeMs;
    this.options.onChange?.(from, to, policy.name);
    await this.options.tasks.scaleTo(to);
  }
}
