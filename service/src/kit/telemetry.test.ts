// Telemetry as a whole: spans of OpenTelemetry's API within requests, exports, and what goes wrong.
import { globalErrorHandler } from '@opentelemetry/core';
import { diag, context, metrics, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { Hono } from 'hono';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SERVICE_METRICS } from '../../../contracts/metrics';
import { until } from '../../../contracts/testing/time';
import { pointsOf, startCollector } from '../../testing/collector';
import type { Collector, Point, Span } from '../../testing/collector';
import { telemetryOf } from '../../testing/telemetry';
import type { Telemetry } from './telemetry';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';
const DURATION = SERVICE_METRICS.requestDuration.name;
const tracer = () => trace.getTracer('under-test');

/** What an owner might write: a span around work that waits, and one within it. */
function addRoutes(app: Hono): Hono {
  app.get('/work/:id', (c) =>
    tracer().startActiveSpan('outer', async (outer) => {
      await new Promise((resolve) => setImmediate(resolve));
      tracer()
        .startSpan('inner', { attributes: { id: c.req.param('id') } })
        .end();
      outer.end();
      return c.text('done');
    }),
  );
  app.get('/headers', (c) => {
    const carrier: Record<string, string> = {};
    propagation.inject(context.active(), carrier);
    return c.json(carrier);
  });
  return app;
}

describe('startTelemetry', () => {
  let collector: Collector;
  let telemetry: Telemetry | undefined;
  const reports: string[] = [];
  beforeEach(async () => {
    collector = await startCollector();
    reports.length = 0;
  });
  afterEach(async () => {
    await telemetry?.shutdown(60_000);
    telemetry = undefined;
    collector.close();
  });

  function start(env: NodeJS.ProcessEnv = {}): Hono {
    telemetry = telemetryOf({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...env }, reports);
    return addRoutes(new Hono().use(telemetry.middleware));
  }
  const get = async (app: Hono, path: string, flags?: string): Promise<Response> => {
    const headers = { traceparent: `00-${TRACE}-${PARENT}-${flags}` };
    return app.request(path, flags === undefined ? {} : { headers });
  };
  const flush = () => (telemetry as Telemetry).flush(60_000);
  const named = (name: string): Span[] => collector.spans.filter((span) => span.name === name);

  it("exports a route's spans as children of the request's, under one resource", async () => {
    const app = start({
      OTEL_SERVICE_NAME: 'mine',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=dev',
      OTEL_EXPORTER_OTLP_HEADERS: 'x-token=abc',
    });
    await get(app, '/work/1', '01');
    await flush();
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
    const [first, second] = collector.resources;
    expect(collector.resources).toHaveLength(2);
    expect(second).toEqual(first);
    expect(first).toMatchObject({
      'service.name': 'mine',
      'deployment.environment.name': 'dev',
      'service.instance.id': expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    });
    expect(Object.keys(first ?? {})).not.toContain('process.command_args');
    expect(collector.headers.map((headers) => headers['x-token'])).toEqual(['abc', 'abc']);
  });

  it.each([
    ['the caller does not record', {}, '00'],
    ['none is recorded', { OTEL_TRACES_SAMPLER: 'always_off' }, undefined],
    ['none is recorded, whatever the caller does', { OTEL_TRACES_SAMPLER: 'always_off' }, '01'],
  ])('exports no span of a request when %s', async (_, env, flags) => {
    await get(start(env), '/work/1', flags);
    await flush();
    expect(collector.spans).toEqual([]);
  });

  it('records about the share of requests that is asked for, each with all its spans', async () => {
    const app = start({
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.25',
    });
    for (let id = 0; id < 400; id += 1) await get(app, `/work/${id}`);
    await flush();
    const requests = named('GET /work/:id');
    expect(requests.length).toBeGreaterThan(40);
    expect(requests.length).toBeLessThan(180);
    expect(named('inner')).toHaveLength(requests.length);
  });

  it("hands on the caller's trace, and whether it is recorded", async () => {
    const app = start();
    for (const flags of ['01', '00']) {
      const { traceparent } = (await (await get(app, '/headers', flags)).json()) as {
        traceparent: string;
      };
      expect(traceparent).toMatch(new RegExp(`^00-${TRACE}-(?!${PARENT})[0-9a-f]{16}-${flags}$`));
    }
  });

  it('keeps requests at the same time apart', async () => {
    const app = start();
    await Promise.all(Array.from({ length: 30 }, (_, id) => get(app, `/work/${id}`)));
    await flush();
    const requests = new Map(named('GET /work/:id').map((span) => [span.spanId, span]));
    const outers = new Map(named('outer').map((span) => [span.spanId, span]));
    const inners = named('inner');
    expect([requests.size, outers.size, inners.length]).toEqual([30, 30, 30]);
    for (const inner of inners) {
      const outer = outers.get(inner.parentSpanId ?? '');
      const request = requests.get(outer?.parentSpanId ?? '');
      expect([outer?.traceId, request?.traceId]).toEqual([inner.traceId, inner.traceId]);
      expect(request?.attributes['url.path']).toBe(`/work/${String(inner.attributes['id'])}`);
    }
  });

  it.each(['http/json', 'http/protobuf'])('sends the same as %s', async (protocol) => {
    await get(start({ OTEL_EXPORTER_OTLP_PROTOCOL: protocol }), '/work/1', '01');
    await flush();
    expect(named('GET /work/:id')[0]).toMatchObject({ traceId: TRACE, kind: 2 });
    const duration = collector.metrics.get(DURATION);
    expect(duration?.exponentialHistogram?.aggregationTemporality).toBe(1);
    expect(pointsOf(duration)).toMatchObject([{ attributes: { 'http.route': '/work/:id' } }]);
    expect(collector.headers[0]?.['content-type']).toMatch(/json|protobuf/);
  });

  it('keeps the shape of durations: percentiles come out of the buckets', async () => {
    start();
    const histogram = metrics.getMeter('under-test').createHistogram('d');
    for (let ms = 1; ms <= 1000; ms += 1) histogram.record(ms / 1000);
    await flush();
    const [point] = pointsOf(collector.metrics.get('d'));
    expect(point).toMatchObject({ min: 0.001, max: 1 });
    for (const rank of [0.5, 0.9, 0.99]) {
      expect(Math.abs(quantile(point as Point, rank) / rank - 1)).toBeLessThan(0.05);
    }
  });

  it('sends totals instead of deltas where the environment wants them', async () => {
    const app = start({ OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'cumulative' });
    for (let round = 0; round < 2; round += 1) {
      await get(app, '/work/1');
      await flush();
    }
    const duration = collector.metrics.get(DURATION);
    expect(duration?.exponentialHistogram?.aggregationTemporality).toBe(2);
    expect(pointsOf(duration).map(({ count }) => Number(count))).toEqual([2]);
  });

  it('sends by itself, spans in their delay and metrics in their interval', async () => {
    const app = start({ OTEL_BSP_SCHEDULE_DELAY: '10', OTEL_METRIC_EXPORT_INTERVAL: '10' });
    await get(app, '/work/1');
    await until(() => collector.spans.length === 3 && collector.metrics.has(DURATION));
  });

  it('sends on shutdown what still waits, and can be started again', async () => {
    for (const name of ['first', 'second']) {
      start();
      tracer().startSpan(name).end();
      await telemetry?.shutdown(60_000);
      expect(tracer().startSpan('lost').isRecording()).toBe(false);
    }
    expect(collector.spans.map(({ name }) => name)).toEqual(['first', 'second']);
  });

  it('keeps memory bounded while the collector is silent: more spans are dropped and counted', async () => {
    start({
      OTEL_BSP_MAX_QUEUE_SIZE: '10',
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '4',
      OTEL_EXPORTER_OTLP_TIMEOUT: '300',
    });
    collector.answers = [0];
    for (let at = 0; at < 1000; at += 1) tracer().startSpan('x').end();
    // Four are on their way.
    await until(() => collector.posts === 1);
    await flush();
    const points = pointsOf(collector.metrics.get(SERVICE_METRICS.droppedSpans.name));
    const full = points.find(({ attributes }) => attributes['error.type'] === 'queue_full');
    expect(Number(full?.asInt ?? full?.asDouble)).toBe(986);
  });

  it('waits for a silent collector no longer than it is told', async () => {
    start({ OTEL_EXPORTER_OTLP_TIMEOUT: '2000' });
    collector.answers = [0, 0];
    tracer().startSpan('x').end();
    await telemetry?.flush(1);
    expect(reports).toEqual([]);
  });

  it.each([
    ['refuses', [400, 400, 400, 400], undefined, /Bad Request/],
    ['is away', [], 'http://127.0.0.1:9', /ECONNREFUSED/],
  ])('says once that the collector %s', async (_, answers, url, reason) => {
    const app = start({
      OTEL_EXPORTER_OTLP_TIMEOUT: '500',
      ...(url === undefined ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT: url }),
    });
    collector.answers = [...answers];
    for (let round = 0; round < 2; round += 1) {
      expect((await get(app, '/work/1')).status).toBe(200);
      await flush();
    }
    expect(reports).toEqual([expect.stringMatching(reason)]);
  });

  it("reports the SDK's own warnings, and errors that are no more than a text or a code", async () => {
    for (const tell of [
      () => diag.warn('dropped'),
      () => globalErrorHandler('text'),
      () => globalErrorHandler({ code: 'ECODE', message: '' }),
      () => globalErrorHandler({ name: 'Odd', message: '' }),
    ]) {
      start();
      diag.info('nothing of interest');
      tell();
      await telemetry?.shutdown(60_000);
    }
    expect(reports).toEqual(['dropped', 'text', 'ECODE', 'Odd']);
  });

  it.each([
    { OTEL_SDK_DISABLED: 'true' },
    { OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none' },
  ])('does nothing by %j', async (env) => {
    const app = start(env);
    expect(tracer().startSpan('x').isRecording()).toBe(false);
    expect((await get(app, '/work/1')).status).toBe(200);
    expect(telemetry?.instrument(undefined as never, 'KMS')).toBeUndefined();
    await flush();
    expect(collector.posts).toBe(0);
  });

  it.each([
    [{ OTEL_TRACES_EXPORTER: 'none' }, 0, true],
    [{ OTEL_METRICS_EXPORTER: 'none' }, 3, false],
  ])('sends what %j leaves on', async (env, spans, measured) => {
    await get(start(env), '/work/1');
    await flush();
    expect(collector.spans).toHaveLength(spans);
    expect(collector.metrics.has(DURATION)).toBe(measured);
  });

  it('records spans outside of requests as the sampler says', () => {
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
  });

  it('names the ECS task, once its metadata is there', async () => {
    const arn = 'arn:aws:ecs:eu-central-1:123456789012';
    const answers: Record<string, object> = {
      '/v4': {
        ContainerARN: `${arn}:container/c/t1/x`,
        LogDriver: 'awslogs',
        LogOptions: { 'awslogs-group': 'g', 'awslogs-stream': 's' },
      },
      '/v4/task': { TaskARN: `${arn}:task/c/t1`, Cluster: 'c', Family: 'f', LaunchType: 'FARGATE' },
    };
    const metadata = createServer((request, response) => {
      response.end(JSON.stringify(answers[request.url ?? '']));
    }).listen(0, '127.0.0.1');
    await once(metadata, 'listening');
    const { port } = metadata.address() as AddressInfo;
    process.env['ECS_CONTAINER_METADATA_URI_V4'] = `http://127.0.0.1:${port}/v4`;
    start();
    tracer().startSpan('x').end();
    await flush();
    delete process.env['ECS_CONTAINER_METADATA_URI_V4'];
    expect(collector.resources[0]).toMatchObject({
      'cloud.platform': 'aws_ecs',
      'cloud.region': 'eu-central-1',
      'aws.ecs.task.arn': `${arn}:task/c/t1`,
      'aws.ecs.launchtype': 'fargate',
      'aws.log.group.names': ['g'],
    });
    metadata.closeAllConnections();
    metadata.close();
  });

  it('names a function on Lambda', async () => {
    const lambda = {
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      AWS_LAMBDA_FUNCTION_NAME: 'fn',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
    };
    Object.assign(process.env, lambda);
    start();
    for (const name of Object.keys(lambda)) delete process.env[name];
    tracer().startSpan('x').end();
    await flush();
    expect(collector.resources[0]).toMatchObject({
      'cloud.platform': 'aws_lambda',
      'faas.name': 'fn',
    });
  });
});

/** The value below which `rank` of an exponential histogram lies: the middle of its bucket. */
function quantile({ count, scale = 0, positive }: Point, rank: number): number {
  const base = 2 ** (2 ** -scale);
  let left = rank * Number(count);
  for (const [at, inBucket] of (positive?.bucketCounts ?? []).entries()) {
    left -= Number(inBucket);
    if (left <= 0) return base ** ((positive?.offset ?? 0) + at + 0.5);
  }
  return NaN;
}
