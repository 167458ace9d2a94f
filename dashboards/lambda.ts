// The subject of Lambda behind API Gateway: answers, time, failures and concurrency.
import type { AlarmSpec } from './alarm-spec';
import { line } from './metric';
import type { LambdaReferences, Objectives } from './references';
import * as source from './sources';
import { COLOURS, graph, type Widget } from './widgets';

/** Answers of the API. */
export function apiAnswers(region: string, compute: LambdaReferences): Widget {
  return graph({
    title: 'Responses of the API a minute',
    region,
    lines: [
      {
        metric: source.api(region, compute, 'Count', 'Sum'),
        label: 'requests',
        colour: COLOURS.served,
      },
      {
        metric: source.api(region, compute, '4xx', 'Sum'),
        label: '4xx',
        colour: COLOURS.clientError,
      },
      {
        metric: source.api(region, compute, '5xx', 'Sum'),
        label: '5xx',
        colour: COLOURS.serverError,
      },
    ],
  });
}

/** Response time of API and function. */
export function apiTime(region: string, compute: LambdaReferences, objectives: Objectives): Widget {
  return graph({
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
}

/** Crashes, time-outs and throttles. */
export function functionFailures(region: string, compute: LambdaReferences): Widget {
  return graph({
    title: 'Function: failures a minute',
    region,
    lines: [
      { metric: source.lambda(region, compute, 'Errors', 'Sum'), label: 'errors' },
      { metric: source.lambda(region, compute, 'Throttles', 'Sum'), label: 'throttles' },
    ],
    thresholds: [{ label: 'function-errors, function-throttled', value: 0 }],
  });
}

/** What Lambda runs of the function at the same time, at most. */
export function mostExecutions({ reservedConcurrency }: LambdaReferences<unknown>): string {
  return reservedConcurrency === 0
    ? "the region's quota, which all functions share"
    : `the ${reservedConcurrency} that are reserved`;
}

/** Executions against what is reserved. */
export function concurrency(region: string, compute: LambdaReferences): Widget {
  return graph({
    title: 'Executions at the same time',
    region,
    rightUnit: 'throttled a minute',
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
    thresholds:
      compute.reservedConcurrency === 0
        ? []
        : [{ label: 'reserved', value: compute.reservedConcurrency }],
  });
}

/** Alarms of the function. */
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
      runbook: {
        means: 'Callers get 5xx from API Gateway.',
        look: [
          '`npm run logs -- STACK`: the last lines before "REPORT", and its memory and duration.',
          'Service, "Response time": at the time limit?',
        ],
        remedy: [
          'After a deployment: `npm run rollback -- STACK`.',
          'Out of memory or time: raise `gatehouse:lambdaMemory`, which raises CPU, too.',
        ],
      },
      lines: [line(source.lambda(region, compute, 'Errors', 'Sum'), 'errors')],
      threshold: 0,
    },
    {
      ...base,
      id: 'function-throttled',
      area: 'saturation',
      title: 'The function is throttled.',
      reason: `As many run as may: ${mostExecutions(compute)}. Clients get 503.`,
      runbook: {
        means: 'Some callers get 503 at once.',
        look: [
          'Scaling, "Executions at the same time": against what is reserved or the quota, and the duration beside it.',
        ],
        remedy: [
          'Traffic: raise `gatehouse:lambdaConcurrency`, or the quota of the region at Service Quotas, AWS Lambda, "Concurrent executions".',
          'Duration rose: a dependency is slow; more executions only move the queue.',
        ],
      },
      lines: [line(source.lambda(region, compute, 'Throttles', 'Sum'), 'throttled')],
      threshold: 0,
    },
  ];
}
