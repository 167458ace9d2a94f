// The subject of the workload's own functions: how often each is called, how long it takes, and that it fails.
import type { AlarmSpec } from './alarm-spec';
import { line } from './metric';
import type { StackReferences } from './references';
import * as source from './sources';
import { graph, type Widget } from './widgets';

/** Calls, failures and duration of each function. */
export function functions(refs: StackReferences): Widget[] {
  return Object.entries(refs.functions).map(([name, functionName]) => {
    const metric = (of: string, stat: string) =>
      source.lambda(refs.region, { functionName }, of, stat);
    return graph({
      title: `Function ${name}: calls a minute, and ms a call`,
      region: refs.region,
      rightUnit: 'ms',
      lines: [
        { metric: metric('Invocations', 'Sum'), label: 'calls' },
        { metric: metric('Errors', 'Sum'), label: 'errors' },
        { metric: metric('Throttles', 'Sum'), label: 'throttled' },
        { metric: metric('Duration', 'p99'), label: 'p99', axis: 'right' },
      ],
      thresholds: [{ label: `${name}-failing`, value: 0 }],
    });
  });
}

/** An alarm for each function. */
export function functionAlarms<T>(refs: StackReferences<T>): AlarmSpec<T | string>[] {
  return Object.entries(refs.functions).map(([name, functionName]) => ({
    id: `${name}-failing`,
    area: 'errors' as const,
    region: refs.region,
    comparison: 'above' as const,
    title: `The function ${name} fails.`,
    reason: 'What needs it is answered by an error, and by nothing else would that be known.',
    runbook: {
      means: 'Requests that need the function fail; all others are served.',
      look: [
        `Service, "Function ${name}": errors or time-outs, and since when.`,
        'Its log group, whose name has the one of the function in it: the last error.',
      ],
      remedy: [
        'Throttled by what it calls (KMS makes five keys a second): ask for a higher quota, or let clients come slower.',
        'Denied: compare its role with docs/rights.md. After a deployment: `npm run rollback -- STACK` does not turn it back; deploy the revision before.',
      ],
    },
    lines: [line(source.lambda(refs.region, { functionName }, 'Errors', 'Sum'), 'errors')],
    threshold: 0,
    periodSeconds: 60,
    dataPoints: { breaching: 3, of: 5 },
  }));
}
