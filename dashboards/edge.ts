// The subject of the edge check: who is let in, who is not and why, and what the check costs in time.
import { GLOBAL_REGION } from '../contracts/aws-limits';
import { EDGE_METRICS, EDGE_REASONS } from '../contracts/metrics';
import type { AlarmSpec } from './alarm-spec';
import { hidden, line, summed, type Line } from './metric';
import type { StackReferences } from './references';
import { MINIMUM_REQUESTS } from './slo';
import * as source from './sources';
import { graph, logTables, type Widget } from './widgets';

/** Requests by the reason of the decision, over all counted regions of execution. */
export function decisions(refs: StackReferences, decision: keyof typeof EDGE_REASONS): Widget {
  return graph({
    title: decision === 'allow' ? 'Allowed a minute, by reason' : 'Denied a minute, by reason',
    region: refs.region,
    stacked: true,
    lines: EDGE_REASONS[decision].flatMap((reason) => byReason(refs, decision, reason)),
  });
}

function byReason(
  refs: StackReferences,
  decision: keyof typeof EDGE_REASONS,
  reason: string,
): Line[] {
  const metrics = refs.edgeRegions.map((region) =>
    source.edge(refs, EDGE_METRICS.decisions, 'Sum', region, {
      Decision: decision,
      Reason: reason,
    }),
  );
  return summed(reason.replaceAll('-', '_'), metrics, reason);
}

/** Decisions that needed no look-up, of those that needed a key's record. */
export function cache(refs: StackReferences): Widget {
  return graph({
    title: 'Answered by the cache, %',
    region: refs.region,
    unit: '%',
    max: 100,
    lines: refs.edgeRegions.flatMap((region, index): Line[] => [
      hidden(`hits_${index}`, source.edge(refs, EDGE_METRICS.cacheHits, 'Sum', region), 'hits'),
      hidden(
        `lookups_${index}`,
        source.edge(refs, EDGE_METRICS.lookupTime, 'SampleCount', region),
        'look-ups',
      ),
      {
        id: `hit_percent_${index}`,
        expression: `100 * hits_${index} / (hits_${index} + FILL(lookups_${index}, 0))`,
        label: region,
      },
    ]),
  });
}

/** Time of a look-up in the keys table. */
export function lookups(refs: StackReferences): Widget {
  return graph({
    title: 'Look-up of a key, ms',
    region: refs.region,
    unit: 'ms',
    lines: refs.edgeRegions.flatMap((region) =>
      ['p50', 'p99'].map((stat) => ({
        metric: source.edge(refs, EDGE_METRICS.lookupTime, stat, region),
        label: `${stat}, ${region}`,
      })),
    ),
  });
}

/** What CloudFront counts of the function's own failures. */
export function failures(refs: StackReferences): Widget {
  return graph({
    title: 'Edge function: execution errors a minute',
    region: GLOBAL_REGION,
    lines: [
      { metric: source.cloudFront(refs, 'LambdaExecutionError', 'Sum'), label: 'execution errors' },
    ],
    thresholds: [{ label: 'edge-failing', value: 0 }],
  });
}

/** Who was refused last, a table for each counted region. */
export function denials(refs: StackReferences): Widget[] {
  return logTables(
    'Denied by reason and key id',
    refs.edgeRegions,
    [`/aws/lambda/${GLOBAL_REGION}.${refs.edgeFunctionName}`],
    [
      'filter Decision = "deny"',
      'stats count(*) as requests by Reason, claimedKeyId',
      'sort requests desc',
      'limit 50',
    ],
  );
}

/** A rate of CloudFront's, of minutes with enough requests to mean something. */
function rateOf<T>(refs: StackReferences<T>, name: string, label: string): Line<T | string>[] {
  return [
    hidden('rate', source.cloudFront(refs, name, 'Average'), label),
    hidden('requests', source.cloudFront(refs, 'Requests', 'Sum'), 'requests'),
    {
      id: 'rate_percent',
      expression: `IF(requests >= ${REQUESTS}, rate, 0)`,
      label: `${label} of ${REQUESTS} requests or more`,
    },
  ];
}

/** 503 that call somebody, in percent of the requests: far more than DynamoDB fails by itself. */
export const KEYS_UNREACHABLE_PERCENT = 1;
/** 401 that call somebody, in percent of the requests. */
export const KEYS_REFUSED_PERCENT = 50;

/** In five minutes: below, one failure is a percentage. */
const REQUESTS = 5 * MINIMUM_REQUESTS;

/** Alarms of the edge check. */
export function edgeAlarms<T>(refs: StackReferences<T>): AlarmSpec<T | string>[] {
  const edge = { area: 'edge' as const, region: GLOBAL_REGION, comparison: 'above' as const };
  return [
    {
      ...edge,
      id: 'edge-failing',
      title: 'The edge function fails.',
      reason: 'It fails closed: each failure is a client that got no answer. Any is one too many.',
      runbook: {
        means: 'Requests end at the edge with 502 or 503, whatever key they carry.',
        look: [
          'Edge: "execution errors", and since when.',
          "The function's log in the region of the callers: `npm run logs -- STACK`.",
          "Lambda's concurrency quota of us-east-1 and of the callers' regions (`npm run doctor -- STACK`).",
        ],
        remedy: [
          'After a deployment: `npm run rollback -- STACK`; CloudFront needs some minutes to spread it.',
          'Throttled: ask for a higher concurrency quota; a fresh account has 10.',
        ],
      },
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
      runbook: {
        means: 'Keys that the edge has not seen lately get 503; others live on for the grace time.',
        look: [
          'Edge: "Look-up of a key" by region, and "Denied, by reason": store-unavailable.',
          'DynamoDB in the AWS Health Dashboard, for the home region and the replicas.',
          "keys-read-throttled, and whether the edge role or the table's key was changed.",
        ],
        remedy: [
          'One region is down: a replica nearby serves once `gatehouse:replicaRegions` names it.',
          'A changed right or key: `npm run drift -- STACK` shows it; undo it.',
        ],
      },
      lines: rateOf(refs, '503ErrorRate', '503 %'),
      threshold: KEYS_UNREACHABLE_PERCENT,
      periodSeconds: 300,
      dataPoints: { breaching: 1, of: 1 },
    },
    {
      ...edge,
      id: 'edge-keys-refused',
      title: 'Most requests come without a good key.',
      reason: 'Somebody tries keys, or a key in use has expired or was revoked too early.',
      runbook: {
        means: 'More than half of the requests get 401.',
        look: [
          'Edge: "Denied, by reason", and "Denied by reason and key id".',
          '`npm run keys -- list --stack STACK`: which key expired or was revoked lately.',
        ],
        remedy: [
          'A key expired: `npm run keys -- rotate ID --stack STACK`, and tell its owner.',
          "Nobody's key: somebody tries; WAF limits them by address, lower `gatehouse:requestsPerSecondPerIp`.",
        ],
      },
      lines: rateOf(refs, '401ErrorRate', '401 %'),
      threshold: KEYS_REFUSED_PERCENT,
      periodSeconds: 300,
      dataPoints: { breaching: 3, of: 3 },
    },
  ];
}
