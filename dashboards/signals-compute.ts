// The alarms of what runs the service, on Fargate or Lambda, and those that roll a deployment back.
import { SERVICE_METRICS } from '../contracts/metrics';
import type { AlarmSpec } from './alarm-spec';
import { line } from './metric';
import type {
  FargateReferences,
  LambdaReferences,
  Objectives,
  StackReferences,
} from './references';
import { slowAtMaximum } from './scaling';
import { BURN_RATES, burnThresholdPercent, deploymentErrorLines } from './slo';
import * as source from './sources';

/** Alarms of the service on ECS Fargate. */
export function fargateAlarms<T>(
  refs: Pick<StackReferences<T>, 'stack' | 'region' | 'keys'>,
  compute: FargateReferences<T>,
  objectives: Objectives,
): AlarmSpec<T | string>[] {
  const { region } = refs;
  const saturation = {
    area: 'saturation' as const,
    region,
    comparison: 'above' as const,
    periodSeconds: 60,
  };
  return [
    {
      ...saturation,
      id: 'too-few-tasks',
      title: 'Fewer healthy tasks than the least that autoscaling keeps.',
      reason: 'Tasks die or do not become healthy faster than ECS replaces them.',
      lines: [
        line(source.targetGroup(region, compute, 'HealthyHostCount', 'Minimum'), 'healthy tasks'),
      ],
      comparison: 'below',
      threshold: compute.minTasks,
      dataPoints: { breaching: 5, of: 5 },
    },
    {
      ...saturation,
      id: 'cpu',
      title: 'Tasks have little CPU left.',
      reason:
        'Response time rises steeply above; scaling should have come first, so its maximum is too low.',
      lines: [line(source.ecs(region, compute, 'CPUUtilization', 'Average'), 'CPU %')],
      threshold: 85,
      dataPoints: { breaching: 10, of: 10 },
    },
    {
      ...saturation,
      id: 'memory',
      title: 'Tasks have little memory left.',
      reason: 'What comes next is a task killed for it; memory does not fall with more tasks.',
      lines: [line(source.ecs(region, compute, 'MemoryUtilization', 'Maximum'), 'memory %')],
      threshold: 85,
      dataPoints: { breaching: 5, of: 5 },
    },
    {
      ...saturation,
      id: 'slow-at-maximum',
      area: 'scaling',
      title: 'As many tasks as allowed, and still too slow.',
      reason:
        'More tasks do not help, or are not allowed: look at DynamoDB and KMS before raising maxTasks.',
      lines: slowAtMaximum(region, compute, objectives),
      threshold: 0,
      dataPoints: { breaching: 10, of: 10 },
    },
    ...(Object.keys(refs.keys).length === 0
      ? []
      : [
          {
            ...saturation,
            id: 'kms-slow',
            area: 'kms' as const,
            title: 'KMS is slow or throttles.',
            reason:
              'The SDK retries a throttled call after 100 ms and more: an average above says that it does.',
            lines: [line(source.service(refs, SERVICE_METRICS.kmsDuration, 'Average'), 's')],
            threshold: 0.1,
            periodSeconds: 300,
            dataPoints: { breaching: 2, of: 3 },
          },
        ]),
  ];
}

/** Alarms of the service on Lambda. */
export function lambdaAlarms<T>(region: string, compute: LambdaReferences<T>): AlarmSpec<T>[] {
  const base = {
    region,
    comparison: 'above' as const,
    periodSeconds: 60,
    dataPoints: { breaching: 3, of: 5 },
  };
  return [
    {
      ...base,
      id: 'function-errors',
      area: 'errors',
      title: 'The function fails.',
      reason: 'The service answers its own errors; what Lambda counts is a crash or a timeout.',
      lines: [line(source.lambda(region, compute, 'Errors', 'Sum'), 'errors')],
      threshold: 0,
    },
    {
      ...base,
      id: 'function-throttled',
      area: 'saturation',
      title: 'The function is throttled.',
      reason: `All ${compute.reservedConcurrency} reserved executions are busy: clients get 503.`,
      lines: [line(source.lambda(region, compute, 'Throttles', 'Sum'), 'throttled')],
      threshold: 0,
    },
  ];
}

/** What ECS rolls a deployment back for. */
export function deploymentAlarmSpecs<T>(
  region: string,
  target: Pick<FargateReferences<T>, 'loadBalancer' | 'targetGroup'>,
  objectives: Objectives,
): AlarmSpec<T>[] {
  const deployment = {
    region,
    comparison: 'above' as const,
    periodSeconds: 60,
    dataPoints: { breaching: 2, of: 3 },
  };
  const fast = Math.max(...BURN_RATES.map((burn) => burn.rate));
  return [
    {
      ...deployment,
      id: 'deploy-errors',
      area: 'errors',
      title: 'Too many answers 5xx: a deployment in progress is rolled back.',
      reason: 'The fast burn rate of the availability objective, within minutes and not an hour.',
      lines: deploymentErrorLines(region, target),
      threshold: burnThresholdPercent({ objectivePercent: objectives.availabilityPercent }, fast),
    },
    {
      ...deployment,
      id: 'deploy-unhealthy',
      area: 'saturation',
      title: 'Tasks are unhealthy: a deployment in progress is rolled back.',
      reason: 'A new task may fail a check or two while it starts, not for three minutes.',
      lines: [
        line(
          source.targetGroup(region, target, 'UnHealthyHostCount', 'Minimum'),
          'unhealthy tasks',
        ),
      ],
      threshold: 0,
      dataPoints: { breaching: 3, of: 3 },
    },
  ];
}
