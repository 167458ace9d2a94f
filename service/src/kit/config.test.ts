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
      originSecrets: [],
      logLevel: 'info',
      bodyLimitBytes: 65_536,
      requestTimeoutSeconds: 15,
      drainNoticeSeconds: 2,
      keyMetrics: 'otlp',
      telemetry: {
        traces: true,
        metrics: true,
        protocol: 'http/protobuf',
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
    [{ ORIGIN_SECRET_PREVIOUS: 'short' }, 'ORIGIN_SECRET_PREVIOUS is too short'],
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
    [{ OTEL_METRICS_EXPORTER: 'xray' }, 'OTEL_METRICS_EXPORTER is "xray"'],
    ...['here', '10.0.0.1:65536'].map((AWS_XRAY_DAEMON_ADDRESS): [NodeJS.ProcessEnv, string] => [
      { OTEL_TRACES_EXPORTER: 'xray', AWS_XRAY_DAEMON_ADDRESS },
      `AWS_XRAY_DAEMON_ADDRESS is "${AWS_XRAY_DAEMON_ADDRESS}"`,
    ]),
  ])('refuses %j', (env, message) => {
    expect(problemsOf(env).join('\n')).toContain(message);
  });

  it('never quotes a secret', () => {
    expect(problemsOf({ ORIGIN_SECRET: 's3cret' }).join('\n')).not.toContain('s3cret');
  });

  it('reads the form of exports; the rest of the variables is the SDK’s to read', () => {
    const { telemetry } = readConfig({ ...GOOD, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' });
    expect(telemetry).toEqual({ traces: true, metrics: true, protocol: 'http/json' });
  });

  it.each([
    [{ OTEL_SDK_DISABLED: 'true' }, false, false],
    [{ OTEL_TRACES_EXPORTER: 'none' }, false, true],
    [{ OTEL_METRICS_EXPORTER: 'none' }, true, false],
    [{ OTEL_TRACES_EXPORTER: 'xray' }, true, true],
  ])('exports what %j leaves on', (env, traces, metrics) => {
    expect(readConfig({ ...GOOD, ...env }).telemetry).toMatchObject({ traces, metrics });
  });

  it.each([
    [undefined, '127.0.0.1', 2000],
    ['169.254.100.1:2001', '169.254.100.1', 2001],
  ])("finds X-Ray's daemon by the address %s", (address, host, port) => {
    const env = { ...GOOD, OTEL_TRACES_EXPORTER: 'xray', AWS_XRAY_DAEMON_ADDRESS: address };
    expect(readConfig(env).telemetry.daemon).toEqual({ host, port });
  });
});
