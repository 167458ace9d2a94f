// The subject of the service as it measures itself: routes, keys, calls to AWS, errors in its log.
import { type MetricContract, SERVICE_METRICS } from '../contracts/metrics';
import { KMS_SLOW_SECONDS } from './kms';
import { inMs } from './metric';
import type { StackReferences } from './references';
import * as source from './sources';
import { graph, logTable, type Widget } from './widgets';

/** Lines that a legend shows without hiding the graph. */
const MOST_LINES = 8;

/** Response time of the slowest routes. */
export function slowestRoutes(refs: StackReferences): Widget {
  const every = search(SERVICE_METRICS.routeDuration, refs.stack, 'p99');
  return graph({
    title: 'Slowest routes, p99, ms',
    region: refs.region,
    unit: 'ms',
    lines: [{ expression: `1000 * SORT(${every}, MAX, DESC, ${MOST_LINES})`, label: '' }],
  });
}

/** Requests of the busiest routes, by method and status. */
export function busiestRoutes(refs: StackReferences): Widget {
  const every = search(SERVICE_METRICS.routeDuration, refs.stack, 'SampleCount');
  return graph({
    title: 'Busiest routes, requests a minute',
    region: refs.region,
    lines: [{ expression: `SORT(${every}, SUM, DESC, ${MOST_LINES})`, label: '' }],
  });
}

/** Routes that fail most. */
export function failingRoutes(refs: StackReferences): Widget {
  const every = search(SERVICE_METRICS.routeDuration, refs.stack, 'SampleCount', 60, ' 5');
  return graph({
    title: 'Failing routes, 5xx a minute',
    region: refs.region,
    lines: [{ expression: `SORT(${every}, SUM, DESC, ${MOST_LINES})`, label: '' }],
  });
}

/** Calls to AWS as the service sees them, retries included. */
export function calls(refs: StackReferences): Widget {
  const p99 = (id: string, contract: MetricContract, label: string) =>
    inMs(id, source.service(refs, contract, 'p99'), label);
  return graph({
    title: 'Calls to AWS, p99, ms',
    region: refs.region,
    unit: 'ms',
    lines: [
      ...p99('dynamodb', SERVICE_METRICS.databaseDuration, 'DynamoDB'),
      ...(Object.keys(refs.keys).length === 0
        ? []
        : p99('kms', SERVICE_METRICS.kmsDuration, 'KMS')),
    ],
    ...(Object.keys(refs.keys).length === 0
      ? {}
      : { thresholds: [{ label: 'kms-slow', value: 1000 * KMS_SLOW_SECONDS }] }),
  });
}

/** What failed last, with everything that leads on: trace, request, AWS. */
export function lastErrors(refs: StackReferences): Widget {
  return logTable(
    'Errors of the service',
    refs.region,
    [refs.serviceLogGroup],
    [
      'fields @timestamp, level, message, code, route, keyId, awsStatus, requestId, traceId',
      'filter level in ["error", "warn"]',
      'sort @timestamp desc',
      'limit 50',
    ],
  );
}

/**
 * A SEARCH for every metric of a contract that this stack emits.
 * @param more Further words that names or values must have. @default none
 */
export function search(
  contract: MetricContract,
  stack: string,
  stat: string,
  period = 60,
  more = '',
): string {
  const schema = [contract.namespace, ...contract.dimensions].map((name) => `"${name}"`).join(',');
  return `SEARCH('{${schema}} MetricName="${contract.name}" Stack="${stack}"${more}', '${stat}', ${period})`;
}
