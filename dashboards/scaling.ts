// The scaling dashboard: response time, the tasks that it asks for, and what stands in the way.
import { hidden, inMs, type Line } from './metric';
import type {
  FargateReferences,
  LambdaReferences,
  Objectives,
  StackReferences,
} from './references';
import * as source from './sources';
import { dashboardBody, graph, text, type Widget } from './widgets';

/** Body of the scaling dashboard, as CloudWatch reads it. */
export function scalingDashboard(refs: StackReferences, objectives: Objectives): string {
  const { compute, region, stack } = refs;
  return dashboardBody(
    compute.kind === 'fargate'
      ? [
          [
            text(
              `# ${stack}: scaling\n${compute.minTasks} to ${compute.maxTasks} tasks hold the response ` +
                `time at ${objectives.latencyMs} ms: out after 3 minutes above, in after 15 below.`,
            ),
          ],
          [responseTime(region, compute, objectives), tasks(region, compute)],
          [perTask(region, compute), cpu(region, compute), atMaximum(region, compute, objectives)],
        ]
      : [
          [
            text(
              `# ${stack}: scaling\nLambda adds an execution for each request at the same time, up to ` +
                `the ${compute.reservedConcurrency} that are reserved.`,
            ),
          ],
          [concurrency(region, compute), duration(region, compute, objectives)],
        ],
  );
}

function responseTime(region: string, compute: FargateReferences, objectives: Objectives): Widget {
  const time = (stat: string) => source.targetGroup(region, compute, 'TargetResponseTime', stat);
  return graph({
    title: 'Response time, ms',
    region,
    unit: 'ms',
    lines: ['Average', 'p99'].flatMap((stat) => inMs(stat.toLowerCase(), time(stat), stat)),
    thresholds: [{ label: 'target', value: objectives.latencyMs }],
  });
}

function tasks(region: string, compute: FargateReferences): Widget {
  const count = (name: string) =>
    source.ecs(region, compute, name, 'Average', 'ECS/ContainerInsights');
  const healthy = source.targetGroup(region, compute, 'HealthyHostCount', 'Average');
  return graph({
    title: 'Tasks',
    region,
    lines: compute.hasContainerInsights
      ? [
          { metric: count('DesiredTaskCount'), label: 'wanted' },
          { metric: count('RunningTaskCount'), label: 'running' },
          { metric: count('PendingTaskCount'), label: 'starting' },
        ]
      : [{ metric: healthy, label: 'healthy' }],
    thresholds: [
      { label: 'fewest', value: compute.minTasks },
      { label: 'most', value: compute.maxTasks },
    ],
  });
}

function perTask(region: string, compute: FargateReferences): Widget {
  return graph({
    title: 'Requests a minute and task',
    region,
    lines: [
      {
        metric: source.targetGroup(region, compute, 'RequestCountPerTarget', 'Sum'),
        label: 'requests',
      },
    ],
  });
}

function cpu(region: string, compute: FargateReferences): Widget {
  return graph({
    title: 'CPU, %',
    region,
    unit: '%',
    max: 100,
    lines: [{ metric: source.ecs(region, compute, 'CPUUtilization', 'Average'), label: 'average' }],
  });
}

function atMaximum(region: string, compute: FargateReferences, objectives: Objectives): Widget {
  return graph({
    title: 'As many tasks as allowed, and still too slow',
    region,
    lines: slowAtMaximum(region, compute, objectives),
    max: 1,
  });
}

/** 1 while more tasks are wanted than allowed; the alarm is held against the same lines. */
export function slowAtMaximum<T>(
  region: string,
  compute: FargateReferences<T>,
  objectives: Objectives,
): Line<T>[] {
  return [
    hidden('tasks', source.runningTasks(region, compute), 'tasks'),
    // What scaling holds is what is judged.
    hidden(
      'seconds',
      source.targetGroup(region, compute, 'TargetResponseTime', compute.responseStatistic),
      's',
    ),
    {
      id: 'slow_at_maximum',
      expression: `IF(tasks >= ${compute.maxTasks} && seconds > ${objectives.latencyMs / 1000}, 1, 0)`,
      label: 'slow at maximum',
    },
  ];
}

function concurrency(region: string, compute: LambdaReferences): Widget {
  return graph({
    title: 'Executions at the same time',
    region,
    lines: [
      {
        metric: source.lambda(region, compute, 'ConcurrentExecutions', 'Maximum'),
        label: 'highest',
      },
      {
        metric: source.lambda(region, compute, 'Throttles', 'Sum'),
        label: 'throttled',
        axis: 'right',
      },
    ],
    thresholds: [{ label: 'reserved', value: compute.reservedConcurrency }],
  });
}

function duration(region: string, compute: LambdaReferences, objectives: Objectives): Widget {
  return graph({
    title: 'Duration, ms',
    region,
    unit: 'ms',
    lines: ['p50', 'p99'].map((stat) => ({
      metric: source.lambda(region, compute, 'Duration', stat),
      label: stat,
    })),
    thresholds: [{ label: 'target', value: objectives.latencyMs }],
  });
}
