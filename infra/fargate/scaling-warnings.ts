// What a scaling target can't do, said at plan time: legal, and yet not what its owner hopes for.

/** What {@link scalingWarnings} looks at. */
export interface ScalingTarget {
  targetMs: number;
  statistic: string;
  requestsPerTaskPerMinute: number;
}

/** Share of the target that a request may take without load; above it no number of tasks helps. */
const REACHABLE_SHARE = 0.8;
/** What a call to DynamoDB takes within a region, milliseconds. */
const DEPENDENCY_MS = 4;
const MINUTE_MS = 60_000;

/** Sentences, each with what to do. */
export function scalingWarnings(target: ScalingTarget): string[] {
  return [percentile(target), belowDependency(target), belowService(target)].filter(
    (warning) => warning !== undefined,
  );
}

function percentile({ statistic, targetMs }: ScalingTarget): string | undefined {
  if (statistic === 'Average') return undefined;
  return (
    `responseStatistic is ${statistic}: where the average is ${targetMs} ms, 15 to 29 % of the requests take longer. ` +
    `Tasks that hold the ${statistic} at ${targetMs} ms are twice as many, and are not let go while it is above ${REACHABLE_SHARE * targetMs} ms. ` +
    'Hold the Average, or raise targetResponseMs.'
  );
}

function belowDependency({ targetMs }: ScalingTarget): string | undefined {
  if (targetMs * REACHABLE_SHARE > DEPENDENCY_MS) return undefined;
  return (
    `targetResponseMs is ${targetMs}: a call to DynamoDB alone takes about ${DEPENDENCY_MS} ms, which more tasks do not shorten. ` +
    `Choose ${Math.floor(DEPENDENCY_MS / REACHABLE_SHARE) + 1} ms or more for a service that makes one.`
  );
}

/** Capacity follows from the CPU of a request, so it tells the most that one takes. */
function belowService(target: ScalingTarget): string | undefined {
  const { targetMs, requestsPerTaskPerMinute } = target;
  const aloneMs = 1 / (requestsPerTaskPerMinute / MINUTE_MS + 1 / targetMs);
  if (aloneMs <= REACHABLE_SHARE * targetMs) return undefined;
  return (
    `requestsPerTaskPerMinute is ${requestsPerTaskPerMinute} at ${targetMs} ms: a request then takes about ${aloneMs.toFixed(1)} ms without any load, and no number of tasks holds the target. ` +
    'Give a task more CPU, make the request cheaper, or raise targetResponseMs; then measure again (docs/scaling.md).'
  );
}
