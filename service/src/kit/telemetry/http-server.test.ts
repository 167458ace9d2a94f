// Spans and metrics of requests: what the semantic conventions ask for, compared with @hono/otel's.
import { serve } from '@hono/node-server';
import { httpInstrumentationMiddleware } from '@hono/otel';
import { context } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  TracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace';
import { Hono } from 'hono';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { DURATION_BOUNDARIES_SECONDS } from '../../../../contracts/metrics';
import { startCollector } from '../../../testing/collector';
import type { Collector, Span } from '../../../testing/collector';
import { startTelemetry } from '../telemetry';
import type { Telemetry } from '../telemetry';
import { activeContext } from './context';
import { readTelemetrySettings } from './settings';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';
const REQUESTS: readonly [string, string][] = [
  ['GET', '/things/1'],
  ['GET', '/things/2?secret=hunter2'],
  ['POST', '/things/1'],
  ['GET', '/broken'],
  ['GET', '/sync'],
];

function buildApp(): Hono {
  const app = new Hono();
  app.use('/things/*', async (_c, next) => next());
  app.get('/things/:id', async (c) => c.json({ id: await Promise.resolve(c.req.param('id')) }));
  app.post('/things/:id', (c) => c.body(null, 204));
  app.get('/sync', (c) => c.text('x'));
  app.get('/broken', () => {
    throw new Error('broken');
  });
  app.onError((_error, c) => c.text('sorry', 500));
  return app;
}

function start(collector: Collector, env: NodeJS.ProcessEnv = {}): Telemetry {
  const problems: string[] = [];
  const settings = readTelemetrySettings(
    { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...env },
    problems,
  );
  expect(problems).toEqual([]);
  return startTelemetry(settings, {}, () => undefined);
}

describe('HttpServerTelemetry', () => {
  let collector: Collector;
  let telemetry: Telemetry | undefined;
  beforeEach(async () => {
    collector = await startCollector();
  });
  afterEach(async () => {
    await telemetry?.shutdown(500);
    collector.close();
  });

  const call = (app: Hono, method: string, path: string, headers = {}) =>
    (telemetry as Telemetry).around(app)(
      new Request(`http://service.example:8080${path}`, { method, headers }),
    );
  const flushed = async (): Promise<Span[]> => {
    await telemetry?.flush(60_000);
    return collector.spans;
  };

  it('emits what @hono/otel emits for the same requests, but for the full URL', async () => {
    const spans = new InMemorySpanExporter();
    const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
    const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 });
    const meterProvider = new MeterProvider({ readers: [reader] });
    const tracerProvider = new TracerProvider({
      spanProcessors: [new SimpleSpanProcessor({ exporter: spans })],
    });
    const theirs = new Hono();
    theirs.use(httpInstrumentationMiddleware({ tracerProvider, meterProvider }));
    theirs.route('/', buildApp());
    theirs.onError((_error, c) => c.text('sorry', 500));
    telemetry = start(collector);
    const ours = buildApp();
    for (const [method, path] of REQUESTS) {
      await context.with(context.active(), () => theirs.request(path, { method }));
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
      expect(own.attributes).toMatchObject(JSON.parse(JSON.stringify(attributes)) as object);
      // The OTLP numbers of span kinds are one higher than those of the API.
      expect([own.name, own.kind]).toEqual([span.name, span.kind + 1]);
      expect(own.status?.code ?? 0).toBe(span.status.code);
    }
    const [{ scopeMetrics } = { scopeMetrics: [] }] = exporter.getMetrics();
    for (const { descriptor, dataPoints } of scopeMetrics.flatMap(({ metrics }) => metrics)) {
      const metric = collector.metrics.get(descriptor.name);
      const points = metric?.histogram?.dataPoints ?? metric?.sum?.dataPoints ?? [];
      expect([descriptor.name, points.length]).toEqual([descriptor.name, dataPoints.length]);
      for (const [at, point] of dataPoints.entries()) {
        expect(points[at]?.attributes).toMatchObject(
          JSON.parse(JSON.stringify(point.attributes)) as object,
        );
        const { count } = point.value as { count?: number };
        if (count !== undefined) expect(Number(points[at]?.count)).toBe(count);
      }
    }
    expect(scopeMetrics.length).toBeGreaterThan(0);
    await tracerProvider.shutdown();
    await meterProvider.shutdown();
  });

  it('has every attribute that the conventions ask for, and neither query nor address of the caller', async () => {
    telemetry = start(collector);
    await call(buildApp(), 'GET', '/things/7?secret=hunter2', {
      host: 'service.example:8080',
      'user-agent': 'tester/1 "é"',
      'x-forwarded-for': '203.0.113.9',
    });
    const [span] = await flushed();
    expect(span?.attributes).toEqual({
      'http.request.method': 'GET',
      'http.route': '/things/:id',
      'http.response.status_code': 200,
      'url.scheme': 'http',
      'url.path': '/things/7',
      'server.address': 'service.example',
      'server.port': 8080,
      'user_agent.original': 'tester/1 "é"',
      'network.protocol.version': '1.1',
    });
    const took = BigInt(span?.endTimeUnixNano ?? 0) - BigInt(span?.startTimeUnixNano ?? 0);
    expect(took).toBeGreaterThan(0n);
    expect(
      Math.abs(Number(BigInt(span?.startTimeUnixNano ?? 0) / 1_000_000n) - Date.now()),
    ).toBeLessThan(5000);
    const duration = collector.metrics.get('http.server.request.duration');
    expect(duration?.unit).toBe('s');
    expect(duration?.histogram?.dataPoints[0]?.explicitBounds).toEqual([
      ...DURATION_BOUNDARIES_SECONDS,
    ]);
    expect(duration?.histogram?.dataPoints[0]?.explicitBounds).toContain(0.02);
    expect(JSON.stringify(collector)).not.toMatch(/hunter2|203\.0\.113/);
  });

  it('continues the trace of the caller', async () => {
    telemetry = start(collector);
    let inside: string | undefined;
    const app = new Hono().get('/', (c) => {
      inside = activeContext()?.traceId;
      return c.text('x');
    });
    await call(app, 'GET', '/', { traceparent: `00-${TRACE}-${PARENT}-01` });
    await call(app, 'GET', '/', { traceparent: `00-${TRACE}-${PARENT}-00` });
    const spans = await flushed();
    expect(spans.map((span) => [span.traceId, span.parentSpanId])).toEqual([[TRACE, PARENT]]);
    expect(inside).toBeUndefined();
    await call(app, 'GET', '/', { traceparent: `00-${TRACE}-${PARENT}-01` });
    expect(inside).toBe(TRACE);
  });

  it('names neither route nor path when none matches, and folds unknown methods into one', async () => {
    telemetry = start(collector);
    const app = buildApp();
    await call(app, 'GET', '/nowhere/at/all');
    await call(app, 'HEAD', '/things/3');
    await call(app, 'BREW', '/things/3', { host: '' });
    const spans = await flushed();
    expect(spans.map(({ name }) => name)).toEqual(['GET', 'HEAD /things/:id', 'HTTP']);
    expect(spans[2]?.attributes['http.request.method']).toBe('_OTHER');
    expect(spans[0]?.attributes).not.toHaveProperty('http.route');
  });

  it('counts an app that throws or rejects as a 500, and lets the error pass', async () => {
    telemetry = start(collector);
    const throws = telemetry.around({
      router: new Hono().get('/', (c) => c.text('')).router,
      fetch: () => {
        throw new Error('sync');
      },
    });
    expect(() => throws(new Request('http://x/'))).toThrow('sync');
    const rejects = telemetry.around({
      router: new Hono().get('/', (c) => c.text('')).router,
      fetch: () => Promise.reject(new Error('async')),
    });
    await expect(rejects(new Request('http://x/'))).rejects.toThrow('async');
    const spans = await flushed();
    expect(spans.map(({ attributes }) => attributes['error.type'])).toEqual(['500', '500']);
    expect(spans[0]?.status).toEqual({ code: 2 });
    const active = collector.metrics.get('http.server.active_requests')?.sum?.dataPoints[0];
    expect(active?.asInt).toBe('0');
  });

  it('records a span of no unsampled request, and metrics of all', async () => {
    telemetry = start(collector, { OTEL_TRACES_SAMPLER: 'always_off' });
    await call(buildApp(), 'GET', '/things/1');
    expect(await flushed()).toEqual([]);
    expect(
      collector.metrics.get('http.server.request.duration')?.histogram?.dataPoints[0]?.count,
    ).toBe('1');
  });

  it('records metrics only when traces are not exported, and nothing when neither is', async () => {
    telemetry = start(collector, { OTEL_TRACES_EXPORTER: 'none' });
    await telemetry.flush(60_000);
    expect([...collector.metrics.keys()]).toEqual(['otel.sdk.processor.span.dropped']);
    await call(buildApp(), 'GET', '/things/1');
    expect(await flushed()).toEqual([]);
    const off = start(collector, { OTEL_SDK_DISABLED: 'true' });
    const app = buildApp();
    expect(off.around(app)).toBe(app.fetch);
    await off.flush(1);
    await off.shutdown(1);
    expect(off.instrument(undefined as never, 'KMS')).toBeUndefined();
  });

  it("reads Node's raw headers behind a server", async () => {
    telemetry = start(collector);
    const server = serve({ fetch: telemetry.around(buildApp()), port: 0, hostname: '127.0.0.1' });
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const get = (path: string, headers: http.OutgoingHttpHeaders) =>
      new Promise((resolve) =>
        http.get({ port, path, headers, agent: false }, (answer) =>
          answer.resume().once('end', resolve),
        ),
      );
    const headers = {
      TraceParent: `00-${TRACE}-${PARENT}-01`,
      'USER-AGENT': 'raw/1',
      four: 'x',
      'x-elevenxxxx': '',
      'ten-header': '',
      elevenheade: '',
      host: '[::1]:99',
      etag: '',
    };
    await get('/things/5?a=b', headers);
    await get('/things/6', headers);
    await call(buildApp(), 'GET', '/things/5', { host: 'nota:port' });
    const [span, plain, second] = await flushed();
    expect(plain?.attributes['url.path']).toBe('/things/6');
    expect(span).toMatchObject({
      traceId: TRACE,
      attributes: {
        'url.path': '/things/5',
        'user_agent.original': 'raw/1',
        'server.address': '[::1]',
        'server.port': 99,
      },
    });
    expect(second?.attributes).not.toHaveProperty('server.address');
    await new Promise((resolve) => server.close(resolve));
  });
});
