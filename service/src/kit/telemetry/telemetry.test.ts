// The parts of telemetry: ids and sampling, instruments, the exporter when things go wrong, ECS.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until } from '../../../../contracts/testing/time';
import { startCollector } from '../../../testing/collector';
import type { Collector } from '../../../testing/collector';
import { Sampler } from './context';
import { Exporter } from './exporter';
import { Histogram } from './metrics';
import { baseResource, ecsResource } from './resource';
import { readTelemetrySettings } from './settings';
import { SpanBatch } from './span-batch';

const SPAN = '{"traceId":"00","attributes":[]}';

describe('Sampler', () => {
  it('makes ids of the right form, each different', () => {
    const sampler = new Sampler({ parentBased: true, ratio: 1 });
    const made = Array.from({ length: 1000 }, () => sampler.start(undefined));
    for (const context of made) {
      expect(context?.traceId).toMatch(/^[0-9a-f]{32}$/);
      expect(context?.spanId).toMatch(/^[0-9a-f]{16}$/);
    }
    expect(new Set(made.map((context) => context?.traceId)).size).toBe(1000);
    expect(new Set(made.map((context) => context?.spanId)).size).toBe(1000);
  });

  it('records about the share asked for, and decides by the trace id as others would', () => {
    const sampler = new Sampler({ parentBased: false, ratio: 0.25 });
    const made = Array.from({ length: 20_000 }, () => sampler.start(undefined));
    const recorded = made.filter((context) => context !== undefined);
    expect(recorded.length / made.length).toBeCloseTo(0.25, 1);
    for (const { traceId } of recorded.slice(0, 100)) {
      expect(sampler.start(`00-${traceId}-00f067aa0ba902b7-00`)).toBeDefined();
    }
    expect(sampler.start(`00-${'1'.repeat(18)}00000000000000-00f067aa0ba902b7-01`)).toBeUndefined();
  });

  it.each([
    'nonsense',
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `ff-${'1'.repeat(32)}-00f067aa0ba902b7-01`,
    `00-${'1'.repeat(32)}-0000000000000000-01`,
  ])('starts a trace of its own for the traceparent "%s"', (traceparent) => {
    const context = new Sampler({ parentBased: true, ratio: 1 }).start(traceparent);
    expect(context?.parentSpanId).toBeUndefined();
  });
});

describe('Histogram', () => {
  it('counts a value on a boundary into the bucket below it, and resets for delta', () => {
    const histogram = new Histogram('d', 'x', [0.01, 0.02]);
    const series = histogram.with({ a: 1 });
    for (const value of [0.02, 0.005, 3]) series.record(value);
    expect(histogram.with({ a: 1 })).toBe(series);
    expect(series.counts).toEqual([1, 1, 1]);
    expect(histogram.collect('1', '2', 'delta')).toContain('"min":0.005,"max":3');
    expect(histogram.collect('1', '2', 'delta')).toBeUndefined();
    series.record(0.02);
    expect(histogram.collect('1', '2', 'cumulative')).toContain('"aggregationTemporality":2');
    expect(histogram.collect('1', '2', 'cumulative')).toContain('"count":"1"');
  });
});

describe('SpanBatch', () => {
  it('grows for spans that are longer than expected, and keeps what was there', () => {
    const batch = new SpanBatch(1);
    const long = JSON.stringify('é'.repeat(5000));
    batch.add('1');
    batch.add(long);
    expect(JSON.parse(`[${Buffer.from(batch.bytes()).toString()}]`)).toEqual([1, 'é'.repeat(5000)]);
    batch.clear();
    expect(batch.bytes()).toHaveLength(0);
  });
});

describe('Exporter', () => {
  let collector: Collector;
  let exporter: Exporter;
  let reports: string[] = [];
  beforeEach(async () => {
    collector = await startCollector();
  });
  afterEach(async () => {
    await exporter.shutdown(50);
    collector.close();
  });

  function start(env: NodeJS.ProcessEnv = {}): Exporter {
    const problems: string[] = [];
    const settings = readTelemetrySettings(
      { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...env },
      problems,
    );
    expect(problems).toEqual([]);
    const own: string[] = (reports = []);
    exporter = new Exporter(
      settings,
      () => ({ 'service.name': 'x' }),
      (message, fields) => own.push(`${message} ${JSON.stringify(fields)}`),
    );
    return exporter;
  }

  it('sends a full batch at once and the rest after the delay', async () => {
    start({ OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '2', OTEL_BSP_SCHEDULE_DELAY: '50' });
    for (let at = 0; at < 3; at += 1) exporter.addSpan(SPAN);
    await until(() => collector.spans.length === 3);
    expect(collector.posts).toBe(2);
    expect(collector.resources[0]).toEqual({ 'service.name': 'x' });
  });

  it('sends metrics in their interval and the headers of the environment', async () => {
    start({
      OTEL_METRIC_EXPORT_INTERVAL: '20',
      OTEL_EXPORTER_OTLP_HEADERS: 'x-token=abc',
      OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta',
    });
    const histogram = new Histogram('d', 'x', [1]);
    exporter.add(histogram);
    histogram.with({}).record(1);
    await until(() => collector.metrics.get('d')?.histogram?.aggregationTemporality === 1);
    expect(collector.headers[0]?.['x-token']).toBe('abc');
  });

  it('repeats after 503 and gives up at once after 400', async () => {
    start();
    collector.answers = [503, 200];
    exporter.addSpan(SPAN);
    await exporter.flush(60_000);
    expect([collector.spans.length, collector.posts, exporter.droppedSpans]).toEqual([1, 2, 0]);
    collector.answers = [400];
    exporter.addSpan(SPAN);
    await exporter.flush(60_000);
    expect([collector.posts, exporter.droppedSpans]).toEqual([3, 1]);
    expect(reports).toEqual([
      `telemetry not exported {"collector":"${collector.url}","reason":"HTTP 400"}`,
    ]);
  });

  it('keeps memory bounded while the collector is silent: more spans are dropped and counted', async () => {
    start({ OTEL_BSP_MAX_QUEUE_SIZE: '10', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '4' });
    collector.answers = [0];
    for (let at = 0; at < 1000; at += 1) exporter.addSpan(SPAN);
    expect(exporter.droppedSpans).toBe(990);
    await exporter.flush(20);
    expect(exporter.droppedSpans).toBe(990);
  });

  it('says once that the collector is away, until it was there again', async () => {
    start({
      OTEL_EXPORTER_OTLP_TIMEOUT: '30',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:9/v1/traces',
    });
    for (let at = 0; at < 2; at += 1) {
      exporter.addSpan(SPAN);
      await exporter.flush(60_000);
    }
    expect(exporter.droppedSpans).toBe(2);
    expect(reports).toHaveLength(1);
    expect(reports[0]).toMatch(/"reason":"(ECONNREFUSED|ABORT_ERR)"/);
  });

  it('exports no metrics where none are wanted, and takes empty variables for absent', async () => {
    start({ OTEL_METRICS_EXPORTER: 'none', OTEL_SERVICE_NAME: ' ' });
    exporter.add(new Histogram('d', 'x', [1]));
    await exporter.flush(60_000);
    expect(collector.posts).toBe(0);
  });

  it('speaks https to a collector that wants it', async () => {
    start({
      OTEL_EXPORTER_OTLP_TIMEOUT: '100',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: collector.url.replace('http:', 'https:'),
    });
    exporter.addSpan(SPAN);
    await exporter.flush(60_000);
    expect(reports[0]).toMatch(/EPROTO|ERR_SSL|ECONNRESET|ABORT_ERR|EPIPE/);
  });
});

describe('ecsResource', () => {
  const answers: Record<string, object> = {
    '/v4': {
      DockerId: 'abc',
      DockerName: 'service',
      ContainerARN: 'arn:container',
      LogOptions: { 'awslogs-group': 'g', 'awslogs-stream': 's' },
    },
    '/v4/task': {
      Cluster: 'arn:cluster',
      TaskARN: 'arn:aws:ecs:eu-central-1:123456789012:task/c/t1',
      Family: 'f',
      Revision: '3',
      AvailabilityZone: 'eu-central-1a',
      LaunchType: 'FARGATE',
    },
    '/bare': {},
    '/bare/task': {},
  };

  it('describes the task by the metadata endpoint, as far as it answers', async () => {
    const server = createServer((request, response) => {
      response.end(
        JSON.stringify(answers[request.url ?? ''] ?? 'x').slice(
          request.url?.startsWith('/odd') === true ? 1 : 0,
        ),
      );
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const read = (path: string) => ecsResource({ ECS_CONTAINER_METADATA_URI_V4: `${base}${path}` });
    expect(await read('/v4')).toEqual({
      'cloud.provider': 'aws',
      'cloud.platform': 'aws_ecs',
      'cloud.region': 'eu-central-1',
      'cloud.account.id': '123456789012',
      'cloud.availability_zone': 'eu-central-1a',
      'cloud.resource_id': 'arn:container',
      'container.id': 'abc',
      'container.name': 'service',
      'aws.ecs.cluster.arn': 'arn:cluster',
      'aws.ecs.container.arn': 'arn:container',
      'aws.ecs.launchtype': 'fargate',
      'aws.ecs.task.arn': 'arn:aws:ecs:eu-central-1:123456789012:task/c/t1',
      'aws.ecs.task.id': 't1',
      'aws.ecs.task.family': 'f',
      'aws.ecs.task.revision': '3',
      'aws.log.group.names': 'g',
      'aws.log.stream.names': 's',
    });
    const unknown = { 'cloud.provider': 'aws', 'cloud.platform': 'aws_ecs' };
    expect(await read('/bare')).toEqual(unknown);
    expect(await read('/odd')).toEqual(unknown);
    expect(await ecsResource({})).toEqual({});
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('names a function on Lambda, and lets the environment win', () => {
    expect(
      baseResource({ AWS_LAMBDA_FUNCTION_NAME: 'fn' }, { 'service.name': 'mine' }),
    ).toMatchObject({
      'service.name': 'mine',
      'cloud.platform': 'aws_lambda',
      'faas.name': 'fn',
    });
  });
});
