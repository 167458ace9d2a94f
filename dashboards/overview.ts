// The overview: is it up, is it fast, where does the time go, what does it cost.
import { GLOBAL_REGION } from '../contracts/aws-limits';
import { EDGE_METRICS, type MetricContract, SERVICE_METRICS } from '../contracts/metrics';
import { hidden, inMs, type Line, type Metric } from './metric';
import { pricesOf, taskHour } from '../contracts/prices';
import { allTables } from './references';
import type { FargateReferences, Objectives, StackReferences } from './references';
import { BURN_RATES, errorBudgetPercent, type Slo, slos } from './slo';
import * as source from './sources';
import { alarmStates, dashboardBody, graph, text, type Widget } from './widgets';

/** What the overview shows besides the stack's metrics. */
export interface OverviewOptions {
  readonly objectives: Objectives;
  /** ARNs of the alarms that call somebody. */
  readonly alarmArns: readonly string[];
}

/** Body of the overview dashboard, as CloudWatch reads it. */
export function overviewDashboard(refs: StackReferences, options: OverviewOptions): string {
  return dashboardBody([
    [text(`# ${refs.stack}\nObjectives first, then traffic, then where the time goes.`)],
    ...(options.alarmArns.length === 0 ? [] : [[alarmStates('Alarms', options.alarmArns)]]),
    slos(refs, options.objectives).map(burnGraph),
    [traffic(refs), errors(refs), latency(refs, options.objectives)],
    [latencyBudget(refs, options.objectives)],
    [cost(refs)],
  ]);
}

/** How many times faster than allowed the budget of an objective is spent. */
function burnGraph(slo: Slo): Widget {
  return graph({
    title: slo.title,
    region: slo.region,
    periodSeconds: 300,
    unit: 'burn rate',
    lines: [
      ...slo.lines,
      {
        id: `${slo.id}_rate`,
        expression: `${slo.id}_bad / ${errorBudgetPercent(slo)}`,
        label: 'burn rate (1 spends the budget in 30 days)',
      },
    ],
    thresholds: BURN_RATES.map((burn) => ({ label: `${burn.id} burn`, value: burn.rate })),
  });
}

function traffic(refs: StackReferences): Widget {
  return graph({
    title: 'Requests a minute',
    region: GLOBAL_REGION,
    lines: [
      { metric: source.cloudFront(refs, 'Requests', 'Sum'), label: 'at CloudFront' },
      { metric: source.waf(refs, 'BlockedRequests', 'ALL'), label: 'blocked by WAF' },
      {
        metric:
          refs.compute.kind === 'fargate'
            ? source.targetGroup(refs.region, refs.compute, 'RequestCount', 'Sum')
            : source.api(refs.region, refs.compute, 'Count', 'Sum'),
        label: 'at the service',
      },
    ],
  });
}

function errors(refs: StackReferences): Widget {
  return graph({
    title: 'Errors, % of requests',
    region: GLOBAL_REGION,
    unit: '%',
    lines: [
      { metric: source.cloudFront(refs, '4xxErrorRate', 'Average'), label: '4xx' },
      { metric: source.cloudFront(refs, '5xxErrorRate', 'Average'), label: '5xx' },
    ],
  });
}

function latency(refs: StackReferences, objectives: Objectives): Widget {
  return graph({
    title: 'Answer of the origin as CloudFront sees it, ms',
    region: GLOBAL_REGION,
    unit: 'ms',
    lines: ['p50', 'p90', 'p99'].map((stat) => ({
      metric: source.cloudFront(refs, 'OriginLatency', stat),
      label: stat,
    })),
    thresholds: [{ label: 'target', value: objectives.latencyMs }],
  });
}

/** Each line contains those below it, but for the edge check, which comes before all of them. */
function latencyBudget(refs: StackReferences, objectives: Objectives): Widget {
  const seconds = refs.compute.kind === 'fargate' ? fargateTimes(refs, refs.compute) : [];
  return graph({
    title: 'Latency budget: where the time goes, ms',
    region: refs.region,
    unit: 'ms',
    lines: [
      {
        metric: source.cloudFront(refs, 'OriginLatency', 'p50'),
        label: 'CloudFront to origin, median',
      },
      ...refs.edgeRegions.map((region) => ({
        metric: source.edge(refs, EDGE_METRICS.lookupTime, 'p50', region),
        label: `key look-up, median, ${region}`,
      })),
      ...(refs.compute.kind === 'lambda'
        ? [
            {
              metric: source.api(refs.region, refs.compute, 'Latency', 'p50'),
              label: 'API Gateway, median',
            },
          ]
        : []),
      ...seconds.flatMap(([id, metric, label]) => inMs(id, metric, label)),
    ],
    thresholds: [{ label: 'target', value: objectives.latencyMs }],
  });
}

/**
 * What is measured in seconds: id, metric and label. The collector's metrics have no median, and a
 * function has no collector.
 */
function fargateTimes(
  refs: StackReferences,
  compute: FargateReferences,
): [string, Metric, string][] {
  const service = (contract: MetricContract) => source.service(refs, contract, 'Average');
  const kms: [string, Metric, string] = [
    'kms',
    service(SERVICE_METRICS.kmsDuration),
    'a call to KMS, average',
  ];
  return [
    [
      'balancer',
      source.targetGroup(refs.region, compute, 'TargetResponseTime', 'p50'),
      'load balancer to task, median',
    ],
    ['service', service(SERVICE_METRICS.requestDuration), 'in the service, average'],
    ['dynamodb', service(SERVICE_METRICS.databaseDuration), 'a call to DynamoDB, average'],
    ...(Object.keys(refs.keys).length === 0 ? [] : [kms]),
  ];
}

/** Dollars an hour for what grows with traffic, at list price. */
function cost(refs: StackReferences): Widget {
  const tables = Object.entries(allTables(refs));
  const units = (name: string, unit: string): Line[] =>
    tables.map(([table, physical], index) =>
      hidden(`${unit}_${index}`, source.table(refs.region, physical, name, 'Sum'), table),
    );
  const keys = Object.entries(refs.keys);
  const sum = (unit: string, { length }: readonly unknown[]): string =>
    Array.from({ length }, (_, index) => `FILL(${unit}_${index}, 0)`).join(' + ');
  const prices = pricesOf(refs.region);
  const edgeRequest = prices.cloudFrontRequest + prices.wafRequest + prices.edgeRequest;
  return graph({
    title: 'Cost by use, USD an hour (list price; NAT, load balancer, keys and logs not included)',
    region: refs.region,
    periodSeconds: 3600,
    stacked: true,
    unit: 'USD',
    lines: [
      hidden('requests', source.cloudFront(refs, 'Requests', 'Sum'), 'requests'),
      {
        id: 'edge_usd',
        expression: `requests * ${edgeRequest.toFixed(9)}`,
        label: 'CloudFront, WAF, edge check',
      },
      ...computeCost(refs),
      ...units('ConsumedReadCapacityUnits', 'reads'),
      ...units('ConsumedWriteCapacityUnits', 'writes'),
      {
        id: 'dynamodb_usd',
        expression:
          `(${sum('reads', tables)}) * ${prices.dynamoDbRead.toFixed(9)} + ` +
          `(${sum('writes', tables)}) * ${prices.dynamoDbWrite.toFixed(9)}`,
        label: 'DynamoDB',
      },
      ...keys.map(([key, arn], index) =>
        hidden(`encrypts_${index}`, source.kms(refs.region, arn, 'Encrypt'), key),
      ),
      ...(keys.length === 0
        ? []
        : [
            {
              id: 'kms_usd',
              expression: `(${sum('encrypts', keys)}) * ${prices.kmsRequest.toFixed(9)}`,
              label: 'KMS (encryptions)',
            },
          ]),
    ],
  });
}

function computeCost(refs: StackReferences): Line[] {
  const { compute, region } = refs;
  const prices = pricesOf(region);
  if (compute.kind === 'fargate') {
    return [
      hidden('tasks', source.runningTasks(region, compute), 'tasks'),
      {
        id: 'tasks_usd',
        expression: `tasks * ${taskHour(prices, compute.cpu, compute.memory)}`,
        label: 'Fargate tasks',
      },
    ];
  }
  const gigabytes = compute.memory / 1024;
  return [
    hidden('calls', source.lambda(region, compute, 'Invocations', 'Sum'), 'invocations'),
    hidden('busy_ms', source.lambda(region, compute, 'Duration', 'Sum'), 'duration'),
    {
      id: 'function_usd',
      expression:
        `calls * ${(prices.lambdaRequest + prices.apiRequest).toFixed(9)} + ` +
        `busy_ms / 1000 * ${(gigabytes * prices.lambdaGbSecond).toFixed(9)}`,
      label: 'Lambda and API Gateway',
    },
  ];
}
