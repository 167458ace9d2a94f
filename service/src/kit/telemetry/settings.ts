// The standard OTEL_* variables, read once. Variables: opentelemetry.io/docs/specs/otel/configuration.

export type Attributes = Readonly<Record<string, string | number>>;

export interface SamplerSettings {
  /** Whether the caller's own decision, where there is one, is followed. */
  readonly parentBased: boolean;
  /** Share of traces that are recorded, 0 to 1. */
  readonly ratio: number;
}

export interface TelemetrySettings {
  /** `undefined` when traces are not exported. */
  readonly tracesUrl: string | undefined;
  /** `undefined` when metrics are not exported. */
  readonly metricsUrl: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** Longest time for one export with its retries, in milliseconds. @default 10000 */
  readonly timeoutMs: number;
  readonly sampler: SamplerSettings;
  /** Attributes of the resource that the environment names. */
  readonly resource: Attributes;
  /** Longest time a span waits for others, in milliseconds. @default 5000 */
  readonly scheduleDelayMs: number;
  /** Spans that may wait for the exporter; more are dropped and counted. @default 2048 */
  readonly maxQueueSize: number;
  /** Spans in one export. @default 512 */
  readonly maxBatchSize: number;
  /** Time between exports of metrics, in milliseconds. @default 60000 */
  readonly metricIntervalMs: number;
  /** @default cumulative */
  readonly temporality: 'cumulative' | 'delta';
}

const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

/** Reads the variables; what is wrong is added to `problems`. */
export function readTelemetrySettings(
  env: NodeJS.ProcessEnv,
  problems: string[],
): TelemetrySettings {
  const get = (name: string): string | undefined => {
    const value = env[name]?.trim();
    return value === '' ? undefined : value;
  };
  const oneOf = <T extends string>(name: string, legal: readonly T[], fallback: T): T => {
    const value = get(name)?.toLowerCase();
    const found = legal.find((candidate) => candidate === value);
    if (value !== undefined && found === undefined) {
      problems.push(`${name} is "${value}": it must be one of ${legal.join(', ')}.`);
    }
    return found ?? fallback;
  };
  const positive = (name: string, fallback: number): number => {
    const value = get(name);
    if (value === undefined) return fallback;
    if (/^[1-9]\d{0,8}$/.test(value)) return Number(value);
    problems.push(`${name} is "${value}": it must be a positive whole number.`);
    return fallback;
  };
  const endpoint = (signal: 'traces' | 'metrics'): string | undefined => {
    const name = `OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_ENDPOINT`;
    const own = get(name);
    const base = get('OTEL_EXPORTER_OTLP_ENDPOINT') ?? 'http://localhost:4318';
    const url = own ?? `${base.replace(/\/$/, '')}/v1/${signal}`;
    if (/^https?:\/\//.test(url) && URL.canParse(url)) return url;
    const variable = own === undefined ? 'OTEL_EXPORTER_OTLP_ENDPOINT' : name;
    problems.push(`${variable} is "${own ?? base}": it must be an http or https URL.`);
    return undefined;
  };
  const disabled = oneOf('OTEL_SDK_DISABLED', ['true', 'false'], 'false') === 'true';
  const exports = (name: string): boolean =>
    oneOf(name, ['otlp', 'none'], 'otlp') === 'otlp' && !disabled;
  oneOf('OTEL_EXPORTER_OTLP_PROTOCOL', ['http/json'], 'http/json');
  const sampler = oneOf('OTEL_TRACES_SAMPLER', SAMPLERS, 'parentbased_always_on');
  const maxQueueSize = positive('OTEL_BSP_MAX_QUEUE_SIZE', 2048);
  return {
    tracesUrl: exports('OTEL_TRACES_EXPORTER') ? endpoint('traces') : undefined,
    metricsUrl: exports('OTEL_METRICS_EXPORTER') ? endpoint('metrics') : undefined,
    headers: readPairs('OTEL_EXPORTER_OTLP_HEADERS', get, problems),
    timeoutMs: positive('OTEL_EXPORTER_OTLP_TIMEOUT', 10_000),
    sampler: {
      parentBased: sampler.startsWith('parentbased_'),
      ratio: samplingRatio(sampler, get('OTEL_TRACES_SAMPLER_ARG'), problems),
    },
    resource: {
      ...readPairs('OTEL_RESOURCE_ATTRIBUTES', get, problems),
      ...serviceName(get('OTEL_SERVICE_NAME')),
    },
    scheduleDelayMs: positive('OTEL_BSP_SCHEDULE_DELAY', 5000),
    maxQueueSize,
    maxBatchSize: Math.min(positive('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 512), maxQueueSize),
    metricIntervalMs: positive('OTEL_METRIC_EXPORT_INTERVAL', 60_000),
    temporality: oneOf(
      'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE',
      ['cumulative', 'delta'],
      'cumulative',
    ),
  };
}

function serviceName(name: string | undefined): Attributes {
  return name === undefined ? {} : { 'service.name': name };
}

function samplingRatio(
  sampler: (typeof SAMPLERS)[number],
  argument: string | undefined,
  problems: string[],
): number {
  if (sampler.endsWith('always_off')) return 0;
  if (sampler.endsWith('always_on') || argument === undefined) return 1;
  const ratio = Number(argument);
  if (ratio >= 0 && ratio <= 1) return ratio;
  problems.push(`OTEL_TRACES_SAMPLER_ARG is "${argument}": it must be a number from 0 to 1.`);
  return 1;
}

/** `key=value,key=value`, percent-encoded, as OTEL_RESOURCE_ATTRIBUTES and the headers are. */
function readPairs(
  name: string,
  get: (name: string) => string | undefined,
  problems: string[],
): Record<string, string> {
  const pairs: Record<string, string> = {};
  for (const pair of get(name)?.split(',') ?? []) {
    const at = pair.indexOf('=');
    const key = pair.slice(0, Math.max(at, 0)).trim();
    const value = decode(pair.slice(at + 1).trim());
    if (key === '' || value === undefined) {
      // The value is not quoted: headers may carry a token.
      problems.push(`${name} has a part that is not key=value, percent-encoded.`);
    } else {
      pairs[key] = value;
    }
  }
  return pairs;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
