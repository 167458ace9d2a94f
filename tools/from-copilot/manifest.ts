// Reads a manifest of AWS Copilot: what this command looks at, and every problem with its line.
import { z } from 'zod';
import { didYouMean } from '../../contracts/did-you-mean';
import { formProblems, mapping, shown, text } from '../../contracts/form';
import { readYaml } from '../../contracts/yaml-source';

/** Kinds of services that are an HTTP API on Fargate. */
const TYPES = ['Load Balanced Web Service', 'Backend Service'] as const;

const loose = <S extends z.ZodRawShape>(shape: S, words: string) =>
  z.looseObject(shape, { error: words });
const whole = (words: string) => z.int({ error: words });
const DURATION = 'a duration such as 30s or 2m';
const duration = text(/^\d+(ms|s|m|h)$/, DURATION);
/** A scaling field is a value, or one with a cooldown of its own. */
const valued = <V extends z.ZodType>(value: V, words: string) =>
  z.union([value, loose({ value }, words)], { error: words });

const RANGE = 'a range such as 1-10, or { min: 1, max: 10 }';
const count = z.union(
  [
    whole('a number of tasks'),
    loose(
      {
        range: z
          .union(
            [
              z.string().regex(/^\d+-\d+$/),
              loose({ min: whole('a number of tasks'), max: whole('a number of tasks') }, RANGE),
            ],
            { error: RANGE },
          )
          .optional(),
        cooldown: loose({ in: duration.optional(), out: duration.optional() }, DURATION).optional(),
        response_time: valued(duration, DURATION).optional(),
        requests: valued(whole('a number of requests'), 'a number of requests').optional(),
      },
      'a number of tasks, or a mapping with a range',
    ),
  ],
  { error: 'a number of tasks, or a mapping with a range' },
);

const alias = z.union(
  [z.string(), z.array(z.union([z.string(), loose({ name: z.string() }, 'a name')]))],
  { error: 'a host name, or a list of them' },
);
const scalar = z.union([z.string(), z.number(), z.boolean()], { error: 'a text' });

const serviceShape = {
  image: loose(
    {
      port: whole('a port').optional(),
      location: z.string({ error: 'an image' }).optional(),
    },
    'a mapping with build or location',
  ),
  http: z
    .union(
      [
        z.literal(false),
        loose(
          {
            path: z.string({ error: 'a path' }).optional(),
            healthcheck: z
              .union([z.string(), loose({ path: z.string().optional() }, 'a path')], {
                error: 'a path, or a mapping with one',
              })
              .optional(),
            alias: alias.optional(),
            allowed_source_ips: z
              .array(z.string(), { error: 'a list of address blocks' })
              .optional(),
          },
          'a mapping, or false',
        ),
      ],
      { error: 'a mapping, or false' },
    )
    .optional(),
  cpu: whole('a number of CPU units').optional(),
  memory: whole('a number of MiB').optional(),
  platform: z.unknown().optional(),
  count: count.optional(),
  variables: mapping(
    z.string(),
    z.union([scalar, loose({ from_cfn: z.string().optional() }, 'a text')], { error: 'a text' }),
    'a mapping of variables to texts',
  ).optional(),
  secrets: mapping(
    z.string(),
    z.union([z.string(), loose({ secretsmanager: z.string().optional() }, 'a name')], {
      error: 'a name, or { secretsmanager: … }',
    }),
    'a mapping of variables to names of secrets',
  ).optional(),
};

const manifestSchema = loose(
  {
    name: text(/^[a-z][a-z0-9-]{0,254}$/, 'letters, digits and "-"'),
    type: z.enum(TYPES, { error: TYPES.join(' or ') }),
    ...serviceShape,
    environments: mapping(z.string(), z.looseObject({}), 'a mapping of environments').optional(),
  },
  'a mapping with name, type and image',
);

export type Manifest = z.infer<typeof manifestSchema>;

/** A manifest with the values of one environment in the place of its own. */
export interface ReadManifest {
  readonly manifest: Manifest;
  /** Line of what is on a path, 1 for what is not there. */
  readonly line: (...path: readonly string[]) => number;
  /** Names of environments with values of their own. */
  readonly environments: readonly string[];
}

/** @param environment Whose values count. @returns the manifest, or sentences that say what is wrong. */
export function readManifest(
  source: string,
  environment?: string,
): ReadManifest | { readonly problems: readonly string[] } {
  const read = readYaml(source);
  if ('problems' in read) return read;
  const { value, line: lineAt } = read;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return {
      problems: [`It is ${shown(value)}, expected a manifest: a mapping with name and type.`],
    };
  }
  const environments = Object.keys(
    (value as { environments?: Record<string, unknown> | null }).environments ?? {},
  );
  if (environment !== undefined && !environments.includes(environment)) {
    const known =
      environments.length === 0 ? 'It has none.' : didYouMean(environment, environments);
    return { problems: [`The manifest has no environment "${environment}". ${known}`] };
  }
  const own = environment === undefined ? [] : ['environments', environment];
  const line = (...path: readonly string[]): number =>
    (has(value, [...own, ...path]) ? lineAt([...own, ...path]) : undefined) ?? lineAt(path);
  const merged = merge(value, at(value, own.length === 0 ? undefined : own));
  const problems = formProblems(manifestSchema, merged);
  if (problems.length === 0) return { manifest: manifestSchema.parse(merged), line, environments };
  return {
    problems: problems
      .map(({ path, text: sentence }) => ({ at: line(...path.map(String)), sentence }))
      .sort((one, other) => one.at - other.at)
      .map(({ at: number, sentence }) => `line ${number}: ${sentence}`),
  };
}

function at(value: unknown, path: readonly string[] | undefined): unknown {
  return path?.reduce<unknown>((inside, key) => (inside as Record<string, unknown>)[key], value);
}

function has(value: unknown, path: readonly string[]): boolean {
  let inside = value;
  for (const key of path) {
    if (typeof inside !== 'object' || inside === null || !Object.hasOwn(inside, key)) return false;
    inside = (inside as Record<string, unknown>)[key];
  }
  return true;
}

/** As Copilot does: mappings are merged, everything else is replaced. */
function merge(base: unknown, over: unknown): unknown {
  if (over === undefined) return base;
  if (!isMapping(base) || !isMapping(over)) return over;
  const keys = [...new Set([...Object.keys(base), ...Object.keys(over)])];
  return Object.fromEntries(keys.map((key) => [key, merge(base[key], over[key])]));
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
