// The subject of ECS Fargate: answers, response time, tasks and what they are short of.
import type { AlarmSpec } from './alarm-spec';
import { inMs, line, summed } from './metric';
import type { Balanced, FargateReferences, Objectives } from './references';
import { lateLines, errorLines } from './revisions';
import { BURN_RATES, burnThresholdPercent } from './slo';
import * as source from './sources';
import { COLOURS, graph, type Widget } from './widgets';

/** CPU and memory above which somebody is told, in percent. */
const SATURATED_PERCENT = 85;

/** Answers by status, and those that the load balancer gave in a task's place. */
export function answers(region: string, compute: FargateReferences): Widget {
  const target = (name: string) => source.answered(region, compute, name, 'Sum');
  return graph({
    title: 'Responses a minute, by status',
    region,
    stacked: true,
    lines: [
      { metric: target('HTTPCode_Target_2XX_Count'), label: '2xx', colour: COLOURS.served },
      { metric: target('HTTPCode_Target_4XX_Count'), label: '4xx', colour: COLOURS.clientError },
      { metric: target('HTTPCode_Target_5XX_Count'), label: '5xx', colour: COLOURS.serverError },
      {
        metric: source.loadBalancer(region, compute, 'HTTPCode_ELB_5XX_Count', 'Sum'),
        label: '5xx by the load balancer',
        colour: COLOURS.blocked,
      },
    ],
  });
}

/** Response time of the tasks against the target. */
export function responseTime(
  region: string,
  compute: FargateReferences,
  objectives: Objectives,
): Widget {
  return graph({
    title: 'Response time of tasks, ms',
    region,
    unit: 'ms',
    lines: ['Average', 'p50', 'p90', 'p99'].flatMap((stat) =>
      inMs(stat.toLowerCase(), source.answered(region, compute, 'TargetResponseTime', stat), stat),
    ),
    thresholds: [{ label: 'target', value: objectives.latencyMs }],
  });
}

/** CPU and memory of tasks. */
export function saturation(region: string, compute: FargateReferences): Widget {
  const used = (name: string, stat: string) => source.ecs(region, compute, name, stat);
  return graph({
    title: 'CPU and memory of tasks, %',
    region,
    unit: '%',
    max: 100,
    lines: [
      { metric: used('CPUUtilization', 'Average'), label: 'CPU' },
      { metric: used('CPUUtilization', 'Maximum'), label: 'CPU, highest' },
      { metric: used('MemoryUtilization', 'Maximum'), label: 'memory, highest' },
    ],
    thresholds: [{ label: 'cpu, memory', value: SATURATED_PERCENT }],
  });
}

/** Healthy and unhealthy tasks. */
export function health(region: string, compute: FargateReferences): Widget {
  const tasks = (id: string, name: string, stat: string) =>
    summed(id, source.eachGroup(region, compute, name, stat), id);
  return graph({
    title: 'Healthy tasks',
    region,
    lines: [
      ...tasks('healthy', 'HealthyHostCount', 'Minimum'),
      ...tasks('unhealthy', 'UnHealthyHostCount', 'Maximum'),
    ],
    thresholds: [
      { label: 'too-few-tasks', value: compute.minTasks },
      { label: 'deploy-unhealthy', value: 0 },
    ],
  });
}

/** What a deployment is judged by, against what it is rolled back for. */
export function deploymentGraphs(
  region: string,
  compute: FargateReferences,
  objectives: Objectives,
): Widget[] {
  const isJudgedAgainstOld = compute.alternateTargetGroup !== undefined;
  return deploymentAlarmSpecs(region, compute, objectives, { isJudgedAgainstOld })
    .filter(({ id }) => id !== 'deploy-unhealthy')
    .map(({ id, lines, threshold }) =>
      graph({
        title: id === 'deploy-slow' ? 'Deployment: late requests, %' : 'Deployment: 5xx, %',
        region,
        unit: '%',
        lines,
        thresholds: [{ label: id, value: threshold }],
      }),
    );
}

/** Alarms of the tasks. */
export function fargateAlarms<T>(region: string, compute: FargateReferences<T>): AlarmSpec<T>[] {
  const base = {
    area: 'saturation' as const,
    region,
    comparison: 'above' as const,
    periodSeconds: 60,
  };
  return [
    {
      ...base,
      id: 'too-few-tasks',
      title: 'Fewer healthy tasks than the least that autoscaling keeps.',
      reason: 'Tasks die or do not become healthy faster than ECS replaces them.',
      runbook: {
        means: 'Fewer tasks carry the traffic; with one left, the next one that dies is an outage.',
        look: [
          '`npm run status -- STACK`: events of the service, and why tasks stopped.',
          '`npm run logs -- STACK`: the last lines of a task that died.',
          'Service, "CPU and memory of tasks": killed for memory?',
        ],
        remedy: [
          'After a deployment: `npm run rollback -- STACK`.',
          'Out of memory: raise `gatehouse:memory`.',
          'No capacity, or an image that can not be pulled: the event says so; ECS tries on by itself.',
        ],
      },
      lines: summed(
        'value',
        source.eachGroup(region, compute, 'HealthyHostCount', 'Minimum'),
        'healthy tasks',
      ),
      comparison: 'below',
      threshold: compute.minTasks,
      dataPoints: { breaching: 5, of: 5 },
    },
    {
      ...base,
      id: 'cpu',
      title: 'Tasks have little CPU left.',
      reason:
        'Response time rises steeply above; scaling should have come first, so its maximum is too low.',
      runbook: {
        means: 'Requests queue for CPU: slow now, failing soon.',
        look: [
          'Scaling, "Response time and tasks": at the maximum?',
          'Overview, "Requests by API key": one caller, or all of them.',
        ],
        remedy: [
          'At the maximum: raise `gatehouse:maxTasks`, or lower `gatehouse:requestsPerSecondPerKey` for one caller.',
          'Below it: the capacity of a task is set too high: docs/scaling.md says how to measure it.',
        ],
      },
      lines: [line(source.ecs(region, compute, 'CPUUtilization', 'Average'), 'CPU %')],
      threshold: SATURATED_PERCENT,
      dataPoints: { breaching: 10, of: 10 },
    },
    {
      ...base,
      id: 'memory',
      title: 'Tasks have little memory left.',
      reason: 'What comes next is a task killed for it; memory does not fall with more tasks.',
      runbook: {
        means: 'A task is about to be killed, with the requests that it has.',
        look: [
          'Service, "CPU and memory of tasks" over days: a slope is a leak, a step a release.',
          'Traffic of large bodies or exports at the time.',
        ],
        remedy: ['Raise `gatehouse:memory`; after a release `npm run rollback -- STACK`.'],
      },
      lines: [line(source.ecs(region, compute, 'MemoryUtilization', 'Maximum'), 'memory %')],
      threshold: SATURATED_PERCENT,
      dataPoints: { breaching: 5, of: 5 },
    },
  ];
}

/**
 * What ECS rolls a deployment back for.
 * @param how.isJudgedAgainstOld whether a new revision has a share of the requests for a while.
 */
export function deploymentAlarmSpecs<T>(
  region: string,
  target: Balanced<T>,
  objectives: Objectives,
  how: { isJudgedAgainstOld: boolean },
): AlarmSpec<T>[] {
  const deployment = {
    region,
    comparison: 'above' as const,
    periodSeconds: 60,
    dataPoints: { breaching: 2, of: 3 },
  };
  const rolledBack = {
    look: [
      '`npm run status -- STACK`: which revision runs, and why the new one was given up.',
      '`npm run logs -- STACK`: errors of the new tasks.',
    ],
    remedy: [
      'ECS goes back to the last good revision by itself; correct the new one and deploy it again.',
    ],
  };
  const fast = Math.max(...BURN_RATES.map((burn) => burn.rate));
  const slowerThanOld: AlarmSpec<T> = {
    ...deployment,
    id: 'deploy-slow',
    area: 'latency',
    title: 'A new revision is slower than the old one: its deployment is rolled back.',
    reason:
      'The fast burn rate of the latency objective, in late requests of the new revision beyond those of the old: a slow dependency slows both.',
    runbook: {
      means: 'Callers whom the new revision answers wait longer than the others.',
      ...rolledBack,
    },
    lines: lateLines(region, target, objectives.latencyMs),
    threshold: burnThresholdPercent({ objectivePercent: objectives.latencyPercent }, fast),
  };
  return [
    {
      ...deployment,
      id: 'deploy-errors',
      area: 'errors',
      title: 'Too many answers 5xx: a deployment in progress is rolled back.',
      reason: 'The fast burn rate of the availability objective, within minutes and not an hour.',
      runbook: { means: 'Callers get 5xx; during a deployment, of the new tasks.', ...rolledBack },
      lines: errorLines(region, target),
      threshold: burnThresholdPercent({ objectivePercent: objectives.availabilityPercent }, fast),
    },
    {
      ...deployment,
      id: 'deploy-unhealthy',
      area: 'saturation',
      title: 'Tasks are unhealthy: a deployment in progress is rolled back.',
      reason: 'A new task may fail a check or two while it starts, not for three minutes.',
      runbook: { means: 'A task does not answer its health check.', ...rolledBack },
      lines: summed(
        'value',
        source.eachGroup(region, target, 'UnHealthyHostCount', 'Minimum'),
        'unhealthy tasks',
      ),
      threshold: 0,
      dataPoints: { breaching: 3, of: 3 },
    },
    ...(how.isJudgedAgainstOld ? [slowerThanOld] : []),
  ];
}
