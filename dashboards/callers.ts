// The subject of callers: which key makes how many requests, and how many of them fail.
import { GLOBAL_REGION } from '../contracts/aws-limits';
import { EDGE_METRICS, SERVICE_METRICS, type MetricContract } from '../contracts/metrics';
import type { StackReferences } from './references';
import { search } from './service';
import { graph, logTable, type Widget } from './widgets';

/** Keys that a legend shows without hiding the graph. */
const MOST_KEYS = 8;
const PERIOD_SECONDS = 300;

/** Who calls: the busiest keys, and those with most errors where the service counts them. */
export function callers(refs: StackReferences): Widget[] {
  if (!refs.perKeyMetrics) return fromLogs(refs);
  if (refs.keyCounter === 'edge') return [ofTheEdge(refs)];
  return [
    ofTheService(refs, 'Requests by API key, in 5 minutes', SERVICE_METRICS.keyRequests),
    ofTheService(refs, 'Errors (4xx, 5xx) by API key, in 5 minutes', SERVICE_METRICS.keyErrors),
  ];
}

function ofTheService(refs: StackReferences, title: string, contract: MetricContract): Widget {
  return graph({
    title,
    region: refs.region,
    periodSeconds: PERIOD_SECONDS,
    lines: [{ expression: busiest(contract, refs.stack), label: '' }],
  });
}

/** One line a key and region of execution. */
function ofTheEdge(refs: StackReferences): Widget {
  return graph({
    title: 'Requests by API key, in 5 minutes (a sample, by the edge)',
    region: refs.region,
    periodSeconds: PERIOD_SECONDS,
    lines: refs.edgeRegions.map((region, index) => ({
      id: `keys_${index}`,
      expression: busiest(EDGE_METRICS.keyDecisions, refs.stack),
      label: '',
      region,
    })),
  });
}

function busiest(contract: MetricContract, stack: string): string {
  return `SORT(${search(contract, stack, 'Sum', PERIOD_SECONDS)}, SUM, DESC, ${MOST_KEYS})`;
}

/** Without metrics by key: what the log of whoever sees the key says. */
function fromLogs(refs: StackReferences): Widget[] {
  const top = (field: string, filter: string) => [
    filter,
    `stats count(*) as requests by ${field}`,
    'sort requests desc',
    `limit ${MOST_KEYS}`,
  ];
  if (refs.keyCounter === 'service') {
    const query = top('keyId', 'filter message = "request"');
    return [logTable('Requests by API key', refs.region, [refs.serviceLogGroup], query)];
  }
  const groups = [`/aws/lambda/${GLOBAL_REGION}.${refs.edgeFunctionName}`];
  const title = `Requests by API key (a sample, by the edge in ${refs.region})`;
  return [logTable(title, refs.region, groups, top('KeyId', 'filter Decision = "allow"'))];
}
