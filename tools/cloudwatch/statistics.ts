// CloudWatch's statistics by their names: Average, Sum, p99, TM(10%:90%), PR(:0.02).
import type { Distribution, Trim } from './distribution';

/** Takes one statistic of a period; undefined where the period has none. */
export type Statistic = (values: Distribution) => number | undefined;

const SIMPLE: Record<string, Statistic> = {
  Average: ({ sum, count }) => sum / count,
  Sum: ({ sum }) => sum,
  SampleCount: ({ count }) => count,
  Minimum: ({ min }) => min,
  Maximum: ({ max }) => max,
};

/** What a trimmed statistic makes of what is left. */
const TRIMMED: Record<
  string,
  (kept: { count: number; sum: number }, all: Distribution) => number | undefined
> = {
  TM: ({ count, sum }) => (count > 0 ? sum / count : undefined),
  TC: ({ count }) => count,
  TS: ({ sum }) => sum,
  PR: ({ count }, all) => (100 * count) / all.count,
};

const known = new Map<string, Statistic>(Object.entries(SIMPLE));

/**
 * Reads a statistic's name.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
 * @throws Error for one that is not known here.
 */
export function statistic(name: string): Statistic {
  const found = known.get(name) ?? percentile(name) ?? trimmed(name);
  if (found === undefined) {
    throw new Error(
      `The statistic ${name} is not known here: write Average, Sum, Minimum, Maximum, SampleCount, p0 to p100, tm90, TM(10%:90%), TC, TS or PR(:0.02).`,
    );
  }
  known.set(name, found);
  return (values) => (values.count === 0 ? undefined : found(values));
}

/** Whether the statistic adds up over time, so that half a period has half of it. */
export function isAdditive(name: string): boolean {
  return name === 'Sum' || name === 'SampleCount' || /^(TC|TS)\(/.test(name);
}

function percentile(name: string): Statistic | undefined {
  const rank = Number(/^p(\d{1,3}(?:\.\d+)?)$/.exec(name)?.[1] ?? Number.NaN) / 100;
  return rank <= 1 ? (values) => values.quantile(rank) : undefined;
}

function trimmed(name: string): Statistic | undefined {
  const short = /^(tm|tc|ts)(\d{1,2}(?:\.\d+)?)$/.exec(name);
  const long = /^(TM|TC|TS|PR)\((\d*\.?\d*)(%?):(\d*\.?\d*)(%?)\)$/.exec(name);
  const kind = (short?.[1] ?? long?.[1] ?? '').toUpperCase();
  const finish = TRIMMED[kind];
  if (finish === undefined) return undefined;
  const trim =
    short === null
      ? trimOf(kind, long as RegExpExecArray)
      : ({ by: 'rank', low: 0, high: Number(short[2]) / 100 } as const);
  if (trim === undefined) return undefined;
  return (values) => {
    const kept = values.trimmed(trim);
    return kept === undefined ? undefined : finish(kept, values);
  };
}

function trimOf(
  kind: string,
  [, , low, lowUnit, high, highUnit]: RegExpExecArray,
): Trim | undefined {
  if (low === '' && high === '') return undefined;
  const percent = lowUnit === '%' || highUnit === '%';
  if (
    percent &&
    (kind === 'PR' || (low !== '' && lowUnit === '') || (high !== '' && highUnit === ''))
  )
    return undefined;
  const divisor = percent ? 100 : 1;
  return {
    by: percent ? 'rank' : 'value',
    low: low === '' ? (percent ? 0 : Number.NEGATIVE_INFINITY) : Number(low) / divisor,
    high: high === '' ? (percent ? 1 : Number.POSITIVE_INFINITY) : Number(high) / divisor,
  };
}
