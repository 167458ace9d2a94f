// The subject of DynamoDB: operations, consumption, throttles and replication of every table.
import type { AlarmSpec } from './alarm-spec';
import { line } from './metric';
import { allTables, type StackReferences } from './references';
import * as source from './sources';
import { graph, type Widget } from './widgets';

/** Longest time that a change of a key may take to reach a replica; revocation promises 60 s in all. */
export const REPLICATION_LIMIT_MS = 30_000;

/** Operations of DynamoDB that have a latency of their own. */
const OPERATIONS = [
  'GetItem',
  'Query',
  'PutItem',
  'UpdateItem',
  'DeleteItem',
  'TransactWriteItems',
  'Scan',
];

/** How long each operation on a table takes. */
export function operations(region: string, name: string, table: string): Widget {
  return graph({
    title: `DynamoDB: table ${name} by operation, average, ms`,
    region,
    unit: 'ms',
    lines: OPERATIONS.map((Operation) => ({
      metric: source.table(region, table, 'SuccessfulRequestLatency', 'Average', { Operation }),
      label: Operation,
    })),
  });
}

/** What a table consumes. */
export function consumed(region: string, name: string, table: string): Widget {
  const units = (kind: 'Read' | 'Write') => ({
    metric: source.table(region, table, `Consumed${kind}CapacityUnits`, 'Sum'),
    label: `${kind.toLowerCase()} units`,
  });
  return graph({
    title: `DynamoDB: table ${name}, units a minute`,
    region,
    lines: [units('Read'), units('Write')],
  });
}

/** Throttled requests of all tables. */
export function throttles(refs: StackReferences): Widget {
  return graph({
    title: 'DynamoDB: throttled a minute',
    region: refs.region,
    lines: Object.entries(allTables(refs)).flatMap(([name, table]) =>
      ['Read', 'Write'].map((kind) => ({
        metric: source.table(refs.region, table, `${kind}ThrottleEvents`, 'Sum'),
        label: `${name}, ${kind.toLowerCase()}s`,
      })),
    ),
    thresholds: [{ label: 'throttled', value: 0 }],
  });
}

/** How late changes of keys reach the replicas. */
export function replication(refs: StackReferences): Widget {
  return graph({
    title: 'Keys table: replication, ms',
    region: refs.region,
    unit: 'ms',
    lines: refs.replicaRegions.map((replica) => ({
      metric: replicationTo(refs, replica),
      label: replica,
    })),
    thresholds: [{ label: 'keys-replication', value: REPLICATION_LIMIT_MS }],
  });
}

function replicationTo<T>(refs: StackReferences<T>, replica: string) {
  return source.table(refs.region, refs.keysTable, 'ReplicationLatency', 'Maximum', {
    ReceivingRegion: replica,
  });
}

/** Alarms of all tables. */
export function tableAlarms<T>(refs: StackReferences<T>): AlarmSpec<T | string>[] {
  const dynamodb = {
    area: 'dynamodb' as const,
    region: refs.region,
    comparison: 'above' as const,
    periodSeconds: 60,
  };
  return [
    ...Object.entries(allTables(refs)).flatMap(([name, table]) =>
      ['Read', 'Write'].map((kind) => ({
        ...dynamodb,
        id: `${name}-${kind.toLowerCase()}-throttled`,
        title: `DynamoDB throttles ${kind.toLowerCase()}s of the ${name} table.`,
        reason:
          'An on-demand table throttles when traffic doubles within half an hour or one key is hot.',
        runbook: {
          means: 'Calls are retried, so requests are slow first and fail later.',
          look: [
            'Service, "DynamoDB: throttled", and the consumption of the table beside it.',
            'Whether traffic doubled, or one item is asked for by all (CloudWatch Contributor Insights).',
          ],
          remedy: [
            'Traffic doubled: it passes by itself within minutes; warm throughput keeps it from coming back.',
            'One hot item: cache it in the service, or spread it over several keys.',
          ],
        },
        lines: [
          line(source.table(refs.region, table, `${kind}ThrottleEvents`, 'Sum'), 'throttled'),
        ],
        threshold: 0,
        dataPoints: { breaching: 3, of: 5 },
      })),
    ),
    ...refs.replicaRegions.map((replica) => ({
      ...dynamodb,
      id: `keys-replication-${replica}`,
      title: `Changes of keys reach ${replica} late.`,
      reason: `A revoked key lives on there for as long: ${REPLICATION_LIMIT_MS / 1000} s and the edge's cache together are a minute.`,
      runbook: {
        means: `A key that was revoked or issued a moment ago is not yet known in ${replica}.`,
        look: [
          'Overview, "Keys table: replication", and DynamoDB in the AWS Health Dashboard.',
          'keys-write-throttled: a replica falls behind a table that is written much.',
        ],
        remedy: [
          "It catches up by itself. A key that must not work now: block its owner's address in WAF until then.",
        ],
      },
      lines: [line(replicationTo(refs, replica), 'ms')],
      threshold: REPLICATION_LIMIT_MS,
      dataPoints: { breaching: 3, of: 3 },
    })),
  ];
}
