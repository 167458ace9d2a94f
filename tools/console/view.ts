// What the console's server and page say to each other: types alone.
import type { DrawnWidget } from '../cloudwatch/dashboard';
import type { State } from './condition';

export type MetricWidget = Extract<DrawnWidget, { type: 'metric' }>;

/** What does not change while the platform runs. */
export interface About {
  project: string;
  stack: string;
  region: string;
  edge: string;
  aws: string;
  /** The demo key: it has every scope, lives for a day, and opens this machine's platform alone. */
  key: string;
  keyHeader: string;
  /** Call that fits the API, without the key's value. */
  sample: { method: string; path: string };
  scopes: Record<string, string>;
  tables: string[];
  dashboards: { name: string; title: string }[];
  timeScale: number;
  startedMs: number;
  objectives: { availabilityPercent: number; latencyPercent: number; latencyMs: number };
}

/** A number with its recent course. */
export interface Tile {
  title: string;
  /** As it is shown, unit included; `–` where it is not known. */
  value: string;
  note?: string;
  values: (number | null)[];
  /** Value that the line is read against. */
  target?: number;
}

/** Something that happened at a time. */
export interface Happened {
  atMs: number;
  text: string;
}

export interface CallerRow {
  keyId: string;
  owner: string;
  perSecond: number;
  errorPercent: number;
  blockedPerSecond: number;
}

export interface RouteRow {
  route: string;
  perSecond: number;
  p50Ms: number | null;
  p99Ms: number | null;
  errorPercent: number;
}

export interface TaskRow {
  id: string;
  state: 'healthy' | 'unhealthy' | 'draining' | 'starting' | 'stopped';
  port: number;
  pid: number;
  inFlight: number;
}

export interface AlarmRow {
  name: string;
  title: string;
  state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  /** Since when, epoch milliseconds. */
  sinceMs: number;
  /** Whether it calls somebody. */
  calls: boolean;
  /** Fault that makes it ring here, or why it can't. */
  here: string;
}

export interface FaultRow {
  id: string;
  label: string;
  does: string;
  on: boolean;
}

/** The first view. */
export interface Now {
  atMs: number;
  condition: State & { sinceMs: number };
  tiles: Tile[];
  outcome: MetricWidget;
  response: MetricWidget;
  /** Events on the time axis. */
  marks: Happened[];
  callers: CallerRow[];
  routes: RouteRow[];
  tasks: TaskRow[];
  counts: { desired: number; pending: number; running: number; minimum: number; maximum: number };
  alarms: AlarmRow[];
  faults: FaultRow[];
  events: Happened[];
}

export interface DrawnDashboard {
  name: string;
  title: string;
  rangeMs: number;
  atMs: number;
  widgets: (DrawnWidget & { absent?: string; rows?: LogRow[]; states?: AlarmRow[] })[];
}

/** A row of a log table: columns as the query names them. */
export type LogRow = Record<string, string>;

export interface TraceRow {
  traceId: string;
  startMs: number;
  durationMs: number;
  route: string;
  status: number | null;
  error: boolean;
  owner: string;
  /** Parts of its time by who took it, in milliseconds. */
  parts: { name: string; ms: number }[];
}

export interface SpanRow {
  spanId: string;
  name: string;
  depth: number;
  startMs: number;
  durationMs: number;
  error: boolean;
  attributes: Record<string, string | number | boolean>;
}

export interface TraceDetail {
  traceId: string;
  /** More spans are not to be expected. */
  complete: boolean;
  spans: SpanRow[];
  lines: LogLine[];
}

export type LogSource = 'edge' | 'access' | 'service' | 'platform';

export interface LogLine {
  atMs: number;
  source: LogSource;
  /** Of what: a task's name, or the source's. */
  from: string;
  level: string;
  text: string;
  /** Ids by which lines belong together. */
  ids: Record<string, string>;
  /** Everything that the line says, flat. */
  fields: Record<string, string | number>;
}

export interface DataPage {
  table: string;
  items: Record<string, unknown>[];
  masked: string[];
  more: boolean;
}

/** The answer to a request that was sent from the API tab. */
export interface Sent {
  status: number;
  durationMs: number;
  headers: Record<string, string>;
  body: string;
  traceId: string;
}
