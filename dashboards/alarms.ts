// All alarms of a stack: each subject brings its own.
import type { AlarmSpec, PairSpec } from './alarm-spec';
import { edgeAlarms } from './edge';
import { fargateAlarms } from './fargate';
import { functionAlarms } from './functions';
import { keyAlarms } from './keys';
import { kmsAlarms } from './kms';
import { lambdaAlarms } from './lambda';
import type { Objectives, StackReferences } from './references';
import { burnAlarms, burnPairs } from './burn-alarms';
import { scalingAlarms } from './scaling';
import { tableAlarms } from './tables';
import { wafAlarms } from './waf';

/** All alarms on metrics, without those that judge a deployment. */
export function alarmSpecs<T>(
  refs: StackReferences<T>,
  objectives: Objectives,
): AlarmSpec<T | string>[] {
  const { compute } = refs;
  return [
    ...burnAlarms(refs, objectives),
    ...edgeAlarms(refs),
    ...wafAlarms(refs),
    ...tableAlarms(refs),
    ...functionAlarms(refs),
    ...keyAlarms(refs),
    ...(compute.kind === 'fargate'
      ? [
          ...fargateAlarms(refs.region, compute),
          ...scalingAlarms(refs.region, compute, objectives),
          ...kmsAlarms(refs),
        ]
      : lambdaAlarms(refs.region, compute)),
  ];
}

/** A page or a ticket for each objective: both windows of a burn rate at once. */
export function pairSpecs(refs: StackReferences<unknown>, objectives: Objectives): PairSpec[] {
  return burnPairs(refs, objectives);
}
