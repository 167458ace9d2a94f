// The functions of metric math, one entry each: how many arguments, and what they yield.
import { line, lines, mapLines, operand, scalar, word } from './math-values';
import type { MathArgument, MathContext, MathValue } from './math-values';
import { empty } from './series';
import type { TimeSeries, Window } from './series';

interface MathFunction {
  least: number;
  most: number;
  run(args: readonly MathArgument[], context: MathContext): MathValue;
}

/** @param size how many there would be without gaps. */
type Summary = (values: readonly number[], size: number) => number;

const SUMMARIES: Record<'AVG' | 'SUM' | 'MIN' | 'MAX' | 'STDDEV', Summary> = {
  // Over several lines a missing value counts as 0.
  AVG: (values, size) => total(values) / size,
  SUM: total,
  MIN: (values) => Math.min(...values),
  MAX: (values) => Math.max(...values),
  STDDEV: (values) => {
    const average = total(values) / values.length;
    return Math.sqrt(total(values.map((value) => (value - average) ** 2)) / values.length);
  },
};

/** Every function that is known here. AWS has a few more, which nothing of ours uses. */
export const FUNCTIONS: Readonly<Record<string, MathFunction | undefined>> = {
  ...Object.fromEntries(
    Object.entries(SUMMARIES).map(([name, summary]) => [name, summarizing(summary)]),
  ),
  ABS: each(Math.abs),
  CEIL: each(Math.ceil),
  FLOOR: each(Math.floor),
  LOG: each(Math.log),
  LOG10: each(Math.log10),
  DIFF: onLines(1, ({ values }) => differences(values, 1)),
  RATE: onLines(1, ({ values }, { window }) => differences(values, window.periodMs / 1000)),
  RUNNING_SUM: onLines(1, ({ values }) => {
    let sum = 0;
    return values.map((value) => (Number.isNaN(value) ? value : (sum += value)));
  }),
  DATAPOINT_COUNT: summarizing((values) => values.length, 0),
  FILL: {
    least: 2,
    most: 2,
    run: ([value, filler], { window }) =>
      mapLines(line(value), (series) => fill(series.values, filler, window)),
  },
  IF: { least: 2, most: 3, run: ([test, yes, no], { window }) => choose(test, yes, no, window) },
  METRICS: {
    least: 0,
    most: 1,
    run: ([part], context) =>
      context
        .metrics()
        .filter(({ id }) => part === undefined || id.includes(word(part)))
        .map(({ series }) => series),
  },
  SEARCH: {
    least: 2,
    most: 3,
    run: ([expression, stat], context) => context.search(word(expression), word(stat)),
  },
  SORT: {
    least: 3,
    most: 4,
    run: ([array, by, order, limit]) => {
      const summary = SUMMARIES[word(by) as keyof typeof SUMMARIES];
      if (summary === undefined)
        throw new Error(`SORT goes by AVG, SUM, MIN or MAX, not ${word(by)}.`);
      const sign = word(order) === 'DESC' ? -1 : 1;
      const rank = ({ values }: TimeSeries) => {
        const present = [...values].filter((value) => !Number.isNaN(value));
        return present.length === 0 ? Number.NEGATIVE_INFINITY : summary(present, present.length);
      };
      return lines(array)
        .map((series) => ({ series, rank: rank(series) }))
        .sort((a, b) => (a.rank === b.rank ? 0 : sign * (a.rank - b.rank)))
        .map(({ series }) => series)
        .slice(0, limit === undefined ? undefined : scalar(limit));
    },
  },
  SLICE: {
    least: 2,
    most: 3,
    run: ([array, from, to]) =>
      lines(array).slice(scalar(from), to === undefined ? undefined : scalar(to)),
  },
  FIRST: { least: 1, most: 1, run: ([array], { window }) => lines(array)[0] ?? empty(window, '') },
  LAST: {
    least: 1,
    most: 1,
    run: ([array], { window }) => lines(array).at(-1) ?? empty(window, ''),
  },
  METRIC_COUNT: { least: 1, most: 1, run: ([array]) => lines(array).length },
  REMOVE_EMPTY: {
    least: 1,
    most: 1,
    run: ([array]) =>
      lines(array).filter(({ values }) => values.some((value) => !Number.isNaN(value))),
  },
  PERIOD: { least: 1, most: 1, run: (_args, { window }) => window.periodMs / 1000 },
  TIME_SERIES: {
    least: 1,
    most: 1,
    run: ([value], { window }) => ({
      label: '',
      values: new Float64Array(window.count).fill(scalar(value)),
    }),
  },
  MINUTE: clock((date) => date.getUTCMinutes()),
  HOUR: clock((date) => date.getUTCHours()),
  // Monday is 1 and Sunday 7.
  DAY: clock((date) => date.getUTCDay() || 7),
  DATE: clock((date) => date.getUTCDate()),
  MONTH: clock((date) => date.getUTCMonth() + 1),
  YEAR: clock((date) => date.getUTCFullYear()),
  EPOCH: clock((date) => date.getTime() / 1000),
};

/** Over one line a number, over several a line: each point from those that have one. */
function summarizing(summary: Summary, ofNothing = Number.NaN): MathFunction {
  const presentOf = (values: Iterable<number>) =>
    [...values].filter((value) => !Number.isNaN(value));
  const over = (present: readonly number[], size: number) =>
    present.length === 0 ? ofNothing : summary(present, size);
  return {
    least: 1,
    most: 1,
    run: ([value], { window }) => {
      const given = line(value);
      if (!Array.isArray(given)) {
        const present = presentOf(given.values);
        return over(present, present.length);
      }
      const values = new Float64Array(window.count);
      for (let index = 0; index < window.count; index += 1) {
        const present = presentOf(given.map((series) => series.values[index] ?? Number.NaN));
        values[index] = over(present, given.length);
      }
      return { label: '', values };
    },
  };
}

function each(apply: (value: number) => number): MathFunction {
  return onLines(1, ({ values }) => values.map(apply));
}

function onLines(
  count: number,
  apply: (series: TimeSeries, context: MathContext) => Float64Array,
): MathFunction {
  return {
    least: count,
    most: count,
    run: ([value], context) => mapLines(line(value), (series) => apply(series, context)),
  };
}

function clock(read: (date: Date) => number): MathFunction {
  return {
    least: 1,
    most: 1,
    run: (_args, { window }) => ({
      label: '',
      values: Float64Array.from({ length: window.count }, (_none, index) =>
        read(new Date(window.startMs + index * window.periodMs)),
      ),
    }),
  };
}

/** The difference to the point before; the first, and one after a gap of data, has none. */
function differences(values: Float64Array, divisor: number): Float64Array {
  return values.map((value, index) => (value - (values[index - 1] ?? Number.NaN)) / divisor);
}

function fill(
  values: Float64Array,
  filler: MathArgument | undefined,
  window: Window,
): Float64Array {
  if (typeof filler === 'object' && 'word' in filler) {
    if (filler.word === 'REPEAT') return repeated(values);
    if (filler.word === 'LINEAR') return interpolated(values);
    throw new Error(`FILL takes a number, a line, REPEAT or LINEAR, not ${filler.word}.`);
  }
  const from = operand(filler, window);
  return values.map((value, index) => (Number.isNaN(value) ? from(index) : value));
}

function repeated(values: Float64Array): Float64Array {
  let last = Number.NaN;
  return values.map((value) => (last = Number.isNaN(value) ? last : value));
}

function interpolated(values: Float64Array): Float64Array {
  return values.map((value, index) => {
    if (!Number.isNaN(value)) return value;
    const before = values.findLastIndex((other, at) => at < index && !Number.isNaN(other));
    const after = values.findIndex((other, at) => at > index && !Number.isNaN(other));
    const [a, b] = [values[before], values[after]];
    return a === undefined || b === undefined
      ? Number.NaN
      : a + ((b - a) * (index - before)) / (after - before);
  });
}

/**
 * AWS's table of IF: no condition, no point; true and nothing there, 0; false and nothing there,
 * no point.
 */
function choose(
  test: MathArgument | undefined,
  yes: MathArgument | undefined,
  no: MathArgument | undefined,
  window: Window,
): MathValue {
  const [condition, whenTrue] = [operand(test, window), operand(yes, window)];
  const whenFalse = no === undefined ? () => Number.NaN : operand(no, window);
  const isSeries = typeof test !== 'number';
  return {
    label: '',
    values: Float64Array.from({ length: window.count }, (_none, index) => {
      const holds = condition(index);
      if (Number.isNaN(holds)) return Number.NaN;
      if (holds === 0) return whenFalse(index);
      const value = whenTrue(index);
      return Number.isNaN(value) && isSeries ? 0 : value;
    }),
  };
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
