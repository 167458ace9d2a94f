// The environment: what is wrong is said at once and all together, and no secret is quoted.
import { ConfigError, readConfig as readAny } from './config';

/** The kit's variables together with those of an API, as a service reads them. */
const readConfig = (env: NodeJS.ProcessEnv) =>
  readAny(env, (reader) => ({
    table: reader.required('NOTES_TABLE', 'the name of the table'),
    mode: reader.oneOf('NOTES_MODE', ['open', 'closed'], 'open'),
  }));

const GOOD = {
  AWS_REGION: 'eu-central-1',
  NOTES_TABLE: 'notes',
};

function problemsOf(env: NodeJS.ProcessEnv): readonly string[] {
  try {
    readConfig({ ...GOOD, ...env });
    return [];
  } catch (error) {
    return (error as ConfigError).problems;
  }
}

describe('readConfig', () => {
  it('has defaults for everything but the region', () => {
    expect(readConfig(GOOD)).toMatchObject({
      port: 8080,
      stack: 'local',
      mode: 'open',
      originSecret: undefined,
      logLevel: 'info',
      bodyLimitBytes: 65_536,
      requestTimeoutSeconds: 15,
      drainNoticeSeconds: 2,
      telemetry: {
        tracesUrl: 'http://localhost:4318/v1/traces',
        sampler: { parentBased: true, ratio: 1 },
      },
    });
  });

  it('lists every problem at once', () => {
    expect(() => readConfig({ PORT: 'http', LOG_LEVEL: 'loud' })).toThrow(ConfigError);
    const problems = problemsOf({
      AWS_REGION: '',
      NOTES_TABLE: ' ',
      PORT: '70000',
      LOG_LEVEL: 'loud',
      NOTES_MODE: 'none',
    });
    expect(problems.map((line) => line.split(' ')[0])).toEqual([
      'PORT',
      'AWS_REGION',
      'NOTES_TABLE',
      'NOTES_MODE',
      'LOG_LEVEL',
    ]);
  });

  it.each([
    [{ ORIGIN_SECRET: 'short' }, 'ORIGIN_SECRET is too short'],
    [{ BODY_LIMIT_BYTES: '12.5' }, 'BODY_LIMIT_BYTES is "12.5"'],
    [{ REQUEST_TIMEOUT_SECONDS: '0' }, 'REQUEST_TIMEOUT_SECONDS is "0"'],
    [{ DRAIN_NOTICE_SECONDS: '11' }, 'DRAIN_NOTICE_SECONDS is "11"'],
    [{ OTEL_TRACES_SAMPLER: 'sometimes' }, 'OTEL_TRACES_SAMPLER is "sometimes"'],
    [{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '2' }, 'SAMPLER_ARG is "2"'],
    [
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' },
      'OTEL_EXPORTER_OTLP_ENDPOINT is "collector:4318"',
    ],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'x' }, 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is "x"'],
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, 'it must be one of http/json'],
    [{ OTEL_BSP_MAX_QUEUE_SIZE: '-1' }, 'OTEL_BSP_MAX_QUEUE_SIZE is "-1"'],
    [{ OTEL_RESOURCE_ATTRIBUTES: 'nothing' }, 'OTEL_RESOURCE_ATTRIBUTES has a part'],
    [{ OTEL_EXPORTER_OTLP_HEADERS: 'a=%zz' }, 'OTEL_EXPORTER_OTLP_HEADERS has a part'],
  ])('refuses %j', (env, message) => {
    expect(problemsOf(env).join('\n')).toContain(message);
  });

  it('never quotes a secret', () => {
    const env = { ORIGIN_SECRET: 's3cret', OTEL_EXPORTER_OTLP_HEADERS: 't0ken' };
    expect(problemsOf(env).join('\n')).not.toMatch(/s3cret|t0ken/);
  });

  it('reads the standard telemetry variables', () => {
    const { telemetry } = readConfig({
      ...GOOD,
      OTEL_SERVICE_NAME: 'users',
      OTEL_RESOURCE_ATTRIBUTES: 'a=1,b=x%20y',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector/',
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://metrics/m',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20x',
      OTEL_TRACES_SAMPLER: 'traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.25',
      OTEL_BSP_MAX_QUEUE_SIZE: '100',
      OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta',
    });
    expect(telemetry).toEqual({
      tracesUrl: 'https://collector/v1/traces',
      metricsUrl: 'http://metrics/m',
      headers: { authorization: 'Bearer x' },
      timeoutMs: 10_000,
      sampler: { parentBased: false, ratio: 0.25 },
      resource: { a: '1', b: 'x y', 'service.name': 'users' },
      scheduleDelayMs: 5000,
      maxQueueSize: 100,
      maxBatchSize: 100,
      metricIntervalMs: 60_000,
      temporality: 'delta',
    });
  });

  it.each([
    [{ OTEL_SDK_DISABLED: 'true' }, undefined, undefined],
    [{ OTEL_TRACES_EXPORTER: 'none' }, undefined, 'http://localhost:4318/v1/metrics'],
    [{ OTEL_METRICS_EXPORTER: 'none' }, 'http://localhost:4318/v1/traces', undefined],
  ])('exports what %j leaves on', (env, tracesUrl, metricsUrl) => {
    expect(readConfig({ ...GOOD, ...env }).telemetry).toMatchObject({ tracesUrl, metricsUrl });
  });

  it.each([
    ['always_on', 1],
    ['parentbased_always_off', 0],
    ['parentbased_traceidratio', 1],
  ])('reads the sampler %s', (sampler, ratio) => {
    const { telemetry } = readConfig({ ...GOOD, OTEL_TRACES_SAMPLER: sampler });
    expect(telemetry.sampler.ratio).toBe(ratio);
  });
});
