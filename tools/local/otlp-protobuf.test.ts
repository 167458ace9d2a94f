// Decoding is held against what OpenTelemetry's own exporters write, in both forms.
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import {
  JsonMetricsSerializer,
  JsonTraceSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { AggregationTemporality, AggregationType, MeterProvider } from '@opentelemetry/sdk-metrics';
import { MetricReader } from '@opentelemetry/sdk-metrics';
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import fc from 'fast-check';
import { decodeOtlp } from './otlp-protobuf';

const resource = resourceFromAttributes({ 'service.name': 'x', list: ['a', 'b'] });

class ManualReader extends MetricReader {
  protected override onShutdown = () => Promise.resolve();
  protected override onForceFlush = () => Promise.resolve();
}

/** As JSON has it: numbers of 64 bits may be texts, and what is empty may be left out. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(plain);
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value)
      .filter(([name]) => !/^(dropped|links|events|flags|traceState|exemplars)/i.test(name))
      .map(([name, member]) => [name, plain(member)] as const)
      .filter(([, member]) => ![undefined, 0, '', false].includes(member as never));
    return members.length === 0 ? undefined : Object.fromEntries(members);
  }
  return typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
}

describe('decodeOtlp', () => {
  it('reads spans as the JSON form has them', () => {
    const exporter = new InMemorySpanExporter();
    const provider = new TracerProvider({
      resource,
      spanProcessors: [new SimpleSpanProcessor({ exporter })],
    });
    const tracer = provider.getTracer('scope', '1');
    const parent = tracer.startSpan('parent', { kind: SpanKind.SERVER });
    const child = tracer.startSpan('ch\u00efld', {}, trace.setSpan(ROOT_CONTEXT, parent));
    child.setAttributes({ text: 'x', int: -7, double: 0.5, yes: true, no: false, list: [1, 2] });
    child.setStatus({ code: SpanStatusCode.ERROR, message: 'm' });
    child.end();
    parent.end();
    const spans = exporter.getFinishedSpans();
    const body = Buffer.from(ProtobufTraceSerializer.serializeRequest(spans) ?? []);
    const json = Buffer.from(JsonTraceSerializer.serializeRequest(spans) ?? []).toString();
    expect(plain(decodeOtlp('traces', body))).toEqual(plain(JSON.parse(json)));
    expect(JSON.stringify(decodeOtlp('traces', body))).toContain('ch\u00efld');
  });

  it('reads metrics of every kind as the JSON form has them', async () => {
    const reader = new ManualReader({
      aggregationTemporalitySelector: () => AggregationTemporality.DELTA,
    });
    const provider = new MeterProvider({
      resource,
      readers: [reader],
      views: [
        {
          instrumentName: 'exponential',
          aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM },
        },
      ],
    });
    const meter = provider.getMeter('scope');
    meter.createCounter('counter', { unit: '{x}' }).add(3, { a: 'b' });
    meter.createUpDownCounter('level').add(-2.5);
    meter.createGauge('gauge').record(1.5);
    const fixed = meter.createHistogram('fixed');
    const exponential = meter.createHistogram('exponential', { unit: 's' });
    for (const value of [0, 0.001, 0.02, 0.5, 300]) {
      fixed.record(value);
      exponential.record(value);
    }
    const { resourceMetrics } = await reader.collect();
    const body = Buffer.from(ProtobufMetricsSerializer.serializeRequest(resourceMetrics) ?? []);
    const json = Buffer.from(
      JsonMetricsSerializer.serializeRequest(resourceMetrics) ?? [],
    ).toString();
    expect(plain(decodeOtlp('metrics', body))).toEqual(plain(JSON.parse(json)));
    await provider.shutdown();
  });

  it('skips fields that it does not know, and takes numbers that are not packed', () => {
    const unknown = [0xf8, 0x07, 0x01, 0xf5, 0x07, 0, 0, 0, 0];
    const bucketCounts = [0x10, 0x05, 0x10, 0x07];
    const field = (tag: number[], bytes: number[]) => [...tag, bytes.length, ...bytes];
    const point = field([0x42], bucketCounts);
    const histogram = field([0x52], field([0x0a], point));
    const body = field([0x0a], field([0x12], field([0x12], [...unknown, ...histogram])));
    expect(decodeOtlp('metrics', Buffer.from(body))).toEqual({
      resourceMetrics: [
        {
          scopeMetrics: [
            {
              metrics: [
                {
                  exponentialHistogram: {
                    dataPoints: [{ positive: { bucketCounts: ['5', '7'] } }],
                  },
                },
              ],
            },
          ],
        },
      ],
    });
  });

  it('refuses any other bytes with a RangeError, or finds nothing in them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decodeOtlp('traces', Buffer.from(bytes));
        } catch (error) {
          expect((error as Error).name).toBe('RangeError');
        }
      }),
    );
    for (const bytes of [[0x0a, 0x05, 0x00], Array<number>(20).fill(0x80), [0x0b], [0x09, 1]]) {
      expect(() => decodeOtlp('metrics', Buffer.from(bytes))).toThrow(
        /wire type|too early|64 bits|out of range|bounds/,
      );
    }
  });
});
