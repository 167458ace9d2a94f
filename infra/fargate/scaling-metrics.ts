// What the number of tasks is held by, as metric math: load, CPU, and a brake on response time.
import type * as aws from '@pulumi/aws';
import type * as pulumi from '@pulumi/pulumi';

/** Which metric says how many tasks there are. */
export type TaskCountMetric = 'desired' | 'healthy';

/** What {@link trackedLines} needs. */
export interface ScalingMetricsArgs {
  clusterName: pulumi.Input<string>;
  serviceName: pulumi.Input<string>;
  /** `arnSuffix` of the load balancer. */
  loadBalancer: pulumi.Input<string>;
  /**
   * `arnSuffix` of the target group; absent where two revisions take turns in two of them, and what
   * the load balancer counts is counted over both.
   */
  targetGroup?: pulumi.Input<string>;
  /** Response time to hold, in milliseconds. */
  targetMs: number;
  /** Statistic of the response time that is held (`Average`, `p95`). */
  statistic: string;
  /** Requests a minute that one task alone holds at the target; docs/scaling.md says how to measure it. */
  requestsPerTaskPerMinute: number;
  /** `desired` needs Container Insights and reacts before new tasks are healthy. */
  taskCount: TaskCountMetric;
}

type Line =
  aws.types.input.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecificationMetric;
type Source =
  aws.types.input.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecificationMetricMetricStatMetric;

/** Every line is a share of what is there, so that 1 is just enough. */
export const TRACKED_TARGET = 1;

/**
 * Part of its measured capacity that a task is planned with; the rest meets the minutes until more
 * tasks run. Chosen, like all constants here, by `npm run simulate`: docs/scaling.md has the table.
 */
export const PLANNED_SHARE = 0.68;
/**
 * A balanced fleet holds more a task than one alone, where requests come in bunches: up to 40 %
 * more, half of that with six tasks.
 */
export const POOLING = { gain: 0.4, halfAt: 6 };
/** CPU in percent up to which tasks are planned; guards against a capacity that is no longer true. */
const CPU_PERCENT = 65;
/** Fewer requests a minute than this say nothing about response time: one slow one would count. */
const FEWEST_REQUESTS_A_MINUTE = 60;

/**
 * The brake: response time is not proportional to the number of tasks, so it may not choose one.
 * It pushes (a quarter more), holds, or lets at most a third go.
 */
const BRAKE = {
  push: 1.25,
  hold: 0.95,
  release: 0.66,
  /** Above this share of the target tasks are held. */
  holdAbove: 0.8,
  /** Below this use more tasks would not help: it is the dependency that is slow. */
  pushAboveUse: 0.6,
  /** Below this use response time does not matter at all. */
  ignoreBelowUse: 0.2,
};

/** The lines of the three policies; the last of each is held at {@link TRACKED_TARGET}. */
export function trackedLines(args: ScalingMetricsArgs): Record<'load' | 'cpu' | 'brake', Line[]> {
  const metrics = metricLines(args);
  const { load, alone } = loadLines(args);
  const work = line(
    'work',
    `cpu * healthy / (tasks * (cpu >= 0) * ${CPU_PERCENT})`,
    'CPU of the healthy tasks, over what is planned for all',
  );
  const { requests, tasks, healthy, cpu, latency } = metrics;
  return {
    load: returning([requests, tasks, alone, load]),
    cpu: returning([cpu, healthy, tasks, work]),
    brake: returning([
      ...[requests, tasks, cpu, healthy, latency, alone, load],
      { ...work, expression: `cpu * healthy / (tasks * ${CPU_PERCENT})` },
      line('busy', 'IF(load > work, load, work)', 'The larger of load and work'),
      line('brake', brake(args.targetMs / 1000), 'Response time: above 1 is too slow'),
    ]),
  };
}

/**
 * Load is a number of tasks over the number that is there. Both it and `work` divide by what is
 * *wanted*, so that tasks that are still starting are not ordered a second time.
 *
 * A missing operand counts as 0 in metric math. Were the number of tasks published before the
 * requests of the same minute, the newest load would always be 0, and three in a row above the
 * target never come: the trap of FILL once more. `(requests >= 0)` is missing as long as they are,
 * and a division by what is missing drops the point.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */
function loadLines({ requestsPerTaskPerMinute }: ScalingMetricsArgs) {
  const { gain, halfAt } = POOLING;
  const alone = line(
    'alone',
    `requests / ${requestsPerTaskPerMinute}`,
    'Tasks that would be needed if each stood alone',
  );
  const pooled = `alone * (alone + ${halfAt}) / (${1 + gain} * alone + ${halfAt})`;
  const load = line(
    'load',
    `${pooled} / (${PLANNED_SHARE} * tasks * (requests >= 0))`,
    'Tasks that the requests need, over the tasks that there are',
  );
  return { alone, load };
}

/** No point before the load is known, and before CPU is where the load alone would not decide. */
function brake(targetSeconds: number): string {
  const { push, hold, release, holdAbove, pushAboveUse, ignoreBelowUse } = BRAKE;
  const enough = `requests >= ${FEWEST_REQUESTS_A_MINUTE}`;
  const slower = (seconds: number) => `latency > ${Number(seconds.toPrecision(6))}`;
  const pushes = `${enough} AND ${slower(targetSeconds)} AND busy > ${pushAboveUse}`;
  const holds = `${enough} AND ${slower(holdAbove * targetSeconds)}`;
  const known = `(load >= 0) * ((cpu >= 0) + (load > ${pushAboveUse}) > 0)`;
  return `IF(busy <= ${ignoreBelowUse}, 0, IF(${pushes}, ${push}, IF(${holds}, ${hold}, ${release}))) / (${known})`;
}

function metricLines(args: ScalingMetricsArgs) {
  const balancer = [
    { name: 'LoadBalancer', value: args.loadBalancer },
    ...(args.targetGroup === undefined ? [] : [{ name: 'TargetGroup', value: args.targetGroup }]),
  ];
  const service = [
    { name: 'ClusterName', value: args.clusterName },
    { name: 'ServiceName', value: args.serviceName },
  ];
  const alb = (id: string, metricName: string, stat: string) =>
    metric(id, { namespace: 'AWS/ApplicationELB', metricName, dimensions: balancer }, stat);
  const ecs = (id: string, namespace: string, metricName: string) =>
    metric(id, { namespace, metricName, dimensions: service }, 'Average');
  return {
    requests: alb('requests', 'RequestCount', 'Sum'),
    latency: alb('latency', 'TargetResponseTime', args.statistic),
    // A count of healthy tasks is one target group's; of two, ECS knows how many tasks use the CPU.
    healthy:
      args.targetGroup === undefined
        ? ecs('healthy', 'ECS/ContainerInsights', 'RunningTaskCount')
        : alb('healthy', 'HealthyHostCount', 'Average'),
    // ECS has this every 20 seconds since June 2026 (ECSServiceAverageCPUUtilizationHighResolution,
    // by the service's monitoring configuration), which would save a minute of reaction; neither
    // @pulumi/aws 7.48 nor a policy in metric math, whose period is one minute, can use it yet.
    cpu: ecs('cpu', 'AWS/ECS', 'CPUUtilization'),
    tasks:
      args.taskCount === 'desired'
        ? ecs('tasks', 'ECS/ContainerInsights', 'DesiredTaskCount')
        : alb('tasks', 'HealthyHostCount', 'Average'),
  };
}

function metric(id: string, source: Source, stat: string): Line {
  return { id, metricStat: { metric: source, stat } };
}

function line(id: string, expression: string, label: string): Line {
  return { id, expression, label };
}

/** Only the last line is returned; AWS takes exactly one. */
function returning(lines: Line[]): Line[] {
  return lines.map((one, index) => ({ ...one, returnData: index === lines.length - 1 }));
}
