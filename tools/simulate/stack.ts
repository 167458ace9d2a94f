// Reads what a stack says of scaling: its recorded policies, bounds, task size and health checks.
import type { Config } from '../../infra/settings/config';
import { SETTINGS } from '../../infra/settings/settings';
import gatehouse from '../../infra/index';
import { pricesOf, taskHour } from '../../contracts/prices';
import { all, one } from '../../recorder/query';
import { record } from '../../recorder/record';
import { readStackConfig } from '../../recorder/stack-file';
import { readScalingPolicy } from '../cloudwatch/scaling-policy';
import type { ScalingPolicy } from '../cloudwatch/scaling-policy';
import type { MetricNames } from './policies';

/** A stack as the simulator needs it. */
export interface ScaledStack {
  name: string;
  policies: ScalingPolicy[];
  minimum: number;
  maximum: number;
  targetMs: number;
  /** What its settings say that one task holds, requests a minute. */
  requestsPerTaskPerMinute: number;
  vcpus: number;
  /** CPU units and MiB of a task. */
  cpu: number;
  memory: number;
  region: string;
  taskHourDollars: number;
  healthSeconds: number;
  drainSeconds: number;
  names: MetricNames;
}

/**
 * Records a stack.
 * @param requestsPerTaskPerMinute replaces the stack's own setting, which its policies follow.
 * @param changes further settings in place of the stack's own.
 * @throws Error when the stack runs on Lambda, or can't be recorded.
 */
export async function readScaledStack(
  name: string,
  requestsPerTaskPerMinute?: number,
  changes: Partial<Record<keyof Config, string>> = {},
): Promise<ScaledStack> {
  const settingOf = (key: keyof Config) => changes[key] ?? settingOfStack(name, key);
  if (settingOf('compute') === 'lambda') {
    throw new Error(
      `The stack ${name} has compute: lambda, which adds an execution for each request at the same time and has no scaling policy. ` +
        'Choose a stack with compute: fargate (--stack prod).',
    );
  }
  const config = {
    // Nothing is deployed here, and the metrics of one target group are those of all.
    deployment: 'rolling',
    ...changes,
    ...(requestsPerTaskPerMinute === undefined
      ? {}
      : { requestsPerTaskPerMinute: String(requestsPerTaskPerMinute) }),
  };
  const { resources } = await record(name, { program: gatehouse, config });
  const target = one(resources, 'appautoscaling/target:Target').inputs;
  const balancer = one(resources, 'lb/loadBalancer:LoadBalancer').outputs;
  const group = one(resources, ':TargetGroup');
  const task = one(resources, ':TaskDefinition').inputs;
  const [, cluster = '', service = ''] = String(target.resourceId).split('/');
  const region = settingOf('region');
  return {
    name,
    policies: all(resources, 'appautoscaling/policy:Policy').map(readScalingPolicy),
    minimum: Number(target.minCapacity),
    maximum: Number(target.maxCapacity),
    targetMs: Number(settingOf('targetResponseMs')),
    requestsPerTaskPerMinute:
      requestsPerTaskPerMinute ?? Number(settingOf('requestsPerTaskPerMinute')),
    vcpus: Number(task.cpu) / 1024,
    ...{ cpu: Number(task.cpu), memory: Number(task.memory), region },
    taskHourDollars: taskHour(pricesOf(region), Number(task.cpu), Number(task.memory)),
    // The first check that a new target passes makes it healthy; it waits for one interval.
    healthSeconds: Number((group.inputs.healthCheck as { interval: number }).interval),
    drainSeconds: Number(group.inputs.deregistrationDelay),
    names: {
      balancer: {
        LoadBalancer: String(balancer.arnSuffix),
        TargetGroup: String(group.outputs.arnSuffix),
      },
      service: { ClusterName: cluster, ServiceName: service },
    },
  };
}

/** A setting as the stack's file has it, or its default. */
function settingOfStack(stack: string, key: keyof Config): string {
  const { values } = readStackConfig(stack);
  const found =
    key === 'region'
      ? values['aws:region']
      : Object.entries(values).find(([full]) => full.split(':')[1] === key)?.[1];
  const fallback = key in SETTINGS ? SETTINGS[key as keyof typeof SETTINGS].fallback : '';
  return String(found ?? fallback);
}
