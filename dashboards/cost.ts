// The subject of cost: what grows with traffic, at list prices of the stack's region.
import { GLOBAL_REGION } from '../contracts/aws-limits';
import { pricesOf, taskHour } from '../contracts/prices';
import { hidden, summed, type Line, type Metric } from './metric';
import { allTables, type StackReferences } from './references';
import * as source from './sources';
import { graph, type Widget } from './widgets';

/** Dollars an hour for what grows with traffic, at list price. */
export function cost(refs: StackReferences): Widget {
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
    title: `Cost by use, USD an hour, 7 days (list prices of ${prices.region}; standing cost not included)`,
    start: '-P7D',
    height: 5,
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
      ...observabilityCost(refs),
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

/** Logs of the service and of the edge by what they take in, and traces by what is sampled. */
function observabilityCost(refs: StackReferences): Line[] {
  const { logGb, trace } = pricesOf(refs.region);
  const group = (name: string, region: string): Metric => ({
    namespace: 'AWS/Logs',
    name: 'IncomingBytes',
    dimensions: { LogGroupName: name },
    stat: 'Sum',
    region,
  });
  const edgeGroup = `/aws/lambda/${GLOBAL_REGION}.${refs.edgeFunctionName}`;
  return [
    ...summed(
      'log_bytes',
      [
        group(refs.serviceLogGroup, refs.region),
        ...refs.edgeRegions.map((region) => group(edgeGroup, region)),
      ],
      'log bytes',
      { hidden: true },
    ),
    { id: 'logs_usd', expression: `log_bytes / 1000000000 * ${logGb}`, label: 'logs' },
    {
      id: 'traces_usd',
      expression: `requests * ${(refs.traceSampling * trace).toFixed(9)}`,
      label: `X-Ray, ${100 * refs.traceSampling} % of requests`,
    },
  ];
}
