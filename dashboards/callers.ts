// The subject of callers: which key makes how many requests.
import { EDGE_METRICS } from '../contracts/metrics';
import type { StackReferences } from './references';
import { search } from './service';
import { graph, type Widget } from './widgets';

/** Keys that a legend shows without hiding the graph. */
const MOST_KEYS = 8;

/** Requests by key: one line a key and region, the busiest ones. */
export function keys(refs: StackReferences): Widget {
  return graph({
    title: 'Requests by API key, in 5 minutes',
    region: refs.region,
    periodSeconds: 300,
    lines: refs.edgeRegions.map((region, index) => ({
      id: `keys_${index}`,
      expression: `SORT(${search(EDGE_METRICS.keyDecisions, refs.stack, 'Sum', 300)}, SUM, DESC, ${MOST_KEYS})`,
      label: '',
      region,
    })),
  });
}
