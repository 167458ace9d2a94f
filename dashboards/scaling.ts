// The subject of scaling: response time and tasks in one graph, load against capacity, the maximum.
import type { AlarmSpec } from './alarm-spec';
import { hidden, inMs, type Line } from './metric';
import type { FargateReferences, LambdaReferences, Objectives } from './references';
import * as source from './sources';
import { COLOURS, graph, type Widget } from './widgets';

/** CPU that scaling holds, in percent; above it tasks are added. */
const CPU_TARGET_PERCENT = 70;

/**
 * The marker of deployments: 1 while one is under way. CloudWatch's own markers stand at fixed times,
 * which no program knows beforehand; how many deployments a service has is a metric.
 */
function deploymentMarker(region: string, compute: FargateReferences): Line[] {
  if (!compute.hasContainerInsights) return [];
  const count = source.ecs(region, compute, 'DeploymentCount', 'Maximum', 'ECS/ContainerInsights');
  return [
    hidden('deployments', count, 'deployments'),
    {
      id: 'deploying',
      expression: 'IF(deployments > 1, 1, 0)',
      label: 'deployment under way',
      axis: 'right',
      colour: COLOURS.denied,
    },
  ];
}

/** Do tasks help: response time on the left, tasks on the right, on one time axis. */
export function responseAndTasks(
  region: string,
  compute: FargateReferences,
  objectives: Objectives,
): Widget {
  const time = source.answered(region, compute, 'TargetResponseTime', compute.responseStatistic);
  return graph({
    title: `Response time (${compute.responseStatistic}, ms) and tasks (${compute.minTasks} to ${compute.maxTasks})`,
    region,
    unit: 'ms',
    rightUnit: 'tasks',
    lines: [
      ...inMs('time', time, 'response time'),
      {
        metric: source.runningTasks(region, compute),
        label: 'tasks',
        axis: 'right',
        colour: COLOURS.tasks,
      },
      ...deploymentMarker(region, compute),
    ],
    thresholds: [{ label: 'target', value: objectives.latencyMs }],
  });
}

/** Tasks by state against their bounds. */
export function tasks(region: string, compute: FargateReferences): Widget {
  const count = (name: string) =>
    source.ecs(region, compute, name, 'Average', 'ECS/ContainerInsights');
  return graph({
    title: 'Tasks',
    region,
    lines: compute.hasContainerInsights
      ? [
          { metric: count('DesiredTaskCount'), label: 'desired' },
          { metric: count('RunningTaskCount'), label: 'running' },
          { metric: count('PendingTaskCount'), label: 'pending' },
        ]
      : [{ metric: source.runningTasks(region, compute), label: 'healthy' }],
    thresholds: [
      { label: 'min tasks', value: compute.minTasks },
      { label: 'max tasks', value: compute.maxTasks },
    ],
  });
}

/** Load of a task against what it holds. */
export function loadPerTask(region: string, compute: FargateReferences): Widget {
  return graph({
    title: 'Requests a minute and task',
    region,
    lines: requestsPerTask(region, compute),
    thresholds: [{ label: 'capacity', value: compute.requestsPerTaskPerMinute }],
  });
}

/** AWS counts by task within a target group; of two, all requests go to the tasks of both. */
function requestsPerTask(region: string, compute: FargateReferences): Line[] {
  const label = 'requests';
  if (compute.alternateTargetGroup === undefined) {
    return [{ metric: source.answered(region, compute, 'RequestCountPerTarget', 'Sum'), label }];
  }
  return [
    hidden('all', source.answered(region, compute, 'RequestCount', 'Sum'), 'all requests'),
    hidden('tasks', source.runningTasks(region, compute), 'tasks'),
    { id: 'each', expression: 'all / tasks', label },
  ];
}

/** CPU against what scaling holds. */
export function cpu(region: string, compute: FargateReferences): Widget {
  return graph({
    title: 'CPU of tasks, average, %',
    region,
    unit: '%',
    max: 100,
    lines: [{ metric: source.ecs(region, compute, 'CPUUtilization', 'Average'), label: 'CPU' }],
    thresholds: [{ label: 'scaling target', value: CPU_TARGET_PERCENT }],
  });
}

/** Whether the maximum is what holds it back. */
export function atMaximum(
  region: string,
  compute: FargateReferences,
  objectives: Objectives,
): Widget {
  return graph({
    title: 'At max tasks and over the target (1 is yes)',
    region,
    lines: slowAtMaximum(region, compute, objectives),
    max: 1,
    thresholds: [{ label: 'slow-at-maximum', value: 0 }],
  });
}

/** 1 while more tasks are wanted than allowed; graph and alarm are held against the same lines. */
function slowAtMaximum<T>(
  region: string,
  compute: FargateReferences<T>,
  objectives: Objectives,
): Line<T>[] {
  return [
    hidden('tasks', source.runningTasks(region, compute), 'tasks'),
    // What scaling holds is what is judged.
    hidden(
      'seconds',
      source.answered(region, compute, 'TargetResponseTime', compute.responseStatistic),
      's',
    ),
    {
      id: 'slow_at_maximum',
      expression: `IF(tasks >= ${compute.maxTasks} && seconds > ${objectives.latencyMs / 1000}, 1, 0)`,
      label: 'slow at maximum',
    },
  ];
}

/** Alarms of scaling. */
export function scalingAlarms<T>(
  region: string,
  compute: FargateReferences<T>,
  objectives: Objectives,
): AlarmSpec<T>[] {
  return [
    {
      area: 'scaling',
      region,
      comparison: 'above',
      periodSeconds: 60,
      id: 'slow-at-maximum',
      title: 'As many tasks as allowed, and still too slow.',
      reason:
        'More tasks do not help, or are not allowed: look at what the service calls before raising maxTasks.',
      runbook: {
        means: 'Scaling has done what it may, and callers still wait longer than the target.',
        look: [
          'Scaling: CPU of tasks. Below 50 % the tasks wait for something else.',
          'Overview, "Latency budget": DynamoDB or KMS grown?',
          'Overview, "Requests by API key": one caller more than usual?',
        ],
        remedy: [
          'CPU above 70 %: raise `gatehouse:maxTasks`.',
          'A slow dependency: mend that; more tasks would only cost.',
          'One caller: lower `gatehouse:requestsPerSecondPerKey`, or talk to them.',
        ],
      },
      lines: slowAtMaximum(region, compute, objectives),
      threshold: 0,
      dataPoints: { breaching: 10, of: 10 },
    },
  ];
}

/** Duration of the function against the target. */
export function duration(
  region: string,
  compute: LambdaReferences,
  objectives: Objectives,
): Widget {
  return graph({
    title: 'Duration of the function, ms',
    region,
    unit: 'ms',
    lines: ['p50', 'p99'].map((stat) => ({
      metric: source.lambda(region, compute, 'Duration', stat),
      label: stat,
    })),
    thresholds: [{ label: 'target', value: objectives.latencyMs }],
  });
}
