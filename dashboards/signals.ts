// The alarms of a stack with their thresholds and the reasons for them; the compute's own are next door.
import { GLOBAL_REGION } from '../contracts/aws-limits';
import type { AlarmSpec, PairSpec } from './alarm-spec';
import { hidden, line } from './metric';
import { allTables, type Objectives, type StackReferences } from './references';
import { BURN_RATES, burnLines, burnThresholdPercent, errorBudgetPercent, slos } from './slo';
import { fargateAlarms, lambdaAlarms } from './signals-compute';
import * as source from './sources';

/** Longest time that a change of a key may take to reach a replica; revocation promises 60 s in all. */
export const REPLICATION_LIMIT_MS = 30_000;

/** All alarms on metrics, without those that judge a deployment. */
export function alarmSpecs<T>(
  refs: StackReferences<T>,
  objectives: Objectives,
): AlarmSpec<T | string>[] {
  return [
    ...burnAlarms(refs, objectives),
    ...edgeAlarms(refs),
    ...dataAlarms(refs),
    ...(refs.compute.kind === 'fargate'
      ? fargateAlarms(refs, refs.compute, objectives)
      : lambdaAlarms(refs.region, refs.compute)),
  ];
}

/** A page or a ticket for each objective: both windows of a burn rate at once. */
export function pairSpecs(refs: StackReferences<unknown>, objectives: Objectives): PairSpec[] {
  return slos(refs, objectives).flatMap((slo) =>
    BURN_RATES.map((burn) => ({
      id: `${slo.id}-${burn.id}`,
      area: slo.id === 'availability' ? ('errors' as const) : ('latency' as const),
      title: `${slo.title}: the error budget burns ${burn.rate} times too fast.`,
      reason:
        `The budget of ${errorBudgetPercent(slo)} % would be gone in ${Math.round((30 * 24) / burn.rate)} hours. ` +
        'The long window says that it matters, the short one that it still goes on.',
      region: slo.region,
      both: [`${slo.id}-${burn.id}-long`, `${slo.id}-${burn.id}-short`] as const,
    })),
  );
}

function burnAlarms<T>(refs: StackReferences<T>, objectives: Objectives): AlarmSpec<T | string>[] {
  return slos(refs, objectives).flatMap((slo) =>
    BURN_RATES.flatMap((burn) =>
      (['long', 'short'] as const).map((window) => ({
        id: `${slo.id}-${burn.id}-${window}`,
        area: slo.id === 'availability' ? ('errors' as const) : ('latency' as const),
        title: `${slo.title}: ${window} window of the ${burn.id} burn rate.`,
        reason: `${burn.rate} times the budget of ${errorBudgetPercent(slo)} %, at most nine tenths of all requests.`,
        region: slo.region,
        lines: burnLines(slo),
        comparison: 'above' as const,
        threshold: burnThresholdPercent(slo, burn.rate),
        periodSeconds: window === 'long' ? burn.longSeconds : burn.shortSeconds,
        dataPoints: { breaching: 1, of: 1 },
        calls: false,
      })),
    ),
  );
}

function edgeAlarms<T>(refs: StackReferences<T>): AlarmSpec<T | string>[] {
  const region = GLOBAL_REGION;
  const edge = { area: 'edge' as const, region, comparison: 'above' as const };
  return [
    {
      ...edge,
      id: 'edge-failing',
      title: 'The edge function fails.',
      reason: 'It fails closed: each failure is a client that got no answer. Any is one too many.',
      lines: [line(source.cloudFront(refs, 'LambdaExecutionError', 'Sum'), 'execution errors')],
      threshold: 0,
      periodSeconds: 60,
      dataPoints: { breaching: 3, of: 5 },
    },
    {
      ...edge,
      id: 'edge-keys-unreachable',
      title: 'The edge cannot reach the keys table.',
      reason: 'It answers 503 then; one in a hundred is far more than DynamoDB fails by itself.',
      lines: [line(source.cloudFront(refs, '503ErrorRate', 'Average'), '503 %')],
      threshold: 1,
      periodSeconds: 300,
      dataPoints: { breaching: 1, of: 1 },
    },
    {
      ...edge,
      id: 'edge-keys-refused',
      title: 'Most requests come without a good key.',
      reason: 'Somebody tries keys, or a key in use has expired or was revoked too early.',
      lines: [
        hidden('refused', source.cloudFront(refs, '401ErrorRate', 'Average'), '401 %'),
        hidden('requests', source.cloudFront(refs, 'Requests', 'Sum'), 'requests'),
        {
          id: 'refused_percent',
          expression: 'IF(requests >= 100, refused, 0)',
          label: '401 % of 100 requests or more',
        },
      ],
      threshold: 50,
      periodSeconds: 300,
      dataPoints: { breaching: 3, of: 3 },
    },
    {
      area: 'waf',
      region,
      id: 'waf-blocking',
      title: 'WAF blocks many requests.',
      reason:
        'An attack, or a rule that takes clients for one: more than three a second for a quarter of an hour.',
      lines: [line(source.waf(refs, 'BlockedRequests', 'ALL'), 'blocked')],
      comparison: 'above',
      threshold: 1000,
      periodSeconds: 300,
      dataPoints: { breaching: 3, of: 3 },
    },
  ];
}

function dataAlarms<T>(refs: StackReferences<T>): AlarmSpec<T | string>[] {
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
      lines: [
        line(
          source.table(refs.region, refs.keysTable, 'ReplicationLatency', 'Maximum', {
            ReceivingRegion: replica,
          }),
          'ms',
        ),
      ],
      threshold: REPLICATION_LIMIT_MS,
      dataPoints: { breaching: 3, of: 3 },
    })),
  ];
}
