// The first view: tiles, two graphs, who calls, what is slow; every number from the platform's metrics.
import { EDGE_METRICS, EDGE_REASONS, SERVICE_METRICS } from '../../contracts/metrics';
import { COLOURS } from '../../dashboards/widgets';
import { noDelay } from '../cloudwatch/delays';
import type { DrawnLine } from '../cloudwatch/dashboard';
import type { MetricStore } from '../cloudwatch/metric-store';
import type { MetricReference, Window } from '../cloudwatch/series';
import { CALLERS_NAMESPACE } from '../local/front/front-metrics';
import { significant } from './condition';
import type { Facts } from './condition';
import type { Measured } from './facts';
import type { CallerRow, MetricWidget, RouteRow, Tile } from './view';

/** What is drawn from. */
export interface NowOptions {
  store: MetricStore;
  measured: Measured;
  facts: Facts;
  nowMs: number;
  rangeMs: number;
  /** Before it there is nothing, and not zero. */
  startedMs: number;
}

/** A young platform is not a sliver at the edge: no more is looked at than there can be. */
export function fittedRange(rangeMs: number, ageMs: number, leastMs: number): number {
  return Math.min(rangeMs, Math.max(leastMs, ageMs * 1.05));
}

const ELB = 'AWS/ApplicationELB';
const EDGE = EDGE_METRICS.decisions.namespace;
/** Points of a second are kept for a quarter of an hour. */
const FINE_RANGE_MS = 900_000;
const FINE_PERIOD_MS = 5_000;
const COARSE_PERIOD_MS = 60_000;
const LEAST_RANGE_MS = 120_000;
const MOST_LINES = 8;
/** Rows of who and what are about the last minute. */
const ROWS_WINDOW_SECONDS = 60;

/** Reads series in one window. */
class Reader {
  readonly window: Window;
  private readonly perSecond: number;
  private readonly source;

  constructor(private readonly options: NowOptions) {
    const { nowMs, store } = options;
    const rangeMs = fittedRange(options.rangeMs, nowMs - options.startedMs, LEAST_RANGE_MS);
    const periodMs = rangeMs <= FINE_RANGE_MS ? FINE_PERIOD_MS : COARSE_PERIOD_MS;
    const count = Math.ceil(rangeMs / periodMs);
    // The period under way would always look like a fall.
    const end = Math.floor(nowMs / periodMs) * periodMs;
    this.window = { startMs: end - count * periodMs, periodMs, count };
    this.perSecond = 1000 / periodMs;
    this.source = store.source({ atMs: nowMs, delaySeconds: noDelay });
  }

  read(metric: MetricReference): number[] {
    return Array.from(this.source.values(metric, this.window));
  }

  /** A count a second; zero where nothing was counted while the platform ran. */
  rate(metric: Omit<MetricReference, 'stat'>): number[] {
    const { startMs, periodMs } = this.window;
    return this.read({ ...metric, stat: 'Sum' }).map((sum, index) =>
      Number.isNaN(sum)
        ? startMs + (index + 1) * periodMs > this.options.startedMs
          ? 0
          : Number.NaN
        : sum * this.perSecond,
    );
  }
}

/** Numbers with their courses, the two graphs. */
export function drawNow(options: NowOptions): {
  tiles: Tile[];
  outcome: MetricWidget;
  response: MetricWidget;
} {
  const reader = new Reader(options);
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

interface Outcome {
  kind: 'served' | 'client' | 'denied' | 'blocked' | 'failed';
  label: string;
  colour: string;
  values: number[];
}

function outcomeLines(reader: Reader, measured: Measured): Outcome[] {
  const { loadBalancer, webAcl, stack, rateRules } = measured;
  const target = (name: string) =>
    reader.rate({
      namespace: ELB,
      name: `HTTPCode_Target_${name}_Count`,
      dimensions: loadBalancer,
    });
  const denied = EDGE_REASONS.deny.map((reason) => ({
    reason,
    values: reader.rate({
      ...{ namespace: EDGE, name: EDGE_METRICS.decisions.name },
      dimensions: { Stack: stack, Decision: 'deny', Reason: reason },
    }),
  }));
  const failing = new Set<string>(['store-unavailable', 'internal']);
  const { LoadBalancer } = loadBalancer;
  const ok = target('2XX');
  const moved = target('3XX');
  return [
    {
      ...{ kind: 'served', label: 'served', colour: COLOURS.served },
      values: ok.map((value, index) => value + (moved[index] ?? 0)),
    },
    { kind: 'client', label: '4xx', colour: COLOURS.clientError, values: target('4XX') },
    ...denied
      .filter(({ reason }) => !failing.has(reason))
      .map(({ reason, values }) => ({
        ...{ kind: 'denied' as const, label: `denied: ${reason}`, colour: COLOURS.denied },
        values,
      })),
    ...rateRules.map(({ name }) => ({
      ...{ kind: 'blocked' as const, label: `blocked: ${name}`, colour: COLOURS.blocked },
      values: reader.rate({
        ...{ namespace: 'AWS/WAFV2', name: 'BlockedRequests' },
        dimensions: { WebACL: webAcl, Rule: name },
      }),
    })),
    { kind: 'failed', label: '5xx: tasks', colour: COLOURS.serverError, values: target('5XX') },
    {
      ...{ kind: 'failed', label: '5xx: load balancer', colour: COLOURS.serverError },
      values: reader.rate({
        ...{ namespace: ELB, name: 'HTTPCode_ELB_5XX_Count', dimensions: { LoadBalancer } },
      }),
    },
    ...denied
      .filter(({ reason }) => failing.has(reason))
      .map(({ reason, values }) => ({
        ...{ kind: 'failed' as const, label: `5xx: edge, ${reason}`, colour: COLOURS.serverError },
        values,
      })),
    {
      ...{ kind: 'failed', label: '5xx: edge function', colour: COLOURS.serverError },
      values: reader.rate({
        ...{ namespace: 'AWS/CloudFront', name: 'LambdaExecutionError' },
        dimensions: { DistributionId: measured.distributionId, Region: 'Global' },
      }),
    },
  ];
}

/** Lines that have something to show, the busiest; what is left over is one line, so that the sum holds. */
function shown(outcomes: readonly Outcome[]): DrawnLine[] {
  const sizes = new Map(
    outcomes.map((outcome) => [
      outcome,
      outcome.values.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : value), 0),
    ]),
  );
  const busy = outcomes.filter(
    (outcome) => outcome.kind === 'served' || (sizes.get(outcome) ?? 0) > 0,
  );
  const kept = new Set(
    [...busy].sort((a, b) => (sizes.get(b) ?? 0) - (sizes.get(a) ?? 0)).slice(0, MOST_LINES - 1),
  );
  const rest = busy.filter((outcome) => !kept.has(outcome));
  const line = ({ label, colour, values }: Outcome): DrawnLine => ({
    ...{ label, colour, axis: 'left' },
    values: values.map(finite),
  });
  const other: DrawnLine[] =
    rest.length === 0
      ? []
      : [
          {
            ...{ label: 'other', axis: 'left' },
            values: (rest[0]?.values ?? []).map((_value, index) =>
              finite(rest.reduce((sum, { values }) => sum + (values[index] ?? 0), 0)),
            ),
          },
        ];
  return [...busy.filter((outcome) => kept.has(outcome)).map(line), ...other];
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
  return {
    value: average === undefined ? '–' : `${significant(100 * (1 - average / allowed))}%`,
    note: `of ${significant(allowed)}% that may fail`,
    values: [],
  };
}

/** Who calls: requests of the last minute by key. */
export function callersOf(
  store: MetricStore,
  ownerOf: (keyId: string) => string,
  nowMs: number,
): CallerRow[] {
  const rows = new Map<string, { Requests: number; Errors: number; Blocked: number }>();
  const sinceMs = nowMs - ROWS_WINDOW_SECONDS * 1000;
  for (const { name, dimensions, points } of store.query({
    namespace: CALLERS_NAMESPACE,
    sinceMs,
  })) {
    const keyId = dimensions.KeyId ?? '';
    const row = rows.get(keyId) ?? { Requests: 0, Errors: 0, Blocked: 0 };
    row[name as 'Requests'] += points.reduce((sum, point) => sum + point.sum, 0);
    rows.set(keyId, row);
  }
  return [...rows]
    .filter(([, { Requests, Blocked }]) => Requests + Blocked > 0)
    .map(([keyId, { Requests, Errors, Blocked }]) => ({
      ...{ keyId, owner: ownerOf(keyId), perSecond: Requests / ROWS_WINDOW_SECONDS },
      errorPercent: Requests > 0 ? (100 * Errors) / Requests : 0,
      blockedPerSecond: Blocked / ROWS_WINDOW_SECONDS,
    }))
    .sort((a, b) => b.perSecond + b.blockedPerSecond - a.perSecond - a.blockedPerSecond)
    .slice(0, MOST_LINES);
}

/** What is slow: routes of the last minute. */
export function routesOf(
  store: MetricStore,
  { stack }: Measured,
  healthPath: string,
  nowMs: number,
): RouteRow[] {
  const { namespace, name, dimensions: names } = SERVICE_METRICS.routeDuration;
  const sinceMs = nowMs - ROWS_WINDOW_SECONDS * 1000;
  const rows = new Map<string, RouteRow & { counts: Record<string, number>; most: number }>();
  const found = store.query({ namespace, name, dimensions: { Stack: stack }, sinceMs });
  for (const { dimensions, points } of found) {
    if (names.some((each) => dimensions[each] === undefined)) continue;
    if (dimensions['http.route'] === healthPath) continue;
    const count = points.reduce((sum, point) => sum + point.count, 0);
    if (count === 0) continue;
    const route = `${dimensions['http.request.method']} ${dimensions['http.route']}`;
    const row = rows.get(route) ?? {
      ...{ route, perSecond: 0, p50Ms: null, p99Ms: null, errorPercent: 0 },
      ...{ counts: {}, most: 0 },
    };
    row.counts[dimensions['http.response.status_code'] ?? ''] = count;
    // Percentiles of different statuses don't add up: those of the commonest one stand for the route.
    if (count > row.most) {
      const take = (stat: string) => {
        const seconds = store.statistic({ namespace, name, dimensions }, stat, sinceMs);
        return seconds === undefined ? null : 1000 * seconds;
      };
      Object.assign(row, { most: count, p50Ms: take('p50'), p99Ms: take('p99') });
    }
    rows.set(route, row);
  }
  return [...rows.values()]
    .map(({ counts, most: _most, ...row }) => {
      const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
      const failed = Object.entries(counts)
        .filter(([status]) => Number(status) >= 500)
        .reduce((sum, [, count]) => sum + count, 0);
      return { ...row, perSecond: all / ROWS_WINDOW_SECONDS, errorPercent: (100 * failed) / all };
    })
    .sort((a, b) => (b.p99Ms ?? 0) - (a.p99Ms ?? 0))
    .slice(0, MOST_LINES);
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? Number(value.toPrecision(5)) : null;
}

function widget(window: Window, title: string, stacked: boolean, lines: DrawnLine[]): MetricWidget {
  return {
    ...{ type: 'metric', x: 0, y: 0, width: 12, height: 6, title, stacked, window, lines },
    ...{ view: 'timeSeries', sparkline: false, thresholds: [], metrics: [] },
    axes: { left: { min: 0 }, right: { min: 0 } },
  };
}
