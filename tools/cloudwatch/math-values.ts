// Values of metric math: what an expression yields, what it sees, and arguments read as what a function takes.
import { empty } from './series';
import type { TimeSeries, Window } from './series';

/** What an expression yields on its way: a number, a line, or several. */
export type MathValue = number | TimeSeries | TimeSeries[];

/** What an expression sees. */
export interface MathContext {
  window: Window;
  /** The value of another line of the request. */
  line(id: string): MathValue | undefined;
  /** The request's metrics (not its expressions), for METRICS(). */
  metrics(): { id: string; series: TimeSeries }[];
  /** Runs a SEARCH. */
  search(expression: string, stat: string): TimeSeries[];
}

/** An argument: a value, or a word (a text, REPEAT, DESC). */
export type MathArgument = MathValue | { word: string };

/** Reads a number or a line by position. */
export function operand(
  value: MathArgument | undefined,
  window: Window,
): (index: number) => number {
  if (typeof value === 'number') return () => value;
  const given = line(value);
  const [only, more] = Array.isArray(given) ? given : [given];
  if (more !== undefined) throw new Error('one line is expected here, not an array.');
  const { values } = only ?? empty(window, '');
  return (index) => values[index] ?? Number.NaN;
}

/** A function applied to one line, or to each of several; labels stay. */
export function mapLines(
  value: TimeSeries | TimeSeries[],
  apply: (series: TimeSeries) => Float64Array,
): MathValue {
  const one = (series: TimeSeries) => ({ label: series.label, values: apply(series) });
  return Array.isArray(value) ? value.map(one) : one(value);
}

/** The argument as one line or several; a number or a word is refused. */
export function line(value: MathArgument | undefined): TimeSeries | TimeSeries[] {
  if (Array.isArray(value)) return value;
  if (typeof value === 'object' && 'values' in value) return value;
  throw new Error('a line is expected here, not a number or a word.');
}

/** The argument as several lines, of which there may be one. */
export function lines(value: MathArgument | undefined): TimeSeries[] {
  const given = line(value);
  return Array.isArray(given) ? given : [given];
}

/** The argument as a number. */
export function scalar(value: MathArgument | undefined): number {
  if (typeof value === 'number') return value;
  throw new Error('a number is expected here.');
}

/** The argument as a word. */
export function word(value: MathArgument | undefined): string {
  if (typeof value === 'object' && 'word' in value) return value.word;
  throw new Error('a word is expected here.');
}
