// The edge and security dashboard: who is let in, who is not and why, and what the check costs in time.
import { GLOBAL_REGION } from '../contracts/aws-limits';
import { EDGE_METRICS, EDGE_REASONS } from '../contracts/metrics';
import { hidden, type Line } from './metric';
import type { StackReferences } from './references';
import { search } from './service';
import * as source from './sources';
import { dashboardBody, graph, logTable, text, type Widget } from './widgets';

/** Statuses that CloudFront has a rate for, of those that edge check, WAF and service answer. */
const STATUSES = ['401', '403', '404', '502', '503', '504'];

/** Body of the edge dashboard, as CloudWatch reads it. */
export function edgeDashboard(refs: StackReferences): string {
  return dashboardBody([
    [text(`# ${refs.stack}: edge and security`, 1)],
    [decisions(refs, 'allow'), decisions(refs, 'deny')],
    [cache(refs), lookups(refs), failures(refs)],
    [keys(refs)],
    [blocked(refs), outcome(refs)],
    [statuses(refs), bytes(refs)],
    [denials(refs)],
  ]);
}

/** Requests by the reason of the decision, over all regions of execution. */
function decisions(refs: StackReferences, decision: keyof typeof EDGE_REASONS): Widget {
  return graph({
    title: decision === 'allow' ? 'Let in, by reason' : 'Refused, by reason',
    region: refs.region,
    stacked: true,
    lines: EDGE_REASONS[decision].flatMap((reason): Line[] => {
      const id = reason.replaceAll('-', '_');
      const perRegion = refs.edgeRegions.map((region, index) => ({
        id: `${id}_${index}`,
        metric: source.edge(refs, EDGE_METRICS.decisions, 'Sum', region, {
          Decision: decision,
          Reason: reason,
        }),
        label: reason,
      }));
      if (perRegion.length === 1) return perRegion;
      const sum = perRegion.map((line) => `FILL(${line.id}, 0)`).join(' + ');
      return [
        ...perRegion.map((line) => ({ ...line, hidden: true })),
        { id, expression: sum, label: reason },
      ];
    }),
  });
}

/** Decisions that needed no look-up, of those that needed a key's record. */
function cache(refs: StackReferences): Widget {
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

function lookups(refs: StackReferences): Widget {
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

function failures(refs: StackReferences): Widget {
  return graph({
    title: 'Failures of the edge function',
    region: GLOBAL_REGION,
    lines: [
      {
        metric: source.cloudFront(refs, 'LambdaExecutionError', 'Sum'),
        label: 'execution errors',
      },
    ],
  });
}

/** Requests by key: one line a key and region, the busiest ones. */
function keys(refs: StackReferences): Widget {
  return graph({
    title: 'Requests by API key',
    region: refs.region,
    periodSeconds: 300,
    lines: refs.edgeRegions.map((region, index) => ({
      id: `keys_${index}`,
      expression: `SORT(${search(EDGE_METRICS.keyDecisions, refs.stack, 'Sum', 300)}, SUM, DESC, 20)`,
      label: '',
      region,
    })),
  });
}

function blocked(refs: StackReferences): Widget {
  return graph({
    title: 'WAF: blocked, by rule',
    region: GLOBAL_REGION,
    stacked: true,
    lines: refs.webAclRules.map((rule) => ({
      metric: source.waf(refs, 'BlockedRequests', rule),
      label: rule,
    })),
  });
}

function outcome(refs: StackReferences): Widget {
  return graph({
    title: 'WAF: all requests',
    region: GLOBAL_REGION,
    lines: [
      { metric: source.waf(refs, 'AllowedRequests', 'ALL'), label: 'allowed' },
      { metric: source.waf(refs, 'BlockedRequests', 'ALL'), label: 'blocked' },
      { metric: source.waf(refs, 'CountedRequests', 'ALL'), label: 'counted' },
    ],
  });
}

function statuses(refs: StackReferences): Widget {
  return graph({
    title: 'Errors by status, % of requests',
    region: GLOBAL_REGION,
    unit: '%',
    lines: STATUSES.map((status) => ({
      metric: source.cloudFront(refs, `${status}ErrorRate`, 'Average'),
      label: status,
    })),
  });
}

function bytes(refs: StackReferences): Widget {
  return graph({
    title: 'Bytes to clients',
    region: GLOBAL_REGION,
    lines: [{ metric: source.cloudFront(refs, 'BytesDownloaded', 'Sum'), label: 'bytes' }],
  });
}

/** Who was refused last, in the home region's share of the edge. */
function denials(refs: StackReferences): Widget {
  return logTable(
    `Refused in ${refs.region}`,
    refs.region,
    [`/aws/lambda/${GLOBAL_REGION}.${refs.edgeFunctionName}`],
    [
      'filter Decision = "deny"',
      'stats count(*) as requests by Reason, claimedKeyId',
      'sort requests desc',
      'limit 50',
    ],
  );
}
