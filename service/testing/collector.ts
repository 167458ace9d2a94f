// An OTLP collector for tests: takes exports as JSON, keeps them, and fails when told to.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Span {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: Record<string, string | number>;
  status?: { code: number };
}

export interface Point {
  attributes: Record<string, string | number>;
  count?: string;
  sum?: number;
  asInt?: string;
  bucketCounts?: string[];
  explicitBounds?: number[];
}

export interface Metric {
  name: string;
  unit: string;
  histogram?: { aggregationTemporality: number; dataPoints: Point[] };
  sum?: { isMonotonic: boolean; dataPoints: Point[] };
}

type Pair = { key: string; value: { stringValue?: string; intValue?: string } };
type Raw<T> = Omit<T, 'attributes'> & { attributes: Pair[] };

export interface Collector {
  readonly url: string;
  readonly spans: Span[];
  /** Of the latest export. */
  readonly metrics: Map<string, Metric>;
  readonly resources: Record<string, string | number>[];
  readonly headers: NodeJS.Dict<string | string[]>[];
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
      collector.posts += 1;
      const status = collector.answers.shift() ?? 200;
      if (status === 0) return;
      if (status === 200) take(collector, Buffer.concat(chunks).toString());
      collector.headers.push(request.headers);
      response.writeHead(status).end('{}');
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
    answers: [],
    posts: 0,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
  return collector;
}

function take(collector: Collector, text: string): void {
  const body = JSON.parse(text) as {
    resourceSpans?: { resource: { attributes: Pair[] }; scopeSpans: { spans: Raw<Span>[] }[] }[];
    resourceMetrics?: { resource: { attributes: Pair[] }; scopeMetrics: { metrics: Metric[] }[] }[];
  };
  for (const { resource, scopeSpans } of body.resourceSpans ?? []) {
    collector.resources.push(plain(resource.attributes));
    for (const span of scopeSpans.flatMap(({ spans }) => spans)) {
      collector.spans.push({ ...span, attributes: plain(span.attributes) });
    }
  }
  for (const { resource, scopeMetrics } of body.resourceMetrics ?? []) {
    collector.resources.push(plain(resource.attributes));
    for (const metric of scopeMetrics.flatMap(({ metrics }) => metrics)) {
      for (const point of metric.histogram?.dataPoints ?? metric.sum?.dataPoints ?? []) {
        point.attributes = plain(point.attributes as unknown as Pair[]);
      }
      collector.metrics.set(metric.name, metric);
    }
  }
}

function plain(pairs: Pair[]): Record<string, string | number> {
  return Object.fromEntries(
    pairs.map(({ key, value }) => [key, value.stringValue ?? Number(value.intValue)]),
  );
}
