// A recorded dashboard body, drawn: each widget with its place, and its lines as numbers.
import { durationMs, readLines, searched } from './dashboard-body';
import type { Elsewhere, Place, ReadLine, RecordedAxis, RecordedWidget } from './dashboard-body';
import { compileMetricData } from './metric-data';
import type { MetricData } from './metric-data';
import type { MetricSource, Window } from './series';

/** A line of a widget with its values, one a period; null where there is none. */
export interface DrawnLine {
  label: string;
  axis: 'left' | 'right';
  /** As the body says, `#rrggbb`. */
  colour?: string;
  values: (number | null)[];
}

/** A horizontal line that a graph is read against. */
export interface DrawnThreshold {
  label: string;
  value: number;
  colour?: string;
  axis: 'left' | 'right';
}

/** One widget, ready to be drawn. */
export type DrawnWidget = Place & { title: string } & (
    | { type: 'text'; markdown: string }
    | { type: 'alarm'; alarms: string[] }
    | { type: 'log'; query: string; region: string }
    | {
        type: 'metric';
        view: 'timeSeries' | 'singleValue' | 'gauge' | 'bar' | 'pie' | 'table';
        stacked: boolean;
        sparkline: boolean;
        window: Window;
        lines: DrawnLine[];
        thresholds: DrawnThreshold[];
        axes: { left: RecordedAxis; right: RecordedAxis };
        /** Metrics that the lines are made of, `namespace name`, each once. */
        metrics: string[];
      }
    | { type: 'unknown'; reason: string }
  );

/** What part of time is looked at. */
export interface Look {
  /** @default the dashboard's own; a widget's own goes before */
  rangeMs?: number;
  /** Where the data begins, epoch milliseconds: nothing before is drawn. @default long ago */
  sinceMs?: number;
}

/** A body that was read once and is drawn again and again. */
export interface Dashboard {
  /** The dashboard's own time range, milliseconds. */
  rangeMs: number;
  draw(source: MetricSource, nowMs: number, look?: Look): DrawnWidget[];
}

/** As many points as a graph shows: beyond, periods are longer. */
const MOST_POINTS = 1440;
/** Points that make a line. */
const FEWEST_POINTS = 4;
/** CloudWatch's default of a dashboard without `start`. */
const DEFAULT_RANGE_MS = 3 * 3_600_000;
const DEFAULT_PERIOD_SECONDS = 300;
const SIGNIFICANT_DIGITS = 6;

/**
 * Reads a body once.
 * @param elsewhere whether the metrics of a namespace and region are ones that the source has not,
 * though it has those of the same name of another region: they count as without data.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
 * @throws Error for a body that is no JSON, or an expression that can't be read.
 */
export function compileDashboard(body: string, elsewhere: Elsewhere = () => false): Dashboard {
  const { start, widgets } = JSON.parse(body) as { start?: string; widgets: RecordedWidget[] };
  const rangeMs = durationMs(start) ?? DEFAULT_RANGE_MS;
  const compiled = widgets.map((widget) => compileWidget(widget, elsewhere));
  return {
    rangeMs,
    draw: (source, nowMs, look = {}) =>
      compiled.map((draw) => draw(source, nowMs, { rangeMs, ...look })),
  };
}

type Draw = (source: MetricSource, nowMs: number, look: Look) => DrawnWidget;

function compileWidget({ type, properties, ...place }: RecordedWidget, elsewhere: Elsewhere): Draw {
  const { x, y, width, height } = place;
  const common = { x, y, width, height, title: properties.title ?? '' };
  switch (type) {
    case 'text':
      return () => ({ ...common, type, markdown: properties.markdown ?? '' });
    case 'alarm':
      return () => ({ ...common, type, alarms: properties.alarms ?? [] });
    case 'log':
      return () => {
        const { query = '', region = '' } = properties;
        return { ...common, type, query, region };
      };
    case 'metric':
      return compileMetricWidget(common, properties, elsewhere);
    default:
      return () => ({
        ...common,
        type: 'unknown',
        reason: `A widget of type ${type} is not drawn here.`,
      });
  }
}

function compileMetricWidget(
  common: Place & { title: string },
  properties: RecordedWidget['properties'],
  elsewhere: Elsewhere,
): Draw {
  const lines = readLines(properties, elsewhere);
  const data = compileMetricData(lines.map(({ query }) => query));
  const own = {
    stacked: properties.stacked === true,
    sparkline: properties.sparkline === true,
    view: (properties.view ?? 'timeSeries') as 'timeSeries',
    axes: { left: properties.yAxis?.left ?? {}, right: properties.yAxis?.right ?? {} },
    thresholds: (properties.annotations?.horizontal ?? []).map(
      ({ label = '', value, color, yAxis = 'left' }) => ({
        ...{ label, value, axis: yAxis },
        ...(color === undefined ? {} : { colour: color }),
      }),
    ),
    metrics: [
      ...new Set(
        lines.flatMap(({ query: { metric, expression = '' } }) =>
          metric === undefined ? searched(expression) : [`${metric.namespace} ${metric.name}`],
        ),
      ),
    ],
  };
  const ownRangeMs = durationMs(properties.start);
  return (source, nowMs, { rangeMs = DEFAULT_RANGE_MS, sinceMs = 0 }) => {
    const window = windowOf(nowMs, ownRangeMs ?? rangeMs, sinceMs, properties.period);
    const drawn = drawLines(lines, data, source, window);
    return { ...common, ...own, type: 'metric', window, lines: drawn };
  };
}

function drawLines(
  lines: readonly ReadLine[],
  data: MetricData,
  source: MetricSource,
  window: Window,
): DrawnLine[] {
  const evaluated = data.evaluate(source, window);
  return lines.flatMap(({ query, visible, axis, colour }) =>
    visible
      ? evaluated.get(query.id).map(({ label, values }) => ({
          label,
          axis,
          ...(colour === undefined ? {} : { colour }),
          values: Array.from(values, rounded),
        }))
      : [],
  );
}

function rounded(value: number): number | null {
  return Number.isFinite(value) ? Number(value.toPrecision(SIGNIFICANT_DIGITS)) : null;
}

/**
 * The recorded period, longer where a graph could not show as many points. The period under way
 * looks like a fall, so it is shown while there are hardly others alone.
 */
function windowOf(
  nowMs: number,
  wantedMs: number,
  sinceMs: number,
  periodSeconds = DEFAULT_PERIOD_SECONDS,
): Window {
  const recordedMs = periodSeconds * 1000;
  const ageMs = nowMs - sinceMs;
  const rangeMs = Math.min(wantedMs, Math.max(ageMs, FEWEST_POINTS * recordedMs));
  const periodMs = recordedMs * Math.max(1, Math.ceil(rangeMs / recordedMs / MOST_POINTS));
  const count = Math.max(1, Math.ceil(rangeMs / periodMs));
  const underWay = ageMs < FEWEST_POINTS * periodMs ? periodMs : 0;
  const end = Math.floor(nowMs / periodMs) * periodMs + underWay;
  return { startMs: end - count * periodMs, periodMs, count };
}
