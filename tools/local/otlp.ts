// An OTLP receiver (HTTP; protobuf or JSON): keeps the latest spans and turns metrics into the platform's own.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { answer, isForeign, listen, readBody, serverOf, shut } from './http';
import { decodeOtlp } from './otlp-protobuf';
import type { MetricStore } from '../cloudwatch/metric-store';
import type { Ground } from './ground';
import { OtlpMetrics } from './otlp-metrics';
import type { Attributes, DataPoint } from './otlp-metrics';

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
  attributes: Attributes;
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

type Attributed = DataPoint & { attributes?: KeyValue[] };

interface OtlpMetric {
  name: string;
  histogram?: { dataPoints: Attributed[]; aggregationTemporality?: number };
  exponentialHistogram?: { dataPoints: Attributed[]; aggregationTemporality?: number };
  sum?: { dataPoints: Attributed[]; aggregationTemporality?: number };
  gauge?: { dataPoints: Attributed[] };
}

const KEPT_SPANS = 2000;
const BODY_LIMIT_BYTES = 16 * 1024 * 1024;
const CUMULATIVE = 2;

/** A receiver that listens, and where. */
export interface RunningOtlp {
  receiver: OtlpReceiver;
  /** What `OTEL_EXPORTER_OTLP_ENDPOINT` is set to. */
  url: string;
}

/**
 * Starts the receiver that stands for the collector in each task.
 * @param options.stack the `Stack` dimension of the service's metrics.
 */
export async function start(
  { stack, healthPath }: { stack: string; healthPath: string },
  { metrics, onClose }: Ground,
): Promise<RunningOtlp> {
  const receiver = new OtlpReceiver(metrics, stack, healthPath);
  onClose(() => receiver.close());
  return { receiver, url: `http://127.0.0.1:${await receiver.start()}` };
}

/** Receives `/v1/traces` and `/v1/metrics`. */
export class OtlpReceiver {
  private readonly spans: ReceivedSpan[] = [];
  private readonly metrics: OtlpMetrics;
  private readonly server = serverOf((request, response) => this.handle(request, response));

  /** @param quietRoute route whose spans are not kept: health checks would crowd out all others. */
  constructor(
    metrics: MetricStore,
    stack: string,
    private readonly quietRoute?: string,
  ) {
    this.metrics = new OtlpMetrics(metrics, stack);
  }

  /** Listens on a free port of 127.0.0.1 and answers it. */
  start(): Promise<number> {
    return listen(this.server, 0);
  }

  close(): Promise<void> {
    return shut(this.server);
  }

  /** The latest spans, oldest first. */
  all(): readonly ReceivedSpan[] {
    return this.spans;
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (isForeign(request)) {
      answer(response, 403, { message: 'Telemetry of programs on this machine is taken here.' });
      return;
    }
    try {
      const raw = await readBody(request, BODY_LIMIT_BYTES);
      const bytes = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
      const isProtobuf = request.headers['content-type'] === 'application/x-protobuf';
      const signal = /^\/v1\/(traces|metrics)$/.exec(request.url ?? '')?.[1];
      if (signal !== 'traces' && signal !== 'metrics') {
        answer(response, 404, { message: 'Expected /v1/traces or /v1/metrics.' });
        return;
      }
      const body = isProtobuf
        ? decodeOtlp(signal, bytes)
        : (JSON.parse(bytes.toString()) as Record<string, unknown>);
      if (signal === 'traces') this.addTraces(body);
      else this.addMetrics(body);
      answer(response, 200, {});
    } catch {
      answer(response, 400, { message: 'Expected OTLP as protobuf or JSON.' });
    }
  }

  private addTraces(body: Record<string, unknown>): void {
    type Resource = { scopeSpans?: { spans?: OtlpSpan[] }[] };
    for (const resource of (body.resourceSpans ?? []) as Resource[]) {
      for (const scope of resource.scopeSpans ?? []) {
        for (const span of scope.spans ?? []) this.keep(received(span));
      }
    }
    if (this.spans.length > KEPT_SPANS) this.spans.splice(0, this.spans.length - KEPT_SPANS);
  }

  private keep(span: ReceivedSpan): void {
    const route = span.attributes['http.route'];
    if (route === undefined || route !== this.quietRoute) this.spans.push(span);
  }

  private addMetrics(body: Record<string, unknown>): void {
    type Resource = {
      resource?: { attributes?: KeyValue[] };
      scopeMetrics?: { metrics?: OtlpMetric[] }[];
    };
    for (const { resource, scopeMetrics } of (body.resourceMetrics ?? []) as Resource[]) {
      const instance = String(attributes(resource?.attributes)['service.instance.id'] ?? '');
      for (const metric of scopeMetrics?.flatMap((scope) => scope.metrics ?? []) ?? []) {
        const data = metric.histogram ?? metric.exponentialHistogram ?? metric.sum ?? metric.gauge;
        const cumulative =
          data !== undefined &&
          'aggregationTemporality' in data &&
          data.aggregationTemporality === CUMULATIVE;
        for (const point of data?.dataPoints ?? []) {
          const given = attributes(point.attributes);
          this.metrics.add(metric.name, point, given, { cumulative, instance });
        }
      }
    }
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

function attributes(list: KeyValue[] | undefined): Attributes {
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
