// The only reader of a service's environment: validated once, every problem reported at once.
import { SERVICE_ENV } from '../../../contracts/env';
import { readTelemetrySettings } from './telemetry/settings';
import type { TelemetrySettings } from './telemetry/settings';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/**
 * Where counts by key go: by OpenTelemetry to the collector, once an export interval; into the log as
 * embedded metrics, one line a request, where no collector runs; nowhere.
 */
const KEY_METRICS = ['otlp', 'log', 'off'] as const;
export type KeyMetrics = (typeof KEY_METRICS)[number];

/** What the platform tells any service. */
export interface KitConfig {
  /** TCP port to listen on. @default 8080 */
  readonly port: number;
  readonly region: string;
  /** Name of the stack. @default local */
  readonly stack: string;
  /**
   * What CloudFront may send, the newest first: two while one takes the place of the other. Without any
   * nobody can prove to have passed the edge, and every request is refused.
   */
  readonly originSecrets: readonly string[];
  /** @default info */
  readonly logLevel: LogLevel;
  /** @default 65536 */
  readonly bodyLimitBytes: number;
  /** Seconds. @default 15 */
  readonly requestTimeoutSeconds: number;
  /**
   * Seconds between "not ready" and the listener's end: a load balancer that has not noticed yet
   * may still send on open connections, and those requests are answered. 0 to 10, because ECS
   * kills after 30 s by default (stopTimeout), and requests and telemetry need 21 of them.
   * @default 2
   */
  readonly drainNoticeSeconds: number;
  /** How requests are counted by key. @default otlp */
  readonly keyMetrics: KeyMetrics;
  readonly telemetry: TelemetrySettings;
}

/** The environment is unusable; the message lists every problem, and no secret's value. */
export class ConfigError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`The environment is not usable:\n${problems.map((line) => `  - ${line}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

/** Shorter secrets could be guessed; what infra generates has 48 characters. */
const MIN_SECRET_CHARACTERS = 16;
const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/**
 * Reads and validates the environment.
 * @param readOwn Reads the variables of the service's own.
 * @throws ConfigError naming every variable that is missing or wrong.
 */
export function readConfig<T extends object>(
  env: NodeJS.ProcessEnv,
  readOwn: (reader: EnvReader) => T,
): KitConfig & T {
  const reader = new EnvReader(env);
  const { problems } = reader;
  const config = {
    port: reader.integer(SERVICE_ENV.port, 8080, 0, 65_535),
    region: reader.required('AWS_REGION', 'the region of the stack, for example eu-central-1'),
    stack: reader.optional(SERVICE_ENV.stack) ?? 'local',
    ...readOwn(reader),
    originSecrets: originSecretsOf(reader),
    logLevel: reader.oneOf(SERVICE_ENV.logLevel, LOG_LEVELS, 'info'),
    bodyLimitBytes: reader.integer(SERVICE_ENV.bodyLimitBytes, 65_536, 1024, 10_485_760),
    requestTimeoutSeconds: reader.integer(SERVICE_ENV.requestTimeoutSeconds, 15, 1, 120),
    drainNoticeSeconds: reader.integer(SERVICE_ENV.drainNoticeSeconds, 2, 0, 10),
    keyMetrics: reader.oneOf(SERVICE_ENV.keyMetrics, KEY_METRICS, 'otlp'),
    telemetry: readTelemetrySettings(env, problems),
  };
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

function originSecretsOf(reader: EnvReader): string[] {
  return [SERVICE_ENV.originSecret, SERVICE_ENV.previousOriginSecret].flatMap((name) => {
    const secret = reader.optional(name);
    if (secret !== undefined && secret.length < MIN_SECRET_CHARACTERS) {
      reader.problems.push(
        `${name} is too short: it needs at least ${MIN_SECRET_CHARACTERS} characters.`,
      );
    }
    return secret === undefined ? [] : [secret];
  });
}

/** Reads variables and collects what is wrong; an empty one counts as absent, as OpenTelemetry's do. */
export class EnvReader {
  readonly problems: string[] = [];

  constructor(private readonly env: NodeJS.ProcessEnv) {}

  optional(name: string): string | undefined {
    const value = this.env[name]?.trim();
    return value === '' ? undefined : value;
  }

  /** @param what What to set it to, for the message. */
  required(name: string, what: string): string {
    const value = this.optional(name);
    if (value === undefined) this.problems.push(`${name} is missing: set it to ${what}.`);
    return value ?? '';
  }

  oneOf<T extends string>(name: string, legal: readonly T[], fallback: T): T {
    const value = this.optional(name);
    const found = legal.find((candidate) => candidate === value);
    if (value !== undefined && found === undefined) {
      this.problems.push(`${name} is "${value}": it must be one of ${legal.join(', ')}.`);
    }
    return found ?? fallback;
  }

  integer(name: string, fallback: number, min: number, max: number): number {
    const value = this.optional(name);
    if (value === undefined) return fallback;
    const number = Number(value);
    if (/^\d+$/.test(value) && number >= min && number <= max) return number;
    this.problems.push(`${name} is "${value}": it must be a whole number from ${min} to ${max}.`);
    return fallback;
  }
}
