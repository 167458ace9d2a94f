// The console: one page on the recorded dashboards, the metrics, traces, logs, keys and tables of the platform.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { keyEnvironment } from '../../contracts/api-key';
import { API_KEY_HEADER } from '../../contracts/headers';
import type { Workload } from '../../contracts/workload';
import type { Objectives } from '../../dashboards/references';
import type { Recording } from '../../recorder/record';
import { generateKey } from '../keys/generate';
import { clientOf } from '../local/aws/access';
import type { AwsEndpoint } from '../local/aws/endpoint';
import type { LoadBalancer } from '../local/fargate/balancer';
import type { TaskFleet } from '../local/fargate/fleet';
import type { Ground } from '../local/ground';
import type { OtlpReceiver } from '../local/otlp';
import { samplePath } from '../local/sample-path';
import { Alarms } from './alarms';
import { bundlePage } from './bundle';
import { Calls } from './calls';
import { Dashboards } from './dashboards';
import { readableOf, readTable } from './data';
import type { Events } from './events';
import type { Measured } from './facts';
import { Faults } from './faults';
import { ConsoleKeys } from './keys';
import { Logs } from './logs';
import { callersOf, routesOf } from './callers-and-routes';
import { drawNow } from './now';
import { send } from './send';
import { BadRequest, ConsoleServer } from './server';
import { tasksOf } from './task-rows';
import { isComplete, traceRows, waterfall, withFront } from './traces';
import type { OpenApi } from './openapi';
import type { About, LogLine, LogSource, Now } from './view';
import { Watch } from './watch';

export interface ConsoleOptions {
  recording: Recording;
  workload: Workload;
  objectives: Objectives;
  /** Address of the edge. */
  edge: string;
  aws: AwsEndpoint;
  region: string;
  keysTable: string;
  /** Physical names of the workload's tables, by their names in the workload. */
  tables: Readonly<Record<string, string>>;
  measured: Measured;
  /** The demo key. */
  key: string;
  otlp: OtlpReceiver;
  balancer: LoadBalancer;
  fleet: TaskFleet;
  minimum: number;
  maximum: number;
  /** The edge function fails while true. */
  breakEdge: (broken: boolean) => void;
  events: Events;
}

const RANGES_MS = { least: 60_000, most: 86_400_000, usual: 900_000 };
const TRACES = 100;
const LINES = 200;

/**
 * Listens on a port of 127.0.0.1; 0 for any free one.
 * @returns its address.
 * @throws Error with code `EADDRINUSE`.
 */
export async function start(
  options: ConsoleOptions,
  port: number,
  ground: Ground,
): Promise<string> {
  const { recording, workload, events, otlp, key, edge, aws, region, keysTable } = options;
  const { metrics, logFolder, timeScale } = ground;
  const startedMs = Date.now();
  const client = new DynamoDBClient(clientOf({ url: aws.url, region }));
  const logs = new Logs(logFolder);
  for (const event of events.since(0)) logs.add(platformLine(event));
  events.listen((event) => logs.add(platformLine(event)));
  const dashboards = new Dashboards(recording);
  const scopes = workload.scopes;
  const keys = new ConsoleKeys({
    ...{ client, table: keysTable, stack: recording.stack, scopes: Object.keys(scopes) },
  });
  const sample = sampleOf(workload);
  const calls = new Calls({
    ...{ edge, keyHeader: API_KEY_HEADER, readPath: sample.path },
    rateRules: options.measured.rateRules,
    openApi: (own) => openApi(edge, own),
    issue: async (owner) =>
      (await keys.issue({ owner, name: 'a fault', expires: '1d', scopes: Object.keys(scopes) }))
        .key,
    unknownKey: () => generateKey(keyEnvironment(recording.stack)).key,
  });
  const faults: Faults = new Faults({
    ...{ aws, fleet: options.fleet, keysTable, breakEdge: options.breakEdge, calls },
    ...{ balancer: options.balancer, touchKeys: () => keys.touch() },
  });
  const alarms = new Alarms(recording, { metrics, timeScale, here: (id) => faults.here(id) });
  const watch = new Watch({
    ...{ metrics, measured: options.measured, fleet: options.fleet, balancer: options.balancer },
    ...{ alarms, objectives: options.objectives, maximum: options.maximum, timeScale },
    say: ground.say,
  });
  const ownerOf = (keyId: string) => keys.ownerOf(keyId);
  const tables = { ...options.tables, keys: keysTable };

  const about = (): About => ({
    ...{ project: recording.project, stack: recording.stack, region, edge, aws: aws.url, key },
    ...{ keyHeader: API_KEY_HEADER, sample, scopes: { ...scopes }, tables: Object.keys(tables) },
    ...{ dashboards: dashboards.names(), timeScale, startedMs },
    objectives: options.objectives,
  });
  const now = async (parameters: URLSearchParams): Promise<Now> => {
    await keys.seeOwners();
    const nowMs = Date.now();
    const rangeMs = rangeOf(parameters) ?? RANGES_MS.usual;
    const { measured, minimum, maximum, fleet } = options;
    const happened = events.since(nowMs - rangeMs);
    return {
      ...{ atMs: nowMs, condition: watch.condition },
      ...drawNow({ store: metrics, measured, facts: watch.facts, nowMs, rangeMs, startedMs }),
      ...{ marks: happened, callers: callersOf(metrics, ownerOf, nowMs) },
      routes: routesOf(metrics, measured, workload.health, nowMs),
      ...{ tasks: tasksOf(options), counts: { ...fleet.counts(), minimum, maximum } },
      ...{ alarms: alarms.rows(), faults: faults.rows(), events: happened.slice(-20).reverse() },
    };
  };

  const server = new ConsoleServer({
    assets: bundlePage(),
    read: {
      '/api/about': about,
      // For programs, the keys command among them.
      '/api/platform': () => ({ ...about(), key: undefined, tasks: tasksOf(options) }),
      '/api/metrics': (parameters) => ({ series: metrics.query(metricQuery(parameters)) }),
      '/api/now': now,
      '/api/dashboards/*': (parameters, name) => {
        const rangeMs = rangeOf(parameters);
        const common = { metrics, alarms, logs, nowMs: Date.now(), startedMs };
        return dashboards.draw(name, { ...common, ...(rangeMs === undefined ? {} : { rangeMs }) });
      },
      '/api/traces': async (parameters) => {
        await keys.seeOwners();
        const sinceMs = Date.now() - (rangeOf(parameters) ?? RANGES_MS.usual);
        const filter = parameters.get('filter') ?? '';
        return { traces: traceRows(otlp.all(), { filter, sinceMs, limit: TRACES, ownerOf }) };
      },
      '/api/traces/*': (_parameters, traceId) => {
        const lines = logs.related(traceId);
        const spans = withFront(waterfall(otlp.all(), traceId), lines);
        const complete = isComplete(otlp.all(), traceId, Date.now());
        return spans.length + lines.length === 0 ? undefined : { traceId, complete, spans, lines };
      },
      '/api/logs': (parameters) => {
        const sources = parameters.get('sources')?.split(',') as LogSource[] | undefined;
        return {
          lines: logs.find({
            filter: parameters.get('filter') ?? '',
            ...(sources === undefined ? {} : { sources }),
            ...{ sinceMs: Date.now() - (rangeOf(parameters) ?? RANGES_MS.usual), limit: LINES },
          }),
        };
      },
      '/api/keys': async () => ({ keys: await keys.list() }),
      '/api/data/*': (_parameters, table) => {
        if (!Object.hasOwn(tables, table)) return undefined;
        const physicalName = tables[table as keyof typeof tables];
        const readable = readableOf(table, workload);
        return readTable(client, { table, physicalName, readable });
      },
      '/api/openapi': () => openApi(edge, key),
    },
    act: {
      '/api/keys': (input) => keys.issue(input),
      '/api/keys/*/rotate': (_input, id) => keys.rotate(id),
      '/api/keys/*/revoke': (_input, id) => keys.revoke(id),
      '/api/send': (input) => send(edge, input),
      '/api/faults/*': ({ on }, id) => {
        if (typeof on !== 'boolean')
          throw new BadRequest('Expected {"on": true} or {"on": false}.');
        return faults.set(id, on) ? { faults: faults.rows() } : undefined;
      },
      '/api/tasks/*/kill': (_input, id) => (faults.kill(id) ? { id } : undefined),
    },
  });
  ground.onClose(async () => {
    watch.close();
    faults.close();
    await server.close();
    client.destroy();
  });
  return `http://127.0.0.1:${await server.start(port)}`;
}

/** `namespace`, `name` and `since` are the query's own; every other parameter is a dimension. */
function metricQuery(parameters: URLSearchParams) {
  const { namespace, name, since, ...dimensions } = Object.fromEntries(parameters) as Record<
    string,
    string | undefined
  >;
  const sinceMs = since === undefined ? undefined : Date.parse(since);
  return {
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(sinceMs === undefined || Number.isNaN(sinceMs) ? {} : { sinceMs }),
    dimensions: dimensions as Record<string, string>,
  };
}

/** Milliseconds of the parameter `range`, in seconds; undefined when it is none. */
function rangeOf(parameters: URLSearchParams): number | undefined {
  const seconds = Number(parameters.get('range') ?? Number.NaN);
  if (!Number.isFinite(seconds)) return undefined;
  return Math.min(RANGES_MS.most, Math.max(RANGES_MS.least, seconds * 1000));
}

function sampleOf(workload: Workload): About['sample'] {
  const rule =
    workload.rules.find(({ methods, scope }) => methods.includes('GET') && scope !== undefined) ??
    workload.rules.find(({ methods }) => methods.includes('GET'));
  return { method: 'GET', path: rule === undefined ? '/' : samplePath(rule) };
}

function platformLine({ atMs, text }: { atMs: number; text: string }): LogLine {
  const message = text.trim();
  return {
    ...{ atMs, source: 'platform', from: 'platform', level: 'info', text: message },
    ...{ ids: {}, fields: { message } },
  };
}

/**
 * The API's own description, where it has one.
 * @throws BadRequest while the API fails or is called too often.
 */
async function openApi(edge: string, key: string): Promise<OpenApi> {
  const response = await fetch(`${edge}/openapi.json`, { headers: { [API_KEY_HEADER]: key } });
  if (response.ok) return (await response.json()) as OpenApi;
  if (response.status >= 500 || response.status === 429) {
    throw new BadRequest(`The API answers ${response.status} to GET /openapi.json.`);
  }
  return { paths: {} };
}
