// Settings of the edge function: plain values that the bundler checks and writes into the code.
import { z } from 'zod';
import type { AccessRule } from '../contracts/access';
import { ENVIRONMENT_MAX_LENGTH, isKeyEnvironment } from '../contracts/api-key';
import { REGION } from '../contracts/aws-limits';
import { KEY_FORMS } from '../contracts/headers';
import { didYouMean } from '../contracts/did-you-mean';
import { formProblems } from '../contracts/form';
import { declarationShape } from '../contracts/workload-schema';
import { lookupRoutes } from './nearest-region';

/** The nearest region and one further: two attempts fit into the 5 s of a viewer request. */
const LOOKUP_ATTEMPTS = 2;

/** Bounds, both included, unit and default of each number; the stack's settings take them from here. */
export const EDGE_NUMBERS = {
  cacheSeconds: { min: 0, max: 300, unit: 's', default: 30 },
  graceSeconds: { min: 0, max: 3600, unit: 's', default: 300 },
  /**
   * CloudFront ends a viewer-request function after 5 s; two look-ups must fit. The default leaves an
   * instance that starts, which needs 0.15 s of its own, four round trips of 0.3 s (name, connection,
   * TLS, request): from Sydney to Frankfurt, should there be no nearer replica.
   */
  lookupTimeoutMs: { min: 50, max: 2000, unit: 'ms', default: 1500 },
} as const;

/** Origin of pages that may call, or all: `https://app.example.com`, `*`. */
export const ORIGIN = /^(\*|https?:\/\/[A-Za-z0-9.-]+(:\d+)?)$/;

function number({ min, max, default: value }: { min: number; max: number; default: number }) {
  const error = `a whole number ${min}-${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error }).default(value);
}

function text(pattern: RegExp, error: string) {
  return z.string({ error }).regex(pattern, { error });
}

const REGIONS = 'AWS regions, the home region first, for example ["eu-central-1"]';
const ORIGINS = 'origins such as "https://app.example.com", or "*"';
const SHARE = 'a number from 0 to 1';
const ENVIRONMENT = `a lower-case letter and up to ${ENVIRONMENT_MAX_LENGTH - 1} more letters or digits`;

type Rules = readonly AccessRule[];

/** Each message completes "expected …". */
const shape = {
  /** Name of the stack; the metrics' dimension `Stack`. */
  stack: text(/./, 'the name of the stack'),
  /** Environment part of the stack's keys (`keyEnvironment(stack)`); keys of others are refused. */
  environment: z.string({ error: ENVIRONMENT }).refine(isKeyEnvironment, { error: ENVIRONMENT }),
  /** Name of the keys table, the same in every region. */
  // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
  keysTable: text(/^[a-zA-Z0-9_.-]{3,255}$/, 'the name of a DynamoDB table'),
  /** Regions that hold the table: the home region first, then the replicas. */
  regions: z
    .array(text(REGION, 'an AWS region'), { error: REGIONS })
    .min(1, { error: REGIONS })
    .readonly(),
  /** Who may do what, in order: the workload's, whose reading checks that they make sense together. */
  rules: declarationShape.rules as unknown as z.ZodType<Rules, Rules>,
  /** Form of the errors that the edge answers with: the workload's. */
  errors: declarationShape.errors,
  /** Ways of sending a key that are accepted. @default x-api-key */
  keyForms: z.enum(KEY_FORMS, { error: KEY_FORMS.join(' or ') }).default(KEY_FORMS[0]),
  /** How long an answer of the store is trusted, in seconds: the time a revocation takes. @default 30 */
  cacheSeconds: number(EDGE_NUMBERS.cacheSeconds),
  /** How long past `cacheSeconds` a valid key lives on while the store is down. @default 300 */
  graceSeconds: number(EDGE_NUMBERS.graceSeconds),
  /** Deadline of one look-up in milliseconds; CloudFront ends the function after 5 s. @default 1500 */
  lookupTimeoutMs: number(EDGE_NUMBERS.lookupTimeoutMs),
  /** Origins whose CORS preflights are answered. @default none */
  corsOrigins: z.array(text(ORIGIN, 'an origin or "*"'), { error: ORIGINS }).readonly().default([]),
  /** Whether allowed requests are also counted by key id (a custom metric a key). @default true */
  perKeyMetrics: z.boolean({ error: 'true or false' }).default(true),
  /** Part of the requests that is traced, of those whose caller has not decided. @default 0 */
  traceSampling: z
    .number({ error: SHARE })
    .min(0, { error: SHARE })
    .max(1, { error: SHARE })
    .default(0),
};

const schema = z.strictObject(shape, {
  error: ({ code, keys }) =>
    code === 'unrecognized_keys'
      ? keys.map((key) => `${key} is no setting. ${didYouMean(key, Object.keys(shape))}`).join('\n')
      : 'the settings of an edge function',
});

/**
 * What a stack decides about its edge check. Lambda@Edge has no environment variables, so these are
 * constants of the bundle; a change is a new version of the function.
 */
export type EdgeSettings = Readonly<z.input<typeof schema>>;

/** {@link EdgeSettings} with every default filled in, and what follows from them. */
export type ResolvedEdgeSettings = Readonly<z.output<typeof schema>> & {
  /** Where not as in `regions`: indexes of the regions to ask, by executing region. */
  readonly routes: Readonly<Record<string, readonly number[]>>;
};

/**
 * Fills in the defaults and checks every value.
 * @throws Error that lists all problems at once, each with what was expected.
 */
export function resolveEdgeSettings(settings: EdgeSettings): ResolvedEdgeSettings {
  const problems = formProblems(schema, settings).map(({ text }) => text);
  if (problems.length > 0) {
    throw new Error(`The edge settings are wrong:\n- ${problems.join('\n- ')}`);
  }
  const resolved = schema.parse(settings);
  return { ...resolved, routes: lookupRoutes(resolved.regions, LOOKUP_ATTEMPTS) };
}
