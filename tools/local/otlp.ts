// An OTLP receiver (HTTP, JSON): keeps the latest spans and turns metrics into the platform's own.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { answer, isForeign, listen, readBody, serverOf, shut } from './http';
import type { MetricStore } from '../cloudwatch/metric-store';
import type { Ground } from './ground';

/** A span as the console shows it. */
export interface ReceivedSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startMs: number;
  durationMs: number;
  error: boolean;
  attributes: Record<string, string | number | boolean>;
}

interface KeyValue {
  key: string;
  value: {
    stringValue?: string;
    intValue?: string | number;
    doubleValue?: number;
    boolValue?: boolean;
  };
}

interface OtlpSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind?: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  status?: { code?: number };
  attributes?: KeyValue[];
}

interface DataPoint {
  attributes?: KeyValue[];
  startTimeUnixNano?: string;
  count?: string | number;
  sum?: number;
  min?: number;
  max?: number;
  asDouble?: number;
  asInt?: string | number;
}

interface OtlpMetric {
  name: string;
  histogram?: { dataPoints: DataPoint[]; aggregationTemporality?: number };
  sum?: { dataPoints: DataPoint[]; aggregationTemporality?: number };
  gauge?: { dataPoints: DataPoint[] };
}

const KEPT_SPANS = 2000;
const BODY_LIMIT_BYTES = 16 * 1024 * 1024;
const CUMULATIVE = 2;
/** Namespace that the collector of the recorded task definition exports to. */
export const SERVICE_NAMESPACE = 'Gatehouse/Service';

/** A receiver that listens, and where. */
export interface RunningOtlp {
  receiver: OtlpReceiver;
  /** What `OTEL_EXPORTER_OTLP_ENDPOINT` is set to. */
  url: string;
}

/** Starts the receiver that stands for the collector in each task. */
export async function start({ metrics, onClose }: Ground): Promise<RunningOtlp> {
  const receiver = new OtlpReceiver(metrics);
  onClose(() => receiver.close());
  return { receiver, url: `http://127.0.0.1:${await receiver.start()}` };
}

/** Receives `/v1/traces` and `/v1/metrics`. */
export class OtlpReceiver {
  private readonly spans: ReceivedSpan[] = [];
  private readonly totals = new Map<string, { count: number; sum: number }>();
  private readonly server = serverOf((request, response) => this.handle(request, response));

  constructor(private readonly metrics: MetricStore) {}

  /** Listens on a free port of 127.0.0.1 and answers it. */
  start(): Promise<number> {
    return listen(this.server, 0);
  }

  close(): Promise<void> {
    return shut(this.server);
  }

  /** The latest spans, newest first. */
  latest(limit = 200): ReceivedSpan[] {
    return this.spans.slice(-limit).reverse();
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (isForeign(request)) {
      answer(response, 403, { message: 'Telemetry of programs on this machine is taken here.' });
      return;
    }
    try {
      const raw = await readBody(request, BODY_LIMIT_BYTES);
      const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
      const body = JSON.parse(text.toString()) as Record<string, unknown>;
      if (request.url === '/v1/traces') this.addTraces(body);
      else if (request.url === '/v1/metrics') this.addMetrics(body);
      answer(response, 200, {});
    } catch {
      answer(response, 400, { message: 'Expected OTLP as JSON.' });
    }
  }

  private addTraces(body: Record<string, unknown>): void {
    type Resource = { scopeSpans?: { spans?: OtlpSpan[] }[] };
    for (const resource of (body.resourceSpans ?? []) as Resource[]) {
      for (const scope of resource.scopeSpans ?? []) {
        for (const span of scope.spans ?? []) this.spans.push(received(span));
      }
    }
    if (this.spans.length > KEPT_SPANS) this.spans.splice(0, this.spans.length - KEPT_SPANS);
  }

  private addMetrics(body: Record<string, unknown>): void {
    type Resource = {
      resource?: { attributes?: KeyValue[] };
      scopeMetrics?: { metrics?: OtlpMetric[] }[];
    };
    for (const { resource, scopeMetrics } of (body.resourceMetrics ?? []) as Resource[]) {
      const instance = String(attributes(resource?.attributes)['service.instance.id'] ?? '');
      for (const metric of scopeMetrics?.flatMap((scope) => scope.metrics ?? []) ?? []) {
        const data = metric.histogram ?? metric.sum ?? metric.gauge;
        const cumulative =
          data !== undefined &&
          'aggregationTemporality' in data &&
          data.aggregationTemporality === CUMULATIVE;
        for (const point of data?.dataPoints ?? []) {
          this.addPoint(metric.name, point, cumulative, instance);
        }
      }
    }
  }

  private addPoint(name: string, point: DataPoint, cumulative: boolean, instance: string): void {
    const dimensions = Object.fromEntries(
      Object.entries(attributes(point.attributes)).map(([key, value]) => [key, String(value)]),
    );
    const value = point.asDouble ?? Number(point.asInt ?? 0);
    const total = { count: Number(point.count ?? 1), sum: point.sum ?? value };
    const delta = cumulative
      ? this.sinceLast(JSON.stringify([name, dimensions, instance, point.startTimeUnixNano]), total)
      : total;
    this.metrics.merge(SERVICE_NAMESPACE, name, dimensions, {
      ...delta,
      min: point.min ?? delta.sum / Math.max(delta.count, 1),
      max: point.max ?? delta.sum / Math.max(delta.count, 1),
    });
  }

  /** What a cumulative series gained since its last export. */
  private sinceLast(
    id: string,
    total: { count: number; sum: number },
  ): { count: number; sum: number } {
    const before = this.totals.get(id) ?? { count: 0, sum: 0 };
    this.totals.set(id, total);
    return { count: total.count - before.count, sum: total.sum - before.sum };
  }
}

function received(span: OtlpSpan): ReceivedSpan {
  const startMs = Number(BigInt(span.startTimeUnixNano) / 1000n) / 1000;
  const endMs = Number(BigInt(span.endTimeUnixNano) / 1000n) / 1000;
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.parentSpanId === undefined ? {} : { parentSpanId: span.parentSpanId }),
    name: span.name,
    kind: span.kind ?? 0,
    startMs,
    durationMs: endMs - startMs,
    error: span.status?.code === 2,
    attributes: attributes(span.attributes),
  };
}

function attributes(list: KeyValue[] | undefined): Record<string, string | number | boolean> {
  return Object.fromEntries(
    (list ?? []).map(({ key, value }) => [
      key,
      value.stringValue ??
        value.boolValue ??
        value.doubleValue ??
        (value.intValue === undefined ? '' : Number(value.intValue)),
    ]),
  );
}
