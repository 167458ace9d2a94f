// The edge and security dashboard: who is let in, who is not and why, and what the check costs in time.
import { callers } from './callers';
import { cache, decisions, denials, failures, lookups } from './edge';
import { bytes, statuses } from './front';
import { expiringKeys } from './keys';
import type { StackReferences } from './references';
import { replication } from './tables';
import { blockedByRule, wafOutcome } from './waf';
import { dashboardBody, text } from './widgets';

/** Body of the edge dashboard, as CloudWatch reads it. */
export function edgeDashboard(refs: StackReferences): string {
  const tables = denials(refs);
  return dashboardBody([
    [
      text(
        `# ${refs.stack}: edge and security · [Overview](${refs.dashboardUrls.overview})\n` +
          `The edge's own counts are a sample: Lambda@Edge drops log lines when there are many, and only ` +
          `${refs.edgeRegions.join(', ')} are counted. ${byKey(refs)}`,
      ),
    ],
    [decisions(refs, 'allow'), decisions(refs, 'deny')],
    [cache(refs), lookups(refs), failures(refs)],
    [...callers(refs), expiringKeys(refs)],
    [blockedByRule(refs), wafOutcome(refs)],
    [statuses(refs), bytes(refs)],
    ...(refs.replicaRegions.length === 0 ? [] : [[replication(refs)]]),
    ...tables.map((table) => [table]),
  ]);
}

/** How far the graphs of keys may be believed. */
function byKey({ keyCounter }: StackReferences): string {
  return keyCounter === 'service'
    ? 'Requests by key are counted in the service, all of them.'
    : 'So are requests by key: the image that runs does not count them.';
}
