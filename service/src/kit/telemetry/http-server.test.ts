// Spans and durations of requests: what the semantic conventions ask for, compared with @hono/otel's.
import { httpInstrumentationMiddleware } from '@hono/otel';
import { trace } from '@opentelemetry/api';
import type { Attributes } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { Hono } from 'hono';
import { EDGE_TIMING_HEADER } from '../../../../contracts/headers';
import { SERVICE_METRICS } from '../../../../contracts/metrics';
import { writeEdgeTiming } from '../../../../contracts/trace-context';
import { pointsOf, startCollector } from '../../../testing/collector';
import type { Collector, Span } from '../../../testing/collector';
import { telemetryOf } from '../../../testing/telemetry';
import type { Telemetry } from '../telemetry';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';
const DURATION = SERVICE_METRICS.requestDuration.name;
const REQUESTS: readonly [string, string][] = [
  ['GET', '/things/1'],
  ['GET', '/things/2?secret=hunter2'],
  ['POST', '/things/1'],
  ['GET', '/broken'],
  ['GET', '/sync'],
];

function addRoutes(app: Hono): Hono {
  app.use('/things/*', async (_c, next) => next());
  app.get('/things/:id', async (c) => c.json({ id: await Promise.resolve(c.req.param('id')) }));
  app.post('/things/:id', (c) => c.body(null, 204));
  app.get('/sync', (c) => c.text('x'));
  app.get('/broken', () => {
    throw new Error('hunter2 broke it');
  });
  app.onError((_error, c) => c.text('sorry', 500));
  return app;
}

describe('httpServerTelemetry', () => {
  let collector: Collector;
  let telemetry: Telemetry;
  beforeEach(async () => {
    collector = await startCollector();
  });
  afterEach(async () => {
    await telemetry.shutdown(60_000);
    collector.close();
  });

  /** An app with the routes above behind telemetry. */
  function start(env: NodeJS.ProcessEnv = {}): Hono {
    telemetry = telemetryOf({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...env });
    return addRoutes(new Hono().use(telemetry.middleware));
  }
  const call = (app: Hono, method: string, path: string, headers = {}) =>
    app.request(`http://service.example:8080${path}`, { method, headers });
  const flushed = async (): Promise<Span[]> => {
    await telemetry.flush(60_000);
    return collector.spans;
  };

  it('emits what @hono/otel emits for the same requests, but for full URL and exceptions', async () => {
    const spans = new InMemorySpanExporter();
    const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
    const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 });
    const meterProvider = new MeterProvider({ readers: [reader] });
    const tracerProvider = new TracerProvider({
      spanProcessors: [new SimpleSpanProcessor({ exporter: spans })],
    });
    const peer = httpInstrumentationMiddleware({ tracerProvider, meterProvider });
    const theirs = addRoutes(new Hono().use(peer));
    const ours = start();
    for (const [method, path] of REQUESTS) {
      await call(theirs, method, path);
      await call(ours, method, path);
    }
    const mine = await flushed();
    await reader.forceFlush();
    const wanted = spans.getFinishedSpans();
    expect(mine).toHaveLength(wanted.length);
    for (const [at, span] of wanted.entries()) {
      const own = mine[at] as Span;
      const { 'url.full': full, ...attributes } = span.attributes;
      expect(String(full)).toContain(own.attributes['url.path']);
      expect(own.attributes).toMatchObject(defined(attributes));
      // The OTLP numbers of span kinds are one higher than those of the API.
      expect([own.name, own.kind]).toEqual([span.name, span.kind + 1]);
      expect(own.status?.code ?? 0).toBe(span.status.code);
    }
    const theirPoints = exporter
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics))
      .filter(({ descriptor }) => descriptor.name === DURATION)
      .flatMap(({ dataPoints }): { attributes: Attributes; value: unknown }[] => dataPoints);
    const points = pointsOf(collector.metrics.get(DURATION));
    expect(points).toHaveLength(theirPoints.length);
    for (const [at, { attributes, value }] of theirPoints.entries()) {
      expect(points[at]?.attributes).toMatchObject(defined(attributes));
      expect(Number(points[at]?.count)).toBe((value as { count: number }).count);
    }
    expect(points.length).toBeGreaterThan(0);
    await tracerProvider.shutdown();
    await meterProvider.shutdown();
  });

  it('has what the conventions ask for, and neither query, header, address nor message', async () => {
    const app = start();
    const headers = {
      host: 'service.example:8080',
      'user-agent': 'tester/203.0.113.9',
      'x-forwarded-for': '203.0.113.9',
      authorization: 'hunter2',
    };
    await call(app, 'GET', '/things/%37?secret=hunter2', headers);
    await call(app, 'GET', '/broken?secret=hunter2', headers);
    const [span, broken] = await flushed();
    const common = { 'http.request.method': 'GET', 'url.scheme': 'http' };
    expect(span?.attributes).toEqual({
      ...common,
      'http.route': '/things/:id',
      'http.response.status_code': 200,
      'url.path': '/things/%37',
    });
    expect(broken?.attributes).toEqual({
      ...common,
      'http.route': '/broken',
      'http.response.status_code': 500,
      'error.type': '500',
      'url.path': '/broken',
    });
    expect(broken?.status).toEqual({ code: 2 });
    const took = BigInt(span?.endTimeUnixNano ?? 0) - BigInt(span?.startTimeUnixNano ?? 0);
    expect(took).toBeGreaterThan(0n);
    const duration = collector.metrics.get(DURATION);
    expect(duration?.unit).toBe('s');
    expect(pointsOf(duration).map(({ attributes }) => attributes)).toEqual(
      [span, broken].map((each) => {
        const { 'url.path': _, ...rest } = each?.attributes ?? {};
        return rest;
      }),
    );
    expect(collector.text).not.toMatch(/hunter2|203\.0\.113|service\.example/);
  });

  it("continues the caller's trace, and follows its decision", async () => {
    const app = start();
    const seen: unknown[] = [];
    app.get('/inside', (c) => {
      const { traceId, traceFlags } = trace.getActiveSpan()?.spanContext() ?? {};
      seen.push([traceId, traceFlags]);
      return c.text('x');
    });
    await call(app, 'GET', '/inside', { traceparent: `00-${TRACE}-${PARENT}-01` });
    await call(app, 'GET', '/inside', { traceparent: `00-${TRACE}-${PARENT}-00` });
    expect(seen).toEqual([
      [TRACE, 1],
      [TRACE, 0],
    ]);
    expect((await flushed()).map((span) => [span.traceId, span.parentSpanId])).toEqual([
      [TRACE, PARENT],
    ]);
  });

  it("writes the edge's span from what the edge told, between the caller's and its own", async () => {
    const timing = { startMs: 1_764_000_000_000, durationMs: 7.25, lookupMs: 6, cache: 'miss' };
    const told = (more = {}) => ({
      traceparent: `00-${TRACE}-${PARENT}-01`,
      [EDGE_TIMING_HEADER]: writeEdgeTiming({ ...timing, ...more }),
    });
    const app = start();
    await call(app, 'GET', '/sync', told({ parentSpanId: 'c0ffee00c0ffee00' }));
    await call(app, 'GET', '/sync', told({ lookupMs: undefined, cache: undefined }));
    const spans = await flushed();
    const [own] = spans.filter(({ name }) => name === 'GET /sync');
    const [edge, first] = spans.filter(({ name }) => name === 'edge check');
    expect([own?.spanId === PARENT, own?.parentSpanId]).toEqual([false, PARENT]);
    expect(edge).toMatchObject({ name: 'edge check', traceId: TRACE, spanId: PARENT, kind: 2 });
    expect(edge?.parentSpanId).toBe('c0ffee00c0ffee00');
    expect([first?.parentSpanId, first?.attributes]).toEqual([undefined, {}]);
    expect(edge?.attributes).toEqual({
      'gatehouse.edge.cache': 'miss',
      'gatehouse.edge.lookup_ms': 6,
    });
    expect([edge?.startTimeUnixNano, edge?.endTimeUnixNano].map(Number)).toEqual([
      timing.startMs * 1e6,
      (timing.startMs + timing.durationMs) * 1e6,
    ]);
    expect(collector.text).toMatch(/[\w:.-]+-edge\W/);
  });

  it('writes no span of the edge for a request that is not recorded, nor from what the edge did not tell', async () => {
    const app = start();
    const timing = writeEdgeTiming({ startMs: 1, durationMs: 1 });
    await call(app, 'GET', '/sync', {
      traceparent: `00-${TRACE}-${PARENT}-00`,
      [EDGE_TIMING_HEADER]: timing,
    });
    await call(app, 'GET', '/sync', { [EDGE_TIMING_HEADER]: timing });
    await call(app, 'GET', '/sync', {
      traceparent: `00-${TRACE}-${PARENT}-01`,
      [EDGE_TIMING_HEADER]: 'hunter2',
    });
    expect((await flushed()).map(({ name }) => name)).toEqual(['GET /sync', 'GET /sync']);
  });

  it.each(['nonsense', `00-${'0'.repeat(32)}-${PARENT}-01`, `ff-${TRACE}-${PARENT}-01`])(
    'starts a trace of its own for the traceparent "%s"',
    async (traceparent) => {
      await call(start(), 'GET', '/sync', { traceparent });
      const [span] = await flushed();
      expect(span?.parentSpanId).toBeUndefined();
      expect(span?.traceId).not.toBe(TRACE);
    },
  );

  it('names neither route nor path when none matches, and folds unknown methods into one', async () => {
    const app = start();
    await call(app, 'GET', '/nowhere/at/all');
    await call(app, 'HEAD', '/things/3');
    await call(app, 'BREW', '/things/3');
    const spans = await flushed();
    expect(spans.map(({ name }) => name)).toEqual(['GET', 'HEAD /things/:id', 'HTTP']);
    expect(spans[2]?.attributes['http.request.method']).toBe('_OTHER');
    expect(spans[0]?.attributes).not.toHaveProperty('http.route');
  });

  it('counts an app that fails to answer as a 500, and lets the error pass', async () => {
    const app = start();
    app.onError((error) => {
      throw error;
    });
    await expect(call(app, 'GET', '/broken')).rejects.toThrow('hunter2');
    const [span] = await flushed();
    expect(span?.attributes['error.type']).toBe('500');
    expect(collector.text).not.toContain('hunter2');
  });

  it('measures a request that is not recorded, too', async () => {
    const app = start({ OTEL_TRACES_SAMPLER: 'always_off' });
    await call(app, 'GET', '/things/1');
    expect(await flushed()).toEqual([]);
    expect(pointsOf(collector.metrics.get(DURATION)).map(({ count }) => Number(count))).toEqual([
      1,
    ]);
  });
});

function defined(attributes: Attributes): Attributes {
  return JSON.parse(JSON.stringify(attributes)) as Attributes;
}
