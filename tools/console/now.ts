// The first view: tiles and two graphs; every number from the platform's metrics.
import { COLOURS } from '../../dashboards/widgets';
import type { DrawnLine } from '../cloudwatch/dashboard';
import type { Window } from '../cloudwatch/series';
import { significant } from './condition';
import { finite, WindowReader, type NowOptions } from './now-window';
import { outcomeLines, shown } from './outcomes';
import type { MetricWidget, Tile } from './view';

const ELB = 'AWS/ApplicationELB';

/** Numbers with their courses, the two graphs. */
export function drawNow(options: NowOptions): {
  tiles: Tile[];
  outcome: MetricWidget;
  response: MetricWidget;
} {
  const reader = new WindowReader(options);
  const outcome = outcomeLines(reader, options.measured);
  const sum = (kinds: readonly string[]) =>
    reader.window.count === 0
      ? []
      : Array.from({ length: reader.window.count }, (_none, index) =>
          outcome
            .filter(({ kind }) => kinds.includes(kind))
            .reduce((all, { values }) => all + (values[index] ?? 0), 0),
        );
  const total = sum(['served', 'client', 'denied', 'blocked', 'failed']);
  const seconds = (stat: string) =>
    reader
      .read({
        ...{ namespace: ELB, name: 'TargetResponseTime', stat },
        dimensions: options.measured.loadBalancer,
      })
      .map((value) => 1000 * value);
  const times = { p50: seconds('p50'), p99: seconds('p99') };
  const healthy = options.measured.targetGroups.map((dimensions) =>
    reader.read({
      ...{ namespace: ELB, name: 'HealthyHostCount', stat: 'Average', dimensions },
    }),
  );
  // A group that has no tasks is not measured.
  const tasks = Array.from({ length: healthy[0]?.length ?? 0 }, (_none, index) => {
    const known = healthy.map((values) => values[index] ?? NaN).filter((value) => !isNaN(value));
    return known.length === 0 ? NaN : known.reduce((all, value) => all + value);
  });
  return {
    tiles: tilesOf(options, { total, sum, times, tasks }),
    outcome: widget(reader.window, 'Requests by outcome, a second', true, shown(outcome)),
    response: {
      ...widget(reader.window, 'Response time, ms, and tasks', false, [
        { label: 'p50', axis: 'left', colour: '#56b4e9', values: times.p50.map(finite) },
        { label: 'p99', axis: 'left', colour: '#0072b2', values: times.p99.map(finite) },
        { label: 'tasks', axis: 'right', colour: COLOURS.tasks, values: tasks.map(finite) },
      ]),
      // As high as tasks may go: how far they are from it is seen.
      axes: {
        left: { min: 0 },
        right: {
          min: 0,
          max: Math.max(options.facts.tasks.maximum, ...tasks.filter((count) => !isNaN(count))),
        },
      },
      thresholds: [
        {
          label: `target ${options.facts.objectives.latencyMs} ms`,
          value: options.facts.objectives.latencyMs,
          colour: COLOURS.target,
          axis: 'left',
        },
      ],
    },
  };
}

function tilesOf(
  { facts, store, measured, nowMs, rangeMs }: NowOptions,
  drawn: {
    total: number[];
    sum: (kinds: readonly string[]) => number[];
    times: { p50: number[]; p99: number[] };
    tasks: number[];
  },
): Tile[] {
  const share = (part: readonly number[]) =>
    part.map((value, index) => {
      const all = drawn.total[index] ?? 0;
      return all > 0 ? finite((100 * value) / all) : null;
    });
  const { tasks, response, objectives } = facts;
  const refused =
    facts.blocked.reduce((all, { perSecond }) => all + perSecond, 0) +
    facts.denied.reduce((all, { perSecond }) => all + perSecond, 0);
  const failed = Object.values(facts.failed).reduce((all, each) => all + each, 0);
  const ofAll = (count: number) =>
    facts.requestsPerSecond > 0
      ? `${significant(Math.min(100, (100 * count) / facts.requestsPerSecond))}%`
      : '–';
  const time = { namespace: ELB, name: 'TargetResponseTime', dimensions: measured.loadBalancer };
  const p50 = store.statistic(time, 'p50', nowMs - 10_000);
  return [
    {
      title: 'Requests a second',
      value: significant(facts.requestsPerSecond),
      note: 'over the last 10 s',
      values: drawn.total.map(finite),
    },
    {
      title: 'Without 5xx',
      value: ofAll(facts.requestsPerSecond - failed),
      note: `objective ${objectives.availabilityPercent}%`,
      values: share(drawn.sum(['served', 'client', 'denied', 'blocked'])),
      target: objectives.availabilityPercent,
    },
    {
      title: 'Denied and blocked',
      value: ofAll(refused),
      note: 'by edge and rate limits',
      values: share(drawn.sum(['denied', 'blocked'])),
    },
    {
      title: 'Response p50 / p99',
      value:
        response === undefined
          ? '–'
          : `${p50 === undefined ? '–' : significant(1000 * p50)} / ${significant(response.p99Ms)} ms`,
      note: `target ${objectives.latencyMs} ms`,
      values: drawn.times.p99.map(finite),
      target: objectives.latencyMs,
    },
    {
      title: 'Tasks',
      value: `${tasks.healthy} of ${tasks.maximum}`,
      note: tasks.pending > 0 ? `${tasks.pending} being started` : `${tasks.desired} desired`,
      values: drawn.tasks.map(finite),
    },
    { title: 'Error budget left', ...budget({ store, measured, facts, nowMs, rangeMs }) },
  ];
}

/** What is left of the failures that the objective allows, over the range. */
function budget({
  store,
  measured,
  facts,
  nowMs,
  rangeMs,
}: Pick<NowOptions, 'store' | 'measured' | 'facts' | 'nowMs' | 'rangeMs'>): Omit<Tile, 'title'> {
  const failed = {
    ...{ namespace: 'AWS/CloudFront', name: '5xxErrorRate' },
    dimensions: { DistributionId: measured.distributionId, Region: 'Global' },
  };
  const average = store.statistic(failed, 'Average', nowMs - rangeMs);
  const allowed = 100 - facts.objectives.availabilityPercent;
  const spent = average === undefined ? undefined : average / allowed;
  return {
    value: spent === undefined ? '–' : `${significant(100 * Math.max(0, 1 - spent))}%`,
    note:
      spent !== undefined && spent > 1
        ? `spent ${significant(spent)} times over`
        : `of ${significant(allowed)}% that may fail`,
    values: [],
  };
}

function widget(window: Window, title: string, stacked: boolean, lines: DrawnLine[]): MetricWidget {
  return {
    ...{ type: 'metric', x: 0, y: 0, width: 12, height: 6, title, stacked, window, lines },
    ...{ view: 'timeSeries', sparkline: false, thresholds: [], metrics: [] },
    axes: { left: { min: 0 }, right: { min: 0 } },
  };
}
