// How often and when keys were used: from CloudWatch, or from the local platform's metrics.
import {
  CloudWatchClient,
  paginateGetMetricData,
  type MetricDataQuery,
} from '@aws-sdk/client-cloudwatch';
import { EDGE_METRICS } from '../../contracts/metrics';
import { KeyError } from './store';
import type { Target } from './target';

export interface UsageQuery {
  /** Only this key. @default all that were used */
  readonly keyId?: string;
  /** Start and end, epoch milliseconds. */
  readonly since: number;
  readonly until: number;
}

export interface KeyUsage {
  /** Requests that were allowed. */
  readonly count: number;
  /** Start of the last minute, five minutes or hour with a request (as fine as was asked), ISO. */
  readonly lastUsedAt: string;
  /** Intervals with requests, in order of time. */
  readonly points: readonly { readonly time: string; readonly count: number }[];
}

export interface Usage {
  readonly byKey: ReadonlyMap<string, KeyUsage>;
  /** What is missing: regions that could not be asked. */
  readonly warnings: readonly string[];
}

/** Allowed requests by key and time. */
type Counts = Map<string, Map<number, number>>;

const { namespace, name } = EDGE_METRICS.keyDecisions;

/** @throws KeyError when no source could be asked at all. */
export async function readUsage(target: Target, query: UsageQuery): Promise<Usage> {
  const counts: Counts = new Map();
  const warnings =
    target.console === undefined
      ? await fromCloudWatch(target, query, counts)
      : await fromConsole(target.console, query, counts);
  const interval = periodOf(query) * 1000;
  const byKey = new Map([...counts].map(([id, times]) => [id, usageOf(times, interval)]));
  return { byKey, warnings };
}

/**
 * Seconds of an interval: as fine as CloudWatch keeps it for that long, and no more points than a
 * person reads. Minutes are kept 15 days, five minutes 63 days, hours 455 days:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html
 */
export function periodOf({ since, until }: UsageQuery): number {
  const hours = (until - since) / 3_600_000;
  return hours <= 3 ? 60 : hours <= 24 ? 300 : 3600;
}

/** The edge logs, and so counts, in the region where it ran: all of them are asked. */
async function fromCloudWatch(
  { stack, edgeRegions }: Target,
  query: UsageQuery,
  counts: Counts,
): Promise<string[]> {
  const answers = await Promise.allSettled(
    edgeRegions.map((region) => readRegion(new CloudWatchClient({ region }), stack, query, counts)),
  );
  const failures = answers.flatMap((answer, i) =>
    answer.status === 'rejected'
      ? [`${edgeRegions[i]}: ${(answer.reason as Error).name}: ${(answer.reason as Error).message}`]
      : [],
  );
  if (failures.length === edgeRegions.length) {
    throw new KeyError(`The usage could not be read from CloudWatch.\n${failures.join('\n')}`);
  }
  return failures.map((failure) => `Not counted, CloudWatch did not answer: ${failure}`);
}

async function readRegion(
  client: CloudWatchClient,
  stack: string,
  query: UsageQuery,
  counts: Counts,
): Promise<void> {
  try {
    const pages = paginateGetMetricData(
      { client },
      {
        StartTime: new Date(query.since),
        EndTime: new Date(query.until),
        MetricDataQueries: [metricQuery(stack, query)],
      },
    );
    for await (const { MetricDataResults = [] } of pages) {
      for (const { Label = '', Timestamps = [], Values = [] } of MetricDataResults) {
        Timestamps.forEach((time, i) => add(counts, Label, time.getTime(), Values[i] ?? 0));
      }
    }
  } finally {
    client.destroy();
  }
}

/** The label is the key's id: by name for one key, by a dynamic label for a search. */
function metricQuery(stack: string, query: UsageQuery): MetricDataQuery {
  const period = periodOf(query);
  if (query.keyId !== undefined) {
    return {
      Id: 'usage',
      Label: query.keyId,
      MetricStat: {
        Stat: 'Sum',
        Period: period,
        Metric: {
          Namespace: namespace,
          MetricName: name,
          Dimensions: [
            { Name: 'Stack', Value: stack },
            { Name: 'KeyId', Value: query.keyId },
          ],
        },
      },
    };
  }
  const search = `{${namespace},Stack,KeyId} MetricName="${name}" Stack="${stack}"`;
  return {
    Id: 'usage',
    Label: "${PROP('Dim.KeyId')}",
    Expression: `SEARCH('${search}', 'Sum', ${period})`,
  };
}

async function fromConsole(console: string, query: UsageQuery, counts: Counts): Promise<string[]> {
  const url = new URL('/api/metrics', console);
  url.searchParams.set('namespace', namespace);
  url.searchParams.set('name', name);
  url.searchParams.set('since', new Date(query.since).toISOString());
  if (query.keyId !== undefined) {
    url.searchParams.set('KeyId', query.keyId);
  }
  let body: {
    series: { dimensions: Record<string, string>; points: { time: string; sum: number }[] }[];
  };
  try {
    const response = await fetch(url);
    body = (await response.json()) as typeof body;
  } catch (error) {
    throw new KeyError(
      `The usage could not be read from the console at ${console}. Does "npm run local" run?`,
      { cause: error },
    );
  }
  for (const { dimensions, points } of body.series) {
    const { KeyId } = dimensions;
    if (KeyId !== undefined) {
      for (const { time, sum } of points) {
        add(counts, KeyId, Date.parse(time), sum);
      }
    }
  }
  return [];
}

function add(counts: Counts, keyId: string, time: number, count: number): void {
  if (count > 0) {
    const times = counts.get(keyId) ?? new Map<number, number>();
    times.set(time, (times.get(time) ?? 0) + count);
    counts.set(keyId, times);
  }
}

/** @param times at least one entry. */
function usageOf(times: ReadonlyMap<number, number>, interval: number): KeyUsage {
  const last = Math.max(...times.keys());
  const intervals = new Map<number, number>();
  for (const [time, count] of [...times].sort(([a], [b]) => a - b)) {
    const start = Math.floor(time / interval) * interval;
    intervals.set(start, (intervals.get(start) ?? 0) + count);
  }
  const points = [...intervals].map(([time, count]) => ({
    time: new Date(time).toISOString(),
    count,
  }));
  return {
    count: points.reduce((sum, { count }) => sum + count, 0),
    lastUsedAt: new Date(last).toISOString(),
    points,
  };
}
