// A line of a graph or an alarm: a metric with its statistic, or an expression over other lines.

/** One metric with the statistic that is taken of it. */
export interface Metric<T = string> {
  readonly namespace: string;
  readonly name: string;
  /** Dimension values by name, in the order in which they are shown. */
  readonly dimensions: Readonly<Record<string, T>>;
  /** CloudWatch statistic: `Sum`, `Average`, `p99`, `PR(:0.02)` and so on. */
  readonly stat: string;
  /** Region that the metric is in. */
  readonly region: string;
}

/** A line drawn from a metric. */
export interface MetricLine<T = string> {
  /** Name that expressions use: a lower-case letter, then letters, digits or `_`. */
  readonly id?: string;
  readonly metric: Metric<T>;
  readonly label: string;
  /** Feeds an expression and is not drawn itself. @default false */
  readonly hidden?: boolean;
  /** @default left */
  readonly axis?: 'left' | 'right';
  /** Where it carries a meaning. @default CloudWatch's choice */
  readonly colour?: string;
}

/** A line computed by metric math. */
export interface ExpressionLine {
  readonly id?: string;
  /** Metric math over the ids of other lines, or a SEARCH. */
  readonly expression: string;
  readonly label: string;
  readonly hidden?: boolean;
  readonly axis?: 'left' | 'right';
  readonly colour?: string;
  /** Region that a SEARCH looks in. @default the widget's */
  readonly region?: string;
}

export type Line<T = string> = MetricLine<T> | ExpressionLine;

/** Whether a line is a metric's, and not an expression. */
export function isMetricLine<T>(line: Line<T>): line is MetricLine<T> {
  return 'metric' in line;
}

/** The one line of an alarm that needs no math. */
export function line<T>(metric: Metric<T>, label: string): MetricLine<T> {
  return { id: 'value', metric, label };
}

/** A line that feeds an expression. */
export function hidden<T>(id: string, metric: Metric<T>, label: string): MetricLine<T> {
  return { id, metric, label, hidden: true };
}

/** A metric in seconds, drawn in milliseconds. */
export function inMs<T>(
  id: string,
  metric: Metric<T>,
  label: string,
  drawn: Pick<MetricLine, 'axis' | 'colour'> = {},
): Line<T>[] {
  return [
    hidden(`${id}_s`, metric, label),
    { id: `${id}_ms`, expression: `1000 * ${id}_s`, label, ...drawn },
  ];
}

/** The sum of one metric over several places, as one line; a place without data counts as none. */
export function summed<T>(
  id: string,
  metrics: readonly Metric<T>[],
  label: string,
  drawn: Pick<MetricLine, 'axis' | 'colour' | 'hidden'> = {},
): Line<T>[] {
  const [only] = metrics;
  if (metrics.length === 1 && only !== undefined) return [{ id, metric: only, label, ...drawn }];
  return [
    ...metrics.map((metric, index) => hidden(`${id}_${index}`, metric, label)),
    {
      id,
      expression: metrics.map((_, index) => `FILL(${id}_${index}, 0)`).join(' + '),
      label,
      ...drawn,
    },
  ];
}
