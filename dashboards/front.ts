// The subject of CloudFront: what callers see, and who answered what failed.
import { GLOBAL_REGION } from '../contracts/aws-limits';
import { EDGE_METRICS, SERVICE_METRICS } from '../contracts/metrics';
import { KEYS_REFUSED_PERCENT, KEYS_UNREACHABLE_PERCENT } from './edge';
import { hidden, inMs, type Line } from './metric';
import type { FargateReferences, Objectives, StackReferences } from './references';
import * as source from './sources';
import { COLOURS, graph, type Widget } from './widgets';

/** Statuses that CloudFront has a rate for, of those that edge check, WAF and service answer. */
const STATUSES = ['401', '403', '404', '502', '503', '504'];

/** Requests by outcome: served, 4xx, 5xx, blocked. CloudFront gives rates, so they are multiplied out. */
export function requestsByOutcome(refs: StackReferences): Widget {
  const rate = (id: string, name: string) =>
    hidden(id, source.cloudFront(refs, name, 'Average'), name);
  return graph({
    title: 'Requests a minute, by outcome',
    region: GLOBAL_REGION,
    stacked: true,
    lines: [
      hidden('requests', source.cloudFront(refs, 'Requests', 'Sum'), 'requests'),
      rate('client_errors', '4xxErrorRate'),
      rate('server_errors', '5xxErrorRate'),
      {
        id: 'served',
        expression: 'requests * (100 - client_errors - server_errors) / 100',
        label: 'served',
        colour: COLOURS.served,
      },
      {
        id: 'refused',
        expression: 'requests * client_errors / 100',
        label: '4xx, denied and blocked among them',
        colour: COLOURS.clientError,
      },
      {
        id: 'failed',
        expression: 'requests * server_errors / 100',
        label: '5xx',
        colour: COLOURS.serverError,
      },
    ],
  });
}

/** Failures by who answered: edge, CloudFront, load balancer, task. */
export function failuresByWho(refs: StackReferences): Widget {
  const { compute, region } = refs;
  const service: Line[] =
    compute.kind === 'fargate'
      ? [
          {
            metric: source.loadBalancer(region, compute, 'HTTPCode_ELB_5XX_Count', 'Sum'),
            label: 'load balancer',
            colour: COLOURS.blocked,
          },
          {
            metric: source.answered(region, compute, 'HTTPCode_Target_5XX_Count', 'Sum'),
            label: 'task',
            colour: COLOURS.serverError,
          },
        ]
      : [
          {
            metric: source.api(region, compute, '5xx', 'Sum'),
            label: 'API and function',
            colour: COLOURS.serverError,
          },
        ];
  return graph({
    title: '5xx a minute, by who answered',
    region: GLOBAL_REGION,
    stacked: true,
    lines: [
      {
        metric: source.cloudFront(refs, 'LambdaExecutionError', 'Sum'),
        label: 'edge function',
        colour: COLOURS.denied,
      },
      hidden('requests', source.cloudFront(refs, 'Requests', 'Sum'), 'requests'),
      hidden('gateway_rate', source.cloudFront(refs, '504ErrorRate', 'Average'), '504 %'),
      {
        id: 'gateway',
        expression: 'requests * gateway_rate / 100',
        label: 'CloudFront, origin too slow (504)',
        colour: COLOURS.clientError,
      },
      ...service,
    ],
  });
}

/** What callers wait for the origin, against the target. */
export function originLatency(refs: StackReferences, objectives: Objectives): Widget {
  return graph({
    title: 'Origin latency at CloudFront, ms',
    region: GLOBAL_REGION,
    unit: 'ms',
    lines: ['p50', 'p90', 'p99'].map((stat) => ({
      metric: source.cloudFront(refs, 'OriginLatency', stat),
      label: stat,
    })),
    thresholds: [{ label: 'target', value: objectives.latencyMs }],
  });
}

/**
 * Where the median of a request goes, as parts on top of each other: each part is what its measure
 * has more than the one inside it.
 */
export function latencyBudget(refs: StackReferences, objectives: Objectives): Widget {
  return graph({
    title: 'Latency budget: parts of the median request, ms',
    region: refs.region,
    unit: 'ms',
    stacked: true,
    lines: [
      ...(refs.compute.kind === 'fargate' ? fargateParts(refs, refs.compute) : lambdaParts(refs)),
      {
        id: 'lookup',
        metric: source.edge(refs, EDGE_METRICS.lookupTime, 'p50', refs.region),
        label: `edge: look-up of a key not cached, ${refs.region}`,
      },
    ],
    thresholds: [{ label: 'target', value: objectives.latencyMs }],
  });
}

function fargateParts(refs: StackReferences, compute: FargateReferences): Line[] {
  const seconds = (id: string, metric: ReturnType<typeof source.service>) => hidden(id, metric, id);
  const target = source.answered(refs.region, compute, 'TargetResponseTime', 'p50');
  return [
    seconds('task', target),
    seconds('inside', source.service(refs, SERVICE_METRICS.requestDuration, 'p50')),
    hidden('origin', source.cloudFront(refs, 'OriginLatency', 'p50'), 'origin'),
    ...inMs('dynamodb', source.service(refs, SERVICE_METRICS.databaseDuration, 'p50'), 'DynamoDB'),
    {
      id: 'own',
      expression: 'IF(inside > dynamodb_s, 1000 * (inside - dynamodb_s), 0)',
      label: "service's own",
    },
    {
      id: 'balancer',
      expression: 'IF(task > inside, 1000 * (task - inside), 0)',
      label: 'load balancer and queue',
    },
    {
      id: 'cloudfront',
      expression: 'IF(origin > 1000 * task, origin - 1000 * task, 0)',
      label: 'CloudFront to origin',
    },
  ];
}

function lambdaParts(refs: StackReferences): Line[] {
  if (refs.compute.kind !== 'lambda') return [];
  const { compute, region } = refs;
  return [
    hidden('api', source.api(region, compute, 'Latency', 'p50'), 'API'),
    hidden('origin', source.cloudFront(refs, 'OriginLatency', 'p50'), 'origin'),
    { id: 'fn', metric: source.lambda(region, compute, 'Duration', 'p50'), label: 'function' },
    { id: 'gateway', expression: 'IF(api > fn, api - fn, 0)', label: 'API Gateway' },
    {
      id: 'cloudfront',
      expression: 'IF(origin > api, origin - api, 0)',
      label: 'CloudFront to origin',
    },
  ];
}

/** Errors by status. */
export function statuses(refs: StackReferences): Widget {
  return graph({
    title: 'Errors by status, % of requests',
    region: GLOBAL_REGION,
    unit: '%',
    lines: STATUSES.map((status) => ({
      metric: source.cloudFront(refs, `${status}ErrorRate`, 'Average'),
      label: status,
    })),
    thresholds: [
      { label: 'edge-keys-unreachable', value: KEYS_UNREACHABLE_PERCENT },
      { label: 'edge-keys-refused', value: KEYS_REFUSED_PERCENT },
    ],
  });
}

/** What goes out. */
export function bytes(refs: StackReferences): Widget {
  return graph({
    title: 'Bytes to callers a minute',
    region: GLOBAL_REGION,
    lines: [{ metric: source.cloudFront(refs, 'BytesDownloaded', 'Sum'), label: 'bytes' }],
  });
}

/** The numbers of the first row that CloudFront knows. */
export function frontValues(refs: StackReferences): Widget[] {
  const value = (title: string, lines: Line[]): Widget =>
    graph({ title, region: GLOBAL_REGION, view: 'singleValue', lines });
  return [
    value('Requests a minute', [
      { metric: source.cloudFront(refs, 'Requests', 'Sum'), label: 'requests' },
    ]),
    value('Denied and blocked, %', [
      hidden('unauthenticated', source.cloudFront(refs, '401ErrorRate', 'Average'), '401'),
      hidden('forbidden', source.cloudFront(refs, '403ErrorRate', 'Average'), '403'),
      {
        id: 'denied',
        expression: 'unauthenticated + forbidden',
        label: '401 and 403',
        colour: COLOURS.denied,
      },
    ]),
  ];
}
