// An OTLP collector for tests: takes exports in both forms, keeps them, and fails when told to.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeOtlp } from '../../tools/local/otlp-protobuf';

export type Values = Record<string, string | number | string[]>;

export interface Span {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: Values;
  status?: { code?: number; message?: string };
  events?: unknown[];
}

export interface Point {
  attributes: Values;
  count?: string | number;
  sum?: number;
  min?: number;
  max?: number;
  asInt?: string | number;
  asDouble?: number;
  scale?: number;
  positive?: { offset?: number; bucketCounts?: (string | number)[] };
}

interface Points {
  aggregationTemporality?: number;
  dataPoints: Point[];
}

export interface Metric {
  name: string;
  unit?: string;
  exponentialHistogram?: Points;
  histogram?: Points;
  sum?: Points;
  gauge?: Points;
}

interface Value {
  stringValue?: string;
  intValue?: string | number;
  doubleValue?: number;
  arrayValue?: { values?: Value[] };
}
type Pairs = { key: string; value: Value }[];
type Raw<T> = Omit<T, 'attributes'> & { attributes?: Pairs };

export interface Collector {
  readonly url: string;
  readonly spans: Span[];
  /** The latest of each name. */
  readonly metrics: Map<string, Metric>;
  readonly resources: Values[];
  readonly headers: NodeJS.Dict<string | string[]>[];
  /** All that came, as text. */
  text: string;
  /** Statuses of the next answers; then 200. `0` never answers. */
  answers: number[];
  /** Posts so far. */
  posts: number;
  close(): void;
}

/** Starts a collector on a free port. */
export async function startCollector(): Promise<Collector> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      collector.posts += 1;
      collector.text += body.toString();
      collector.headers.push(request.headers);
      const status = collector.answers.shift() ?? 200;
      if (status === 0) return;
      if (status === 200) take(collector, read(request.url, request.headers['content-type'], body));
      response.writeHead(status).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const collector: Collector = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans: [],
    metrics: new Map(),
    resources: [],
    headers: [],
    text: '',
    answers: [],
    posts: 0,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
  return collector;
}

/** What one request to a collector, or one datagram to a daemon, holds. */
export interface Export {
  resourceSpans?: {
    resource: { attributes?: Pairs };
    scopeSpans: { spans: Raw<Span>[] }[];
  }[];
  resourceMetrics?: {
    resource: { attributes?: Pairs };
    scopeMetrics: { metrics: Metric[] }[];
  }[];
}

function read(path: string | undefined, type: string | undefined, body: Buffer): Export {
  if (type === 'application/json') return JSON.parse(body.toString()) as Export;
  return decodeOtlp(path === '/v1/traces' ? 'traces' : 'metrics', body);
}

/** Keeps what an export holds. */
export function take(
  collector: Pick<Collector, 'spans' | 'metrics' | 'resources'>,
  { resourceSpans = [], resourceMetrics = [] }: Export,
): void {
  for (const { resource, scopeSpans } of resourceSpans) {
    collector.resources.push(plain(resource.attributes));
    for (const span of scopeSpans.flatMap(({ spans }) => spans)) {
      collector.spans.push({ ...span, attributes: plain(span.attributes) });
    }
  }
  for (const { resource, scopeMetrics } of resourceMetrics) {
    collector.resources.push(plain(resource.attributes));
    for (const metric of scopeMetrics.flatMap(({ metrics }) => metrics)) {
      for (const point of pointsOf(metric)) {
        point.attributes = plain(point.attributes as unknown as Pairs);
      }
      collector.metrics.set(metric.name, metric);
    }
  }
}

/** The points of a metric, whatever its kind. */
export function pointsOf(metric: Metric | undefined): Point[] {
  const { exponentialHistogram, histogram, sum, gauge } = metric ?? {};
  return (exponentialHistogram ?? histogram ?? sum ?? gauge)?.dataPoints ?? [];
}

function plain(pairs: Pairs = []): Values {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, plainValue(value)]));
}

function plainValue({ stringValue, intValue, doubleValue, arrayValue }: Value) {
  if (arrayValue !== undefined) {
    return (arrayValue.values ?? []).map((each) => each.stringValue ?? '');
  }
  return stringValue ?? doubleValue ?? Number(intValue);
}
