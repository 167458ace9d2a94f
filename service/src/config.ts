// The only reader of the service's own environment: validated once, every problem reported at once.
import { SERVICE_ENV } from '../../contracts/env';
import { readTelemetrySettings } from './kit/telemetry/settings';
import type { TelemetrySettings } from './kit/telemetry/settings';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type CredentialKeys = 'shared' | 'per-user';

export interface Config {
  /** TCP port to listen on. @default 8080 */
  readonly port: number;
  readonly region: string;
  readonly usersTable: string;
  readonly credentialsKeyArn: string;
  /** @default shared */
  readonly credentialKeys: CredentialKeys;
  /** Value of the tag on per-user keys; needed in mode `per-user` only. */
  readonly stackTag: string | undefined;
  /** Without it nobody can prove to have passed the edge, and every request is refused. */
  readonly originSecret: string | undefined;
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
const CREDENTIAL_KEYS = ['shared', 'per-user'] as const;

/**
 * Reads and validates the environment.
 * @throws ConfigError naming every variable that is missing or wrong.
 */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const problems: string[] = [];
  const reader = new EnvReader(env, problems);
  const config: Config = {
    port: reader.integer(SERVICE_ENV.port, 8080, 0, 65_535),
    region: reader.required('AWS_REGION', 'the region of the table, for example eu-central-1'),
    usersTable: reader.required(SERVICE_ENV.usersTable, 'the name of the users table'),
    credentialsKeyArn: reader.required(SERVICE_ENV.credentialsKeyArn, 'the ARN of the KMS key'),
    credentialKeys: reader.oneOf(SERVICE_ENV.credentialKeys, CREDENTIAL_KEYS, 'shared'),
    stackTag: reader.optional(SERVICE_ENV.stackTag),
    originSecret: reader.optional(SERVICE_ENV.originSecret),
    logLevel: reader.oneOf(SERVICE_ENV.logLevel, LOG_LEVELS, 'info'),
    bodyLimitBytes: reader.integer(SERVICE_ENV.bodyLimitBytes, 65_536, 1024, 10_485_760),
    requestTimeoutSeconds: reader.integer(SERVICE_ENV.requestTimeoutSeconds, 15, 1, 120),
    drainNoticeSeconds: reader.integer(SERVICE_ENV.drainNoticeSeconds, 2, 0, 10),
    telemetry: readTelemetrySettings(env, problems),
  };
  if (config.credentialKeys === 'per-user' && config.stackTag === undefined) {
    problems.push(
      `${SERVICE_ENV.stackTag} is missing: ${SERVICE_ENV.credentialKeys}=per-user tags each key with it.`,
    );
  }
  if (config.originSecret !== undefined && config.originSecret.length < MIN_SECRET_CHARACTERS) {
    problems.push(
      `${SERVICE_ENV.originSecret} is too short: it needs at least ${MIN_SECRET_CHARACTERS} characters.`,
    );
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

/** Reads variables; an empty one counts as absent, as OpenTelemetry's do. */
class EnvReader {
  constructor(
    private readonly env: NodeJS.ProcessEnv,
    private readonly problems: string[],
  ) {}

  optional(name: string): string | undefined {
    const value = this.env[name]?.trim();
    return value === '' ? undefined : value;
  }

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
