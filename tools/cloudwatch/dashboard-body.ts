// The body of a dashboard as CloudWatch stores it: its widgets, the short forms of its lines, its time ranges.
import type { MetricDataQuery } from './metric-data';
import type { MetricReference } from './series';

/** An axis as the body says it. */
export interface RecordedAxis {
  min?: number;
  max?: number;
  label?: string;
}

/** Where a widget stands in the 24 columns. */
export interface Place {
  x: number;
  y: number;
  width: number;
  height: number;
}

interface RecordedOptions {
  id?: string;
  expression?: string;
  label?: string;
  stat?: string;
  period?: number;
  visible?: boolean;
  yAxis?: 'left' | 'right';
  color?: string;
  region?: string;
}

/** A widget of the body, as far as it is drawn. */
export interface RecordedWidget extends Place {
  type: string;
  properties: {
    title?: string;
    markdown?: string;
    alarms?: string[];
    query?: string;
    view?: string;
    stacked?: boolean;
    sparkline?: boolean;
    region?: string;
    stat?: string;
    period?: number;
    start?: string;
    metrics?: unknown[][];
    yAxis?: { left?: RecordedAxis; right?: RecordedAxis };
    annotations?: {
      horizontal?: { label?: string; value: number; color?: string; yAxis?: 'left' | 'right' }[];
      alarms?: string[];
    };
  };
}

/** A line of a widget: what is asked for, and how it is shown. */
export interface ReadLine {
  query: MetricDataQuery;
  visible: boolean;
  axis: 'left' | 'right';
  colour?: string;
}

/** Whether the metrics of a namespace and region are ones that a source has not. */
export type Elsewhere = (namespace: string, region: string) => boolean;

/** Metrics that a SEARCH looks for, `namespace name`. */
export function searched(expression: string): string[] {
  const found = /\{"?([^",}]+)[^}]*\}[^']*MetricName="([^"]+)"/.exec(expression);
  return found === null ? [] : [`${found[1]} ${found[2]}`];
}

/** Names and values in turn, then options; `.` repeats the field above, `...` the fields before. */
export function readLines(
  { metrics = [], stat: defaultStat = 'Average', region: home = '' }: RecordedWidget['properties'],
  elsewhere: Elsewhere,
): ReadLine[] {
  let above: string[] = [];
  return metrics.flatMap((entry, index) => {
    const last = entry.at(-1);
    const options = (typeof last === 'object' ? last : {}) as RecordedOptions;
    const given = entry.filter((part) => typeof part === 'string');
    const names =
      given[0] === '...' ? [...above.slice(0, 1 - given.length), ...given.slice(1)] : given;
    const full = names.map((name, at) => (name === '.' ? (above[at] ?? name) : name));
    if (full.length > 0) above = full;
    const id = options.id ?? `line${index}`;
    const { expression, region = home } = options;
    const namespace = expression === undefined ? full[0] : searched(expression)[0]?.split(' ')[0];
    if (elsewhere(namespace ?? '', region)) {
      if (expression !== undefined) return [];
      full[0] = `${namespace} in ${region}`;
    }
    return {
      query: queryOf(id, options, full, defaultStat),
      visible: options.visible !== false,
      axis: options.yAxis ?? 'left',
      ...(options.color === undefined ? {} : { colour: options.color }),
    };
  });
}

function queryOf(
  id: string,
  { expression, label, stat }: RecordedOptions,
  names: readonly string[],
  defaultStat: string,
): MetricDataQuery {
  if (expression !== undefined) return { id, expression, label: label ?? expression };
  const [namespace = '', name = '', ...pairs] = names;
  const dimensions: Record<string, string> = {};
  for (let at = 0; at + 1 < pairs.length; at += 2) {
    dimensions[pairs[at] as string] = pairs[at + 1] as string;
  }
  const metric: MetricReference = { namespace, name, dimensions, stat: stat ?? defaultStat };
  return { id, metric, label: label ?? name };
}

const UNITS_MS: Record<string, number> = {
  M: 60_000,
  H: 3_600_000,
  D: 86_400_000,
  W: 604_800_000,
};

/** A range relative to now, `-PT3H` or `-P7D`. */
export function durationMs(text: string | undefined): number | undefined {
  const parts = /^-P(?:(\d+)([DW]))?(?:T(?:(\d+)(H))?(?:(\d+)(M))?)?$/.exec(text ?? '');
  if (parts === null) return undefined;
  let total = 0;
  for (let at = 1; at < parts.length; at += 2) {
    total += Number(parts[at] ?? 0) * (UNITS_MS[parts[at + 1] ?? ''] ?? 0);
  }
  return total;
}
