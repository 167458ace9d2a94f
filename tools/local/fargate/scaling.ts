// Application Auto Scaling: the recorded policies over the platform's metrics, as late as AWS sees them.
import { all, one } from '../../../recorder/query';
import type { Recording } from '../../../recorder/record';
import { readScalingPolicy } from '../../cloudwatch/scaling-policy';
import type { ScalingPolicy } from '../../cloudwatch/scaling-policy';
import { TargetTracking } from '../../cloudwatch/target-tracking';
import type { Ground } from '../ground';

export interface ScalingDescription {
  policies: ScalingPolicy[];
  /** Bounds of the scaling target. */
  minimum: number;
  maximum: number;
}

/** What changes the number of tasks. */
export interface ScalableTasks {
  counts(): { desired: number };
  /** Starts or stops tasks until `capacity` run. */
  scaleTo(capacity: number): Promise<void>;
}

const MINUTE_MS = 60_000;

/** @throws Error when a policy can't be evaluated here. */
export function read({ resources }: Recording): ScalingDescription {
  const target = one(resources, 'aws:appautoscaling/target:Target');
  return {
    policies: all(resources, 'aws:appautoscaling/policy:Policy').map(readScalingPolicy),
    minimum: Number(target.inputs.minCapacity),
    maximum: Number(target.inputs.maxCapacity),
  };
}

/** Evaluates the policies once a (scaled) minute, until the platform ends. */
export function start(
  description: ScalingDescription,
  tasks: ScalableTasks,
  { metrics, timeScale, say, onClose }: Ground,
): void {
  const tracking = new TargetTracking({ ...description, timeScale });
  const timer = setInterval(() => {
    const nowMs = Date.now();
    const source = metrics.source({ atMs: nowMs, timeScale });
    const decision = tracking.decide(source, nowMs, tasks.counts().desired);
    if (decision === undefined) return;
    const { from, to, policy, value, target } = decision;
    say(`${policy}: ${from} -> ${to} tasks (${round(value)}, target ${round(target)})`);
    // It takes as long as it takes; the next minute sees the number that is wanted now.
    void tasks.scaleTo(to);
  }, MINUTE_MS / timeScale);
  onClose(() => clearInterval(timer));
}

function round(value: number): string {
  return String(Number(value.toPrecision(3)));
}
