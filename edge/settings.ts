// Settings of the edge function: plain values that the bundler writes into the code.
import { ENVIRONMENT_MAX_LENGTH, isKeyEnvironment } from '../contracts/api-key';
import { lookupRoutes } from './nearest-region';

/**
 * What a stack decides about its edge check. Lambda@Edge has no environment variables, so these are
 * constants of the bundle; a change is a new version of the function.
 */
export interface EdgeSettings {
  /** Name of the stack; the metrics' dimension `Stack`. */
  readonly stack: string;
  /** Environment part of the stack's keys (`keyEnvironment(stack)`); keys of others are refused. */
  readonly environment: string;
  /** Name of the keys table, the same in every region. */
  readonly keysTable: string;
  /** Regions that hold the table: the home region first, then the replicas. */
  readonly regions: readonly string[];
  /** How long a record that was found is trusted, in seconds: the time a revocation takes. @default 30 */
  readonly cacheSeconds?: number;
  /** How long an unknown key is remembered, in seconds. @default 30 */
  readonly negativeCacheSeconds?: number;
  /** How long past `cacheSeconds` a valid key lives on while the store is down. @default 300 */
  readonly graceSeconds?: number;
  /** Deadline of one look-up in milliseconds; CloudFront ends the function after 5 s. @default 1000 */
  readonly lookupTimeoutMs?: number;
  /** Most records, and most unknown keys, that are remembered. @default 10000 */
  readonly cacheEntries?: number;
  /** Path that GET and HEAD reach without a key. @default none */
  readonly healthPath?: string;
  /** Origins (`https://app.example.com`, or `*`) whose CORS preflights are answered. @default none */
  readonly corsOrigins?: readonly string[];
  /** How long a browser may remember a preflight, in seconds. @default 600 */
  readonly corsMaxAgeSeconds?: number;
  /** Whether allowed requests are also counted by key id (a custom metric a key). @default true */
  readonly perKeyMetrics?: boolean;
}

/** {@link EdgeSettings} with every default filled in, and what follows from them. */
export type ResolvedEdgeSettings = Required<Omit<EdgeSettings, 'healthPath'>> &
  Pick<EdgeSettings, 'healthPath'> & {
    /** Where not as in `regions`: indexes of the regions to ask, by executing region. */
    readonly routes: Readonly<Record<string, readonly number[]>>;
  };

/** The nearest region and one further: two attempts fit into the 5 s of a viewer request. */
const LOOKUP_ATTEMPTS = 2;

export const EDGE_DEFAULTS = {
  cacheSeconds: 30,
  negativeCacheSeconds: 30,
  graceSeconds: 300,
  lookupTimeoutMs: 1000,
  cacheEntries: 10_000,
  corsOrigins: [],
  corsMaxAgeSeconds: 600,
  perKeyMetrics: true,
} as const satisfies Partial<EdgeSettings>;

/** A viewer-request function has 5 s; two look-ups (nearest region, then the next) must fit. */
const MAX_LOOKUP_TIMEOUT_MS = 2000;
/** 100,000 records would fill the 128 MB that a viewer-request function has. */
const MAX_CACHE_ENTRIES = 20_000;

const RANGES: readonly [keyof typeof EDGE_DEFAULTS, number, number][] = [
  ['cacheSeconds', 0, 3600],
  ['negativeCacheSeconds', 0, 3600],
  ['graceSeconds', 0, 86_400],
  ['lookupTimeoutMs', 50, MAX_LOOKUP_TIMEOUT_MS],
  ['cacheEntries', 1, MAX_CACHE_ENTRIES],
  ['corsMaxAgeSeconds', 0, 86_400],
];

const KNOWN_SETTINGS = new Set<string>([
  'stack',
  'environment',
  'keysTable',
  'regions',
  'healthPath',
  ...Object.keys(EDGE_DEFAULTS),
]);

/**
 * Fills in the defaults and checks every value.
 * @throws Error that lists all problems at once, each with what was expected.
 */
export function resolveEdgeSettings(settings: EdgeSettings): ResolvedEdgeSettings {
  const given = Object.fromEntries(
    Object.entries(settings).filter(([, value]) => value !== undefined),
  ) as unknown as EdgeSettings;
  const resolved = { ...EDGE_DEFAULTS, ...given };
  const problems = [...unknownSettings(given), ...textProblems(resolved)];
  for (const [name, min, max] of RANGES) {
    const value = resolved[name];
    if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
      problems.push(`${name} is ${JSON.stringify(value)}, expected a whole number ${min}-${max}`);
    }
  }
  if (problems.length > 0) {
    throw new Error(`The edge settings are wrong:\n- ${problems.join('\n- ')}`);
  }
  return { ...resolved, routes: lookupRoutes(resolved.regions, LOOKUP_ATTEMPTS) };
}

function unknownSettings(settings: EdgeSettings): string[] {
  return Object.keys(settings)
    .filter((name) => !KNOWN_SETTINGS.has(name))
    .map((name) => `${name} is no setting, expected one of ${[...KNOWN_SETTINGS].join(', ')}`);
}

function textProblems(settings: Omit<ResolvedEdgeSettings, 'routes'>): string[] {
  const problems: string[] = [];
  const expect = (ok: boolean, name: keyof EdgeSettings, expected: string) => {
    if (!ok) {
      problems.push(`${name} is ${JSON.stringify(settings[name])}, expected ${expected}`);
    }
  };
  expect(isText(settings.stack) && settings.stack !== '', 'stack', 'the name of the stack');
  expect(
    isText(settings.environment) && isKeyEnvironment(settings.environment),
    'environment',
    `a lower-case letter and up to ${ENVIRONMENT_MAX_LENGTH - 1} more letters or digits`,
  );
  // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
  expect(
    isText(settings.keysTable) && /^[a-zA-Z0-9_.-]{3,255}$/.test(settings.keysTable),
    'keysTable',
    'the name of a DynamoDB table',
  );
  expect(
    isList(settings.regions, /^[a-z]{2}(-[a-z]+){1,2}-\d$/) && settings.regions.length > 0,
    'regions',
    'AWS regions, the home region first, for example ["eu-central-1"]',
  );
  expect(
    settings.healthPath === undefined ||
      (isText(settings.healthPath) && /^(\/[A-Za-z0-9_-]+)+$/.test(settings.healthPath)),
    'healthPath',
    'a plain path such as "/healthz"',
  );
  expect(
    isList(settings.corsOrigins, /^(\*|https?:\/\/[A-Za-z0-9.-]+(:\d+)?)$/),
    'corsOrigins',
    'origins such as "https://app.example.com", or "*"',
  );
  expect(typeof settings.perKeyMetrics === 'boolean', 'perKeyMetrics', 'true or false');
  return problems;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isList(value: unknown, pattern: RegExp): value is readonly string[] {
  return Array.isArray(value) && value.every((entry) => isText(entry) && pattern.test(entry));
}
