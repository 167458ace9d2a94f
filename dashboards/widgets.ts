// CloudWatch dashboard widgets and the grid that they stand in.
import { isMetricLine, type Line } from './metric';

/** Columns of a CloudWatch dashboard. */
const COLUMNS = 24;
/** Rows that a graph takes unless it says otherwise, and a single value. */
const GRAPH_HEIGHT = 6;
const SINGLE_HEIGHT = 3;

/** A widget before it has a place. */
export interface Widget {
  readonly type: 'metric' | 'text' | 'log' | 'alarm';
  readonly height: number;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** A horizontal line in a graph. */
export interface Threshold {
  readonly label: string;
  readonly value: number;
}

/** Colours with a meaning, of the palette by Okabe and Ito that colour-blind people can tell apart. */
export const COLOURS = {
  served: '#0072b2',
  clientError: '#e69f00',
  denied: '#cc79a7',
  blocked: '#8b5e3c',
  serverError: '#d55e00',
  target: '#d55e00',
  tasks: '#7f7f7f',
} as const;

/** What a graph shows. */
export interface GraphOptions {
  readonly title: string;
  /** Region of the widget; lines of another region say so themselves. */
  readonly region: string;
  readonly lines: readonly Line[];
  /** Seconds of a data point. @default 60 */
  readonly periodSeconds?: number;
  /** @default timeSeries */
  readonly view?: 'timeSeries' | 'singleValue' | 'gauge';
  /** Areas on top of each other, where the sum means something. @default false */
  readonly stacked?: boolean;
  /** Name of the left axis' unit. */
  readonly unit?: string;
  /** Highest value of the left axis. @default CloudWatch's choice */
  readonly max?: number;
  /** Lines that the graph is read against. */
  readonly thresholds?: readonly Threshold[];
  /** Name of the right axis' unit, where lines stand there. */
  readonly rightUnit?: string;
  /** Time range of the widget's own, such as `-P7D`. @default the dashboard's */
  readonly start?: string;
  /** Rows that it takes. @default 6, single values 3 */
  readonly height?: number;
}

/** A graph, or a row of single values. */
export function graph(options: GraphOptions): Widget {
  const view = options.view ?? 'timeSeries';
  return {
    type: 'metric',
    height: options.height ?? (view === 'singleValue' ? SINGLE_HEIGHT : GRAPH_HEIGHT),
    properties: {
      title: options.title,
      region: options.region,
      view,
      stacked: options.stacked ?? false,
      period: options.periodSeconds ?? 60,
      metrics: options.lines.map((line) => metricArray(line, options.region)),
      ...(view === 'singleValue'
        ? { setPeriodToTimeRange: false, sparkline: true }
        : { yAxis: axes(options), legend: { position: 'bottom' } }),
      ...(options.start === undefined ? {} : { start: options.start }),
      ...(options.thresholds === undefined || options.thresholds.length === 0
        ? {}
        : {
            annotations: {
              horizontal: options.thresholds.map((each) => ({ ...each, color: COLOURS.target })),
            },
          }),
    },
  };
}

function axes(options: GraphOptions): Record<string, unknown> {
  const { rightUnit } = options;
  return {
    left: axis(options),
    ...(rightUnit === undefined ? {} : { right: { min: 0, label: rightUnit, showUnits: false } }),
  };
}

function axis(options: GraphOptions): Record<string, unknown> {
  return {
    min: 0,
    ...(options.max === undefined ? {} : { max: options.max }),
    ...(options.unit === undefined ? {} : { label: options.unit, showUnits: false }),
  };
}

/** CloudWatch's own form of a line: names and values in turn, then the options. */
function metricArray(line: Line, widgetRegion: string): unknown[] {
  const options = {
    ...(line.id === undefined ? {} : { id: line.id }),
    // A SEARCH names its lines itself.
    ...(line.label === '' ? {} : { label: line.label }),
    ...(line.hidden === true ? { visible: false } : {}),
    ...(line.axis === 'right' ? { yAxis: 'right' } : {}),
    ...(line.colour === undefined ? {} : { color: line.colour }),
  };
  if (!isMetricLine(line)) {
    const region = line.region ?? widgetRegion;
    return [
      { expression: line.expression, ...options, ...(region === widgetRegion ? {} : { region }) },
    ];
  }
  const { metric } = line;
  return [
    metric.namespace,
    metric.name,
    ...Object.entries(metric.dimensions).flat(),
    {
      ...options,
      stat: metric.stat,
      ...(metric.region === widgetRegion ? {} : { region: metric.region }),
    },
  ];
}

/** A paragraph in Markdown. */
export function text(markdown: string, height = 2): Widget {
  return { type: 'text', height, properties: { markdown, background: 'transparent' } };
}

/** The state of alarms. */
export function alarmStates(title: string, alarmArns: readonly string[]): Widget {
  return { type: 'alarm', height: 3, properties: { title, alarms: alarmArns } };
}

/** The answer of a Logs Insights query, as a table. */
export function logTable(
  title: string,
  region: string,
  logGroups: readonly string[],
  query: readonly string[],
): Widget {
  const sources = logGroups.map((group) => `SOURCE '${group}'`).join(' | ');
  return {
    type: 'log',
    height: GRAPH_HEIGHT,
    properties: { title, region, view: 'table', query: `${sources} | ${query.join('\n| ')}` },
  };
}

/** A query that runs in several regions: a table for each. */
export function logTables(
  title: string,
  regions: readonly string[],
  logGroups: readonly string[],
  query: readonly string[],
): Widget[] {
  return regions.map((region) => logTable(`${title}, ${region}`, region, logGroups, query));
}

/**
 * The body of a dashboard: rows from top to bottom, the widgets of a row side by side in equal parts.
 * @throws {Error} when the widgets of a row cannot share the 24 columns equally.
 */
export function dashboardBody(rows: readonly (readonly Widget[])[]): string {
  let y = 0;
  const widgets = rows.flatMap((row) => {
    const width = COLUMNS / row.length;
    if (!Number.isInteger(width)) {
      throw new Error(
        `${row.length} widgets cannot share ${COLUMNS} columns: use 1, 2, 3, 4 or 6.`,
      );
    }
    const height = Math.max(...row.map((widget) => widget.height));
    const placed = row.map(({ type, properties }, index) => ({
      type,
      x: index * width,
      y,
      width,
      height,
      properties,
    }));
    y += height;
    return placed;
  });
  // Relative to now, so that a link shows the present; on a laptop and on AWS alike. One-minute data
  // is kept for 15 days: beyond, CloudWatch chooses a period that still has points.
  return JSON.stringify({ start: '-PT3H', periodOverride: 'auto', widgets });
}
