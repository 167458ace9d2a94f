// Spans made by OpenTelemetry's API within requests: whose children they are, and that they arrive.
import { serve } from '@hono/node-server';
import { context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { Hono } from 'hono';
import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { startCollector } from '../../../testing/collector';
import type { Collector, Span } from '../../../testing/collector';
import { startTelemetry } from '../telemetry';
import type { Telemetry } from '../telemetry';
import { activeContext, enterScope } from './context';
import { readTelemetrySettings } from './settings';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';
const tracer = () => trace.getTracer('under-test');

/** What an owner might write: a span around work that waits, and one within it. */
function buildApp(): Hono {
  const app = new Hono();
  app.get('/work/:id', (c) =>
    tracer().startActiveSpan('outer', async (outer) => {
      await sleep(Math.random() * 10);
      const measured = activeContext()?.spanId;
      tracer()
        .startSpan('inner', { attributes: { id: c.req.param('id') } })
        .end();
      outer.end();
      return c.json({ measured: measured ?? null, outer: outer.spanContext().spanId });
    }),
  );
  app.get('/headers', (c) => {
    const carriers: Record<string, string>[] = [{}, {}];
    for (const carrier of carriers) propagation.inject(context.active(), carrier);
    return c.json(carriers.map(({ traceparent }) => traceparent));
  });
  return app;
}

describe('startApi', () => {
  let collector: Collector;
  let telemetry: Telemetry;
  let server: Server | undefined;
  let url: string;
  const reports: string[] = [];
  beforeEach(async () => {
    collector = await startCollector();
    reports.length = 0;
  });
  afterEach(async () => {
    await telemetry.shutdown(100);
    server?.close();
    server = undefined;
    collector.close();
  });

  function start(env: NodeJS.ProcessEnv = {}): void {
    const problems: string[] = [];
    const settings = readTelemetrySettings(
      { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_METRICS_EXPORTER: 'none', ...env },
      problems,
    );
    expect(problems).toEqual([]);
    telemetry = startTelemetry(settings, env, (message, fields) => {
      reports.push(`${message} ${JSON.stringify(fields)}`);
    });
  }

  async function listen(env: NodeJS.ProcessEnv = {}): Promise<void> {
    start(env);
    server = serve({ fetch: telemetry.around(buildApp()), port: 0 }) as Server;
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  const get = async <T = { measured: string | null; outer: string }>(
    path: string,
    flags?: string,
  ) => {
    const headers = { traceparent: `00-${TRACE}-${PARENT}-${flags}` };
    const response = await fetch(url + path, flags === undefined ? {} : { headers });
    return (await response.json()) as T;
  };
  const named = (name: string): Span[] => collector.spans.filter((span) => span.name === name);

  it("exports a route's spans as children of the request's, under the same resource", async () => {
    await listen({ OTEL_SERVICE_NAME: 'mine', OTEL_EXPORTER_OTLP_HEADERS: 'x-token=abc' });
    const answer = await get('/work/1', '01');
    await telemetry.flush(60_000);
    const [request] = named('GET /work/:id');
    const [outer] = named('outer');
    const [inner] = named('inner');
    expect(request).toMatchObject({ traceId: TRACE, parentSpanId: PARENT });
    expect(outer).toMatchObject({ traceId: TRACE, parentSpanId: request?.spanId });
    expect(inner).toMatchObject({
      traceId: TRACE,
      parentSpanId: outer?.spanId,
      attributes: { id: '1' },
    });
    // What the service measures meanwhile hangs below the route's own span.
    expect(answer.measured).toBe(outer?.spanId);
    const [first, second] = collector.resources;
    expect(collector.resources).toHaveLength(2);
    expect(first?.['service.name']).toBe('mine');
    for (const key of ['service.name', 'service.instance.id']) {
      expect(second?.[key]).toBe(first?.[key]);
    }
    expect(collector.headers.map((headers) => headers['x-token'])).toEqual(['abc', 'abc']);
  });

  it.each([
    ['the caller does not record', {}, '00'],
    ['the ratio is 0', { OTEL_TRACES_SAMPLER: 'always_off' }, undefined],
    ['the ratio is 0 whatever the caller does', { OTEL_TRACES_SAMPLER: 'always_off' }, '01'],
  ])('exports no span of a request when %s', async (_, env, flags) => {
    await listen(env);
    expect(await get('/work/1', flags)).toMatchObject({ measured: null });
    await telemetry.flush(60_000);
    expect(collector.spans).toEqual([]);
  });

  it('follows the decision of the request also where the caller is not followed', async () => {
    await listen({ OTEL_TRACES_SAMPLER: 'always_on' });
    await get('/work/1', '00');
    await telemetry.flush(60_000);
    expect(collector.spans.map(({ traceId }) => traceId)).toEqual([TRACE, TRACE, TRACE]);
  });

  it("hands on the caller's trace, and whether it is recorded", async () => {
    await listen({ OTEL_TRACES_SAMPLER: 'parentbased_always_off' });
    for (const flags of ['01', '00']) {
      const [one, two] = await get<string[]>('/headers', flags);
      expect(one).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-${flags}$`));
      expect(two).toBe(one);
    }
    // What is no trace of the caller's is replaced; without one there is nothing to hand on.
    const [own] = await get<string[]>('/headers', 'zz');
    expect(own).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    expect(own).not.toContain(TRACE);
    expect((await get<unknown[]>('/headers')).every((header) => header === null)).toBe(true);
  });

  it('keeps requests at the same time apart', async () => {
    await listen();
    await Promise.all(Array.from({ length: 30 }, (_, id) => get(`/work/${id}`)));
    await telemetry.flush(60_000);
    const requests = new Map(named('GET /work/:id').map((span) => [span.spanId, span]));
    const outers = new Map(named('outer').map((span) => [span.spanId, span]));
    const inners = named('inner');
    expect([requests.size, outers.size, inners.length]).toEqual([30, 30, 30]);
    for (const inner of inners) {
      const outer = outers.get(inner.parentSpanId ?? '');
      const request = requests.get(outer?.parentSpanId ?? '');
      expect([outer?.traceId, request?.traceId]).toEqual([inner.traceId, inner.traceId]);
      expect(request?.attributes['url.path']).toBe(`/work/${inner.attributes['id']}`);
    }
  });

  it('makes contexts active by with, bind and attach, for functions and emitters', () => {
    start();
    const span = tracer().startSpan('held');
    const held = trace.setSpan(ROOT_CONTEXT, span);
    const { spanId } = span.spanContext();
    const seen = () => [activeContext()?.spanId, trace.getActiveSpan()?.spanContext().spanId];
    expect(context.with(held, () => context.with(context.active(), seen))).toEqual([
      spanId,
      spanId,
    ]);
    expect(context.bind(held, seen)()).toEqual([spanId, spanId]);
    const emitter = context.bind(held, new EventEmitter());
    let heard: unknown;
    emitter.on('x', () => (heard = seen()));
    emitter.emit('x');
    expect(heard).toEqual([spanId, spanId]);
    expect(context.with(held, () => context.with(ROOT_CONTEXT, seen))).toEqual([
      undefined,
      undefined,
    ]);
    expect(context.with(suppressTracing(held), () => activeContext())).toBeUndefined();
    const attached = context.attach(held);
    expect(seen()).toEqual([spanId, spanId]);
    attached.dispose();
    expect(seen()).toEqual([undefined, undefined]);
    enterScope({ span: undefined, traceparent: undefined, api: held });
    attached.dispose();
    expect(context.active()).toBe(held);
    enterScope(undefined);
    span.end();
  });

  it('sends on shutdown what still waits, and can be started again', async () => {
    start();
    tracer().startSpan('first').end();
    await telemetry.shutdown(60_000);
    expect(collector.spans.map(({ name }) => name)).toEqual(['first']);
    expect(tracer().startSpan('lost').isRecording()).toBe(false);
    start();
    tracer().startSpan('second').end();
    await telemetry.shutdown(60_000);
    expect(collector.spans.map(({ name }) => name)).toEqual(['first', 'second']);
  });

  it.each([
    ['refuses', [400, 400], '"reason":"HTTP 400"'],
    ['is too busy', [503, 503], '"reason":"Export failed with retryable status"'],
  ])('says once that the collector %s, and throws nothing', async (_, answers, reason) => {
    // Too short for the SDK's first retry, after 0.8 s at the soonest.
    start({ OTEL_EXPORTER_OTLP_TIMEOUT: '700' });
    collector.answers = [...answers];
    for (let at = 0; at < 2; at += 1) {
      tracer().startSpan('x').end();
      await telemetry.flush(60_000);
    }
    expect(reports).toEqual([`telemetry not exported {"collector":"${collector.url}",${reason}}`]);
  });

  it('waits for a silent collector no longer than allowed, and for an absent one not at all', async () => {
    start({ OTEL_EXPORTER_OTLP_TIMEOUT: '700' });
    collector.answers = [0];
    tracer().startSpan('x').end();
    await telemetry.shutdown(50);
    // The export has not failed yet.
    expect(reports).toEqual([]);
    start({
      OTEL_EXPORTER_OTLP_TIMEOUT: '700',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:9/v1/traces',
    });
    tracer().startSpan('x').end();
    await telemetry.shutdown(60_000);
    expect(reports).toContain(
      'telemetry not exported {"collector":"http://127.0.0.1:9","reason":"ECONNREFUSED"}',
    );
  });

  it.each([{ OTEL_SDK_DISABLED: 'true' }, { OTEL_TRACES_EXPORTER: 'none' }])(
    'leaves the API without effect by %j',
    async (env) => {
      await listen(env);
      expect(tracer().startSpan('x').isRecording()).toBe(false);
      expect(await get('/work/1')).toEqual({ measured: null, outer: '0'.repeat(16) });
      await telemetry.flush(60_000);
      expect(collector.posts).toBe(0);
    },
  );

  it('records spans outside of requests only where every request is recorded', () => {
    const started = (flags?: number) => {
      const remote = { traceId: TRACE, spanId: PARENT, isRemote: true };
      const from =
        flags === undefined
          ? ROOT_CONTEXT
          : trace.setSpanContext(ROOT_CONTEXT, { ...remote, traceFlags: flags });
      return tracer().startSpan('x', {}, from).isRecording();
    };
    start({ OTEL_TRACES_SAMPLER: 'parentbased_always_off' });
    expect([started(), started(1), started(0)]).toEqual([false, true, false]);
    void telemetry.shutdown(0);
    start({ OTEL_TRACES_SAMPLER: 'always_on' });
    expect([started(), started(1), started(0)]).toEqual([true, true, true]);
    void telemetry.shutdown(0);
    start({ OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.999' });
    expect([started(), started(1), started(0)]).toEqual([false, true, false]);
  });

  it('names the ECS task too, once its metadata is there', async () => {
    const metadata = createServer((request, response) => {
      const task = { TaskARN: 'arn:aws:ecs:eu-central-1:123456789012:task/c/t1' };
      response.end(JSON.stringify(request.url === '/v4' ? { DockerId: 'abc' } : task));
    }).listen(0, '127.0.0.1');
    await once(metadata, 'listening');
    const { port } = metadata.address() as AddressInfo;
    start({ ECS_CONTAINER_METADATA_URI_V4: `http://127.0.0.1:${port}/v4` });
    tracer().startSpan('x').end();
    await telemetry.shutdown(60_000);
    expect(collector.resources[0]).toMatchObject({
      'service.name': 'gatehouse-users',
      'telemetry.sdk.name': 'opentelemetry',
      'container.id': 'abc',
      'aws.ecs.task.id': 't1',
      'cloud.region': 'eu-central-1',
    });
    expect(collector.resources[0]).not.toHaveProperty(['aws.ecs.cluster.arn']);
    metadata.closeAllConnections();
    metadata.close();
  });
});
