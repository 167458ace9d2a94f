// What of the OTEL_* variables must be right: the SDK reads them itself, and falls back without a stop.
// opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables
import { XRAY_EXPORTER } from '../../../../contracts/env';

/** What is told of exports that fail. */
export interface TelemetryReports {
  /** Why, at most once a minute. */
  trouble(message: string): void;
  /** How many spans are lost, where no collector takes the metric that counts them. */
  lost(spans: number, reason: string): void;
}

/** Where X-Ray's daemon takes datagrams. */
export interface DaemonAddress {
  readonly host: string;
  readonly port: number;
}

export interface TelemetrySettings {
  /** Whether spans are exported. */
  readonly traces: boolean;
  /** Whether metrics are exported. */
  readonly metrics: boolean;
  /** Form of what is exported. @default http/protobuf */
  readonly protocol: 'http/json' | 'http/protobuf';
  /** The daemon that spans are sent to. @default none: a collector, by OTLP over HTTP */
  readonly daemon?: DaemonAddress;
}

const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;
const ENDPOINTS = ['', 'TRACES_', 'METRICS_'].map((part) => `OTEL_EXPORTER_OTLP_${part}ENDPOINT`);
const NUMBERS = [
  'OTEL_METRIC_EXPORT_INTERVAL',
  'OTEL_BSP_SCHEDULE_DELAY',
  'OTEL_BSP_MAX_QUEUE_SIZE',
  'OTEL_BSP_MAX_EXPORT_BATCH_SIZE',
  'OTEL_BSP_EXPORT_TIMEOUT',
];

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime */
const DAEMON_ADDRESS = 'AWS_XRAY_DAEMON_ADDRESS';
/** Where it listens unless it is told otherwise. */
const DAEMON = '127.0.0.1:2000';

/**
 * Reads what decides whether and where telemetry goes, and how much of it; what is wrong is added
 * to `problems`. A misspelt sampler would record every request, and somebody would pay for it.
 */
export function readTelemetrySettings(
  env: NodeJS.ProcessEnv,
  problems: string[],
): TelemetrySettings {
  const get = (name: string): string => env[name]?.trim() ?? '';
  const oneOf = <T extends string>(name: string, legal: readonly T[], fallback: T): T => {
    const value = get(name);
    if (value === '') return fallback;
    const found = legal.find((candidate) => candidate === value);
    if (found !== undefined) return found;
    problems.push(`${name} is "${value}": it must be one of ${legal.join(', ')}.`);
    return fallback;
  };
  oneOf('OTEL_TRACES_SAMPLER', SAMPLERS, 'parentbased_always_on');
  const ratio = get('OTEL_TRACES_SAMPLER_ARG');
  if (ratio !== '' && !(Number(ratio) >= 0 && Number(ratio) <= 1)) {
    problems.push(`OTEL_TRACES_SAMPLER_ARG is "${ratio}": it must be a number from 0 to 1.`);
  }
  for (const name of ENDPOINTS) {
    const url = get(name);
    if (url !== '' && !(/^https?:\/\//.test(url) && URL.canParse(url))) {
      problems.push(`${name} is "${url}": it must be an http or https URL.`);
    }
  }
  for (const name of NUMBERS) {
    const number = get(name);
    if (number !== '' && !/^[1-9]\d{0,8}$/.test(number)) {
      problems.push(`${name} is "${number}": it must be a positive whole number.`);
    }
  }
  const enabled = oneOf('OTEL_SDK_DISABLED', ['true', 'false'], 'false') === 'false';
  const traces = oneOf('OTEL_TRACES_EXPORTER', ['otlp', XRAY_EXPORTER, 'none'], 'otlp');
  return {
    traces: traces !== 'none' && enabled,
    metrics: oneOf('OTEL_METRICS_EXPORTER', ['otlp', 'none'], 'otlp') === 'otlp' && enabled,
    protocol: oneOf('OTEL_EXPORTER_OTLP_PROTOCOL', ['http/json', 'http/protobuf'], 'http/protobuf'),
    ...(traces === XRAY_EXPORTER ? { daemon: daemonOf(get(DAEMON_ADDRESS), problems) } : {}),
  };
}

/** Lambda says where its daemon listens, and nobody else may. */
function daemonOf(address: string, problems: string[]): DaemonAddress {
  const [, host, port] = /^([\w.-]+):(\d{1,5})$/.exec(address === '' ? DAEMON : address) ?? [];
  if (host === undefined || !(Number(port) < 65_536)) {
    problems.push(`${DAEMON_ADDRESS} is "${address}": it must be a host and a port, as ${DAEMON}.`);
  }
  return { host: host ?? '', port: Number(port) };
}
