// The service dashboard: traffic, errors, latency and saturation of what answers, and of what it calls.
import { type MetricContract, SERVICE_METRICS } from '../contracts/metrics';
import { inMs } from './metric';
import { allTables } from './references';
import type {
  FargateReferences,
  LambdaReferences,
  Objectives,
  StackReferences,
} from './references';
import * as source from './sources';
import { dashboardBody, graph, logTable, text, type Widget } from './widgets';

/** Operations of DynamoDB that the service uses. */
const OPERATIONS = ['GetItem', 'Query', 'UpdateItem', 'DeleteItem', 'TransactWriteItems', 'Scan'];

/** Body of the service dashboard, as CloudWatch reads it. */
export function serviceDashboard(refs: StackReferences, objectives: Objectives): string {
  const { compute } = refs;
  return dashboardBody([
    [text(`# ${refs.stack}: the service`, 1)],
    ...(compute.kind === 'fargate'
      ? fargateRows(refs.region, compute, objectives)
      : lambdaRows(refs.region, compute, objectives)),
    ...(compute.kind === 'fargate' ? serviceRows(refs) : []),
    ...Object.entries(refs.tables).map(([name, table]) => [
      operations(refs.region, name, table),
      capacity(refs.region, name, table),
    ]),
    [throttles(refs)],
    ...(Object.keys(refs.keys).length === 0 ? [] : [[encryptions(refs)]]),
    [
      logTable(
        'Errors of the service',
        refs.region,
        [refs.serviceLogGroup],
        [
          'fields @timestamp, level, message, traceId, @logStream',
          'filter level in ["error", "warn"]',
          'sort @timestamp desc',
          'limit 50',
        ],
      ),
    ],
  ]);
}

function fargateRows(
  region: string,
  compute: FargateReferences,
  objectives: Objectives,
): Widget[][] {
  const target = (name: string, stat: string) => source.targetGroup(region, compute, name, stat);
  const answers = graph({
    title: 'Answers by status',
    region,
    stacked: true,
    lines: [
      { metric: target('HTTPCode_Target_2XX_Count', 'Sum'), label: '2xx' },
      { metric: target('HTTPCode_Target_4XX_Count', 'Sum'), label: '4xx' },
      { metric: target('HTTPCode_Target_5XX_Count', 'Sum'), label: '5xx' },
      {
        metric: source.loadBalancer(region, compute, 'HTTPCode_ELB_5XX_Count', 'Sum'),
        label: '5xx by the load balancer',
      },
    ],
  });
  const stats = ['Average', 'p50', 'p90', 'p99'];
  const time = graph({
    title: 'Response time, ms',
    region,
    unit: 'ms',
    lines: stats.flatMap((stat) =>
      inMs(stat.toLowerCase(), target('TargetResponseTime', stat), stat),
    ),
    thresholds: [{ label: 'target', value: objectives.latencyMs }],
  });
  const load = graph({
    title: 'CPU and memory, %',
    region,
    unit: '%',
    max: 100,
    lines: [
      { metric: source.ecs(region, compute, 'CPUUtilization', 'Average'), label: 'CPU' },
      { metric: source.ecs(region, compute, 'CPUUtilization', 'Maximum'), label: 'CPU, highest' },
      {
        metric: source.ecs(region, compute, 'MemoryUtilization', 'Maximum'),
        label: 'memory, highest',
      },
    ],
  });
  const health = graph({
    title: 'Tasks',
    region,
    lines: [
      { metric: target('HealthyHostCount', 'Minimum'), label: 'healthy' },
      { metric: target('UnHealthyHostCount', 'Maximum'), label: 'unhealthy' },
    ],
    thresholds: [{ label: 'fewest', value: compute.minTasks }],
  });
  return [
    [answers, time],
    [load, health],
  ];
}

function lambdaRows(region: string, compute: LambdaReferences, objectives: Objectives): Widget[][] {
  const answers = graph({
    title: 'Answers of the API',
    region,
    lines: [
      { metric: source.api(region, compute, 'Count', 'Sum'), label: 'requests' },
      { metric: source.api(region, compute, '4xx', 'Sum'), label: '4xx' },
      { metric: source.api(region, compute, '5xx', 'Sum'), label: '5xx' },
    ],
  });
  const time = graph({
    title: 'Response time, ms',
    region,
    unit: 'ms',
    lines: [
      ...['p50', 'p90', 'p99'].map((stat) => ({
        metric: source.api(region, compute, 'Latency', stat),
        label: `API, ${stat}`,
      })),
      { metric: source.lambda(region, compute, 'Duration', 'p99'), label: 'function, p99' },
    ],
    thresholds: [{ label: 'target', value: objectives.latencyMs }],
  });
  const failures = graph({
    title: 'Failures of the function',
    region,
    lines: [
      { metric: source.lambda(region, compute, 'Errors', 'Sum'), label: 'errors' },
      { metric: source.lambda(region, compute, 'Throttles', 'Sum'), label: 'throttles' },
    ],
  });
  return [[answers, time, failures]];
}

/** What the service measures itself; a function has no collector to send it by. */
function serviceRows(refs: StackReferences): Widget[][] {
  return [
    [routes(refs, 'SampleCount', 'Requests by route'), routes(refs, 'Average', 'Seconds by route')],
    [calls(refs)],
  ];
}

/** One line a route, method and status: whatever routes there are. */
function routes(refs: StackReferences, stat: string, title: string): Widget {
  return graph({
    title,
    region: refs.region,
    lines: [{ expression: search(SERVICE_METRICS.routeDuration, refs.stack, stat), label: '' }],
  });
}

/** A SEARCH for every metric of a contract that this stack emits. */
export function search(contract: MetricContract, stack: string, stat: string, period = 60): string {
  const schema = [contract.namespace, ...contract.dimensions].map((name) => `"${name}"`).join(',');
  return `SEARCH('{${schema}} MetricName="${contract.name}" Stack="${stack}"', '${stat}', ${period})`;
}

function operations(region: string, name: string, table: string): Widget {
  return graph({
    title: `DynamoDB: table ${name} by operation, ms`,
    region,
    unit: 'ms',
    lines: OPERATIONS.map((Operation) => ({
      metric: source.table(region, table, 'SuccessfulRequestLatency', 'Average', { Operation }),
      label: Operation,
    })),
  });
}

function capacity(region: string, name: string, table: string): Widget {
  const line = (kind: 'Read' | 'Write') => ({
    metric: source.table(region, table, `Consumed${kind}CapacityUnits`, 'Sum'),
    label: `${kind.toLowerCase()} units a minute`,
  });
  return graph({
    title: `DynamoDB: table ${name}, consumed`,
    region,
    lines: [line('Read'), line('Write')],
  });
}

function throttles(refs: StackReferences): Widget {
  return graph({
    title: 'DynamoDB: throttled',
    region: refs.region,
    lines: Object.entries(allTables(refs)).flatMap(([name, table]) =>
      ['Read', 'Write'].map((kind) => ({
        metric: source.table(refs.region, table, `${kind}ThrottleEvents`, 'Sum'),
        label: `${name}, ${kind.toLowerCase()}s`,
      })),
    ),
  });
}

function calls(refs: StackReferences): Widget {
  return graph({
    title: 'Calls to AWS as the service sees them, ms',
    region: refs.region,
    unit: 'ms',
    lines: [
      ...inMs(
        'dynamodb',
        source.service(refs, SERVICE_METRICS.databaseDuration, 'Average'),
        'DynamoDB',
      ),
      ...(Object.keys(refs.keys).length === 0
        ? []
        : inMs('kms', source.service(refs, SERVICE_METRICS.kmsDuration, 'Average'), 'KMS')),
    ],
  });
}

function encryptions(refs: StackReferences): Widget {
  return graph({
    title: 'KMS: encryptions',
    region: refs.region,
    lines: Object.entries(refs.keys).map(([name, arn]) => ({
      metric: source.kms(refs.region, arn, 'Encrypt'),
      label: name,
    })),
  });
}
