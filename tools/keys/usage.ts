// How often and when keys were used: from CloudWatch, or from the local platform's metrics.
import {
  CloudWatchClient,
  paginateGetMetricData,
  type MetricDataQuery,
} from '@aws-sdk/client-cloudwatch';
import {
  EDGE_METRICS,
  SERVICE_METRICS,
  type KeyCounter,
  type MetricContract,
} from '../../contracts/metrics';
import { KeyError } from './key-error';
import type { Target } from './target';

export interface UsageQuery {
  readonly keyIds: readonly string[];
  /** Start and end, epoch milliseconds. */
  readonly since: number;
  readonly until: number;
}

export interface KeyUsage {
  /** Requests: all that came with the key, or those that the edge allowed and whose log line was kept. */
  readonly count: number;
  /** Those that were answered with 400 and above; unknown to the edge. */
  readonly errors?: number;
  /** Start of the last minute, five minutes or hour with a request (as fine as was asked), ISO. */
  readonly lastUsedAt: string;
  /** Intervals with requests, in order of time. */
  readonly points: readonly { readonly time: string; readonly count: number }[];
  readonly countedBy: KeyCounter;
}

export interface Usage {
  /** Keys that were used, as far as is known. */
  readonly byKey: ReadonlyMap<string, KeyUsage>;
  /** What is missing: regions that could not be asked, and what a sample leaves out. */
  readonly warnings: readonly string[];
}

/** Counts by key and time. */
type Counts = Map<string, Map<number, number>>;

/** What a counter emits by key; the edge sees a request on its way in and knows of no errors. */
const METRICS: Record<KeyCounter, { requests: MetricContract; errors?: MetricContract }> = {
  service: { requests: SERVICE_METRICS.keyRequests, errors: SERVICE_METRICS.keyErrors },
  edge: { requests: EDGE_METRICS.keyDecisions },
};

/** Most metrics of one call: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html */
const MOST_METRICS = 500;

const SAMPLED =
  'These counts are a sample of the edge: Lambda@Edge drops log lines when there are many, and only ' +
  'the regions that were asked are counted. A key without a use here may be in use all the same.';

/** @throws KeyError when nobody counts by key, or no source could be asked at all. */
export async function readUsage(target: Target, query: UsageQuery): Promise<Usage> {
  if (target.keyCounters.length === 0) {
    throw new KeyError(
      'Requests are not counted by key here (perKeyMetrics: false). The log knows: docs/api-keys.md ' +
        'has the query.',
    );
  }
  const byKey = new Map<string, KeyUsage>();
  const warnings: string[] = [];
  for (const counter of target.keyCounters) {
    const found = await readCounter(target, counter, query);
    warnings.push(...found.warnings);
    for (const [keyId, usage] of found.byKey) {
      if (usage.count > (byKey.get(keyId)?.count ?? 0)) byKey.set(keyId, usage);
    }
  }
  const isSample = !target.keyCounters.includes('service');
  return { byKey, warnings: isSample ? [...warnings, SAMPLED] : warnings };
}

async function readCounter(
  target: Target,
  countedBy: KeyCounter,
  query: UsageQuery,
): Promise<Usage> {
  const { requests, errors } = METRICS[countedBy];
  const read = target.console === undefined ? fromCloudWatch : fromConsole;
  const regions = countedBy === 'service' ? [target.region] : target.edgeRegions;
  const counts: Counts = new Map();
  const failures: Counts = new Map();
  const warnings = await read({ target, regions, query, contract: requests, counts });
  if (errors !== undefined) {
    warnings.push(...(await read({ target, regions, query, contract: errors, counts: failures })));
  }
  const interval = periodOf(query) * 1000;
  const byKey = new Map(
    [...counts].map(([keyId, times]) => [
      keyId,
      {
        ...usageOf(times, interval),
        countedBy,
        ...(errors === undefined ? {} : { errors: sum(failures.get(keyId)?.values() ?? []) }),
      },
    ]),
  );
  return { byKey, warnings: [...new Set(warnings)] };
}

/**
 * Seconds of an interval: as fine as CloudWatch keeps it for that long, and no more points than a
 * person reads. Minutes are kept 15 days, five minutes 63 days, hours 455 days:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html
 */
export function periodOf({ since, until }: Pick<UsageQuery, 'since' | 'until'>): number {
  const hours = (until - since) / 3_600_000;
  return hours <= 3 ? 60 : hours <= 24 ? 300 : 3600;
}

/** One metric of every key that is asked for. */
interface Reading {
  readonly target: Target;
  readonly regions: readonly string[];
  readonly query: UsageQuery;
  readonly contract: MetricContract;
  /** What is found is added here. */
  readonly counts: Counts;
}

/** The service counts in its own region; the edge logs, and so counts, where it ran. */
async function fromCloudWatch(reading: Reading): Promise<string[]> {
  const { regions } = reading;
  const answers = await Promise.allSettled(regions.map((region) => readRegion(region, reading)));
  const failures = answers.flatMap((answer, i) =>
    answer.status === 'rejected'
      ? [`${regions[i]}: ${(answer.reason as Error).name}: ${(answer.reason as Error).message}`]
      : [],
  );
  if (failures.length === regions.length) {
    throw new KeyError(`The usage could not be read from CloudWatch.\n${failures.join('\n')}`);
  }
  return failures.map((failure) => `Not counted, CloudWatch did not answer: ${failure}`);
}

/** Each key by name: a search would leave keys out beyond its 500 metrics, as if nobody used them. */
async function readRegion(region: string, reading: Reading): Promise<void> {
  const { query, counts } = reading;
  const client = new CloudWatchClient({ region });
  try {
    for (let from = 0; from < query.keyIds.length; from += MOST_METRICS) {
      const keyIds = query.keyIds.slice(from, from + MOST_METRICS);
      const pages = paginateGetMetricData(
        { client },
        {
          StartTime: new Date(query.since),
          EndTime: new Date(query.until),
          MetricDataQueries: keyIds.map((keyId, index) => metricQuery(reading, keyId, index)),
        },
      );
      for await (const { MetricDataResults = [] } of pages) {
        for (const { Label = '', Timestamps = [], Values = [] } of MetricDataResults) {
          Timestamps.forEach((time, i) => add(counts, Label, time.getTime(), Values[i] ?? 0));
        }
      }
    }
  } finally {
    client.destroy();
  }
}

/** The label is the key's id. */
function metricQuery({ target, query, contract }: Reading, keyId: string, index: number) {
  return {
    Id: `key${index}`,
    Label: keyId,
    MetricStat: {
      Stat: 'Sum',
      Period: periodOf(query),
      Metric: {
        Namespace: contract.namespace,
        MetricName: contract.name,
        Dimensions: [
          { Name: 'Stack', Value: target.stack },
          { Name: 'KeyId', Value: keyId },
        ],
      },
    },
  } satisfies MetricDataQuery;
}

async function fromConsole({ target, query, contract, counts }: Reading): Promise<string[]> {
  const url = new URL('/api/metrics', target.console);
  url.searchParams.set('namespace', contract.namespace);
  url.searchParams.set('name', contract.name);
  url.searchParams.set('since', new Date(query.since).toISOString());
  const [only, ...more] = query.keyIds;
  if (only !== undefined && more.length === 0) url.searchParams.set('KeyId', only);
  let body: {
    series: { dimensions: Record<string, string>; points: { time: string; sum: number }[] }[];
  };
  try {
    const response = await fetch(url);
    body = (await response.json()) as typeof body;
  } catch (error) {
    throw new KeyError(
      `The usage could not be read from the console at ${target.console}. Does "npm run local" run?`,
      { cause: error },
    );
  }
  for (const { dimensions, points } of body.series) {
    const { KeyId } = dimensions;
    if (KeyId !== undefined) {
      for (const { time, sum: value } of points) add(counts, KeyId, Date.parse(time), value);
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
function usageOf(times: ReadonlyMap<number, number>, interval: number) {
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
    count: sum(intervals.values()),
    lastUsedAt: new Date(last).toISOString(),
    points,
  };
}

function sum(values: Iterable<number>): number {
  return [...values].reduce((total, value) => total + value, 0);
}
