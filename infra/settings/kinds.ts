// Kinds of configuration settings: each parses one value and says what would have been legal.
import { nearest } from '../../contracts/did-you-mean';

/** One setting: how it is read, what it means, what is legal. */
export interface Setting<T> {
  /**
   * Type in the schema of `Pulumi.yaml`; an array is one of strings. That schema knows no mapping
   * (https://www.pulumi.com/docs/iac/concepts/config/), so an object is left out of it, and the
   * engine hands it on as JSON.
   */
  readonly type: 'string' | 'integer' | 'boolean' | 'array' | 'object';
  /** One sentence for the table in docs/settings.md. */
  readonly description: string;
  /** Unit of a number (`days`, `MiB`), when it has one. */
  readonly unit?: string;
  /** Legal values in words. */
  readonly legal: string;
  /** Value when the key is absent; `undefined` means that the feature is off. */
  readonly fallback: T;
  /** What happens without it, in words, where nothing would be off. */
  readonly whenAbsent?: string;
  /** Why a stack that runs can't change it. */
  readonly permanent?: string;
  /** Converts the engine's text; throws an Error whose message is the legal values, as sentences. */
  readonly parse: (text: string) => T;
  /** Legal values at the edges, as texts: each must make a plan. */
  readonly extremes: readonly string[];
}

/**
 * A setting with a fixed list of legal words.
 * @param formerly Words that people may know from elsewhere, with the legal one for each.
 */
export function choice<const V extends string>(
  values: readonly V[],
  fallback: NoInfer<V>,
  description: string,
  formerly: Readonly<Record<string, NoInfer<V>>> = {},
): Setting<V> {
  const legal = values.map((value) => `\`${value}\``).join(', ');
  return {
    type: 'string',
    description,
    legal,
    fallback,
    parse: (text) =>
      values.find((value) => value === text) ??
      illegal(legal, Object.hasOwn(formerly, text) ? formerly[text] : nearest(text, values)),
    extremes: values,
  };
}

interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly unit?: string;
}

/** A whole number within bounds, both included. */
export function integer(bounds: Bounds, fallback: number, description: string): Setting<number> {
  const form = { type: 'integer', pattern: /^-?\d+$/, name: 'a whole number' } as const;
  return bounded(form, bounds, fallback, description);
}

/** A number with a fraction, written as a string since Pulumi's schema has no such type. */
export function decimal(bounds: Bounds, fallback: number, description: string): Setting<number> {
  const form = { type: 'string', pattern: /^\d+(\.\d+)?$/, name: 'a number' } as const;
  return bounded(form, bounds, fallback, description);
}

/** The same with one digit after the point at most. */
export function tenths(bounds: Bounds, fallback: number, description: string): Setting<number> {
  const name = 'a number with one decimal at most';
  return bounded({ type: 'string', pattern: /^\d+(\.\d)?$/, name }, bounds, fallback, description);
}

function bounded(
  form: { type: 'integer' | 'string'; pattern: RegExp; name: string },
  { min, max, unit }: Bounds,
  fallback: number,
  description: string,
): Setting<number> {
  const legal = `${min} to ${max}`;
  return {
    type: form.type,
    description,
    ...(unit === undefined ? {} : { unit }),
    legal,
    fallback,
    parse: (text) => {
      const value = form.pattern.test(text) ? Number(text) : NaN;
      return value >= min && value <= max ? value : illegal(`${form.name}, ${legal}`);
    },
    extremes: [String(min), String(max)],
  };
}

/** A whole number out of a list, for example the retention days that CloudWatch offers. */
export function integerOf(
  values: readonly number[],
  unit: string,
  fallback: number,
  description: string,
): Setting<number> {
  const legal = values.join(', ');
  return {
    type: 'integer',
    description,
    unit,
    legal,
    fallback,
    parse: (text) => values.find((value) => String(value) === text) ?? illegal(`one of ${legal}`),
    extremes: [String(values[0]), String(values.at(-1))],
  };
}

/** `true` or `false`. */
export function flag(fallback: boolean, description: string): Setting<boolean> {
  const legal = '`true`, `false`';
  return {
    type: 'boolean',
    description,
    legal,
    fallback,
    parse: (text) => (text === 'true' ? true : text === 'false' ? false : illegal(legal)),
    extremes: ['true', 'false'],
  };
}

/** Text of a given form; absent means `undefined`. */
export function text(
  pattern: RegExp,
  legal: string,
  description: string,
): Setting<string | undefined>;
export function text(
  pattern: RegExp,
  legal: string,
  description: string,
  fallback: string,
): Setting<string>;
export function text(
  pattern: RegExp,
  legal: string,
  description: string,
  fallback?: string,
): Setting<string | undefined> {
  return {
    type: 'string',
    description,
    legal,
    fallback,
    parse: (value) => (pattern.test(value) ? value : illegal(legal)),
    extremes: [],
  };
}

/** A list of texts of a given form, without repetitions. */
export function list(pattern: RegExp, legal: string, description: string): Setting<string[]> {
  const expected = `a list without repetitions of ${legal}`;
  return {
    type: 'array',
    description,
    legal: `list of ${legal}`,
    fallback: [],
    parse: (json) => {
      const items = parseJson(json);
      if (!Array.isArray(items)) return illegal(expected);
      const texts = items.map((item) => (typeof item === 'string' ? item : illegal(expected)));
      const isLegal = texts.every((item) => pattern.test(item));
      return isLegal && new Set(texts).size === texts.length ? texts : illegal(expected);
    },
    extremes: ['[]'],
  };
}

/** A mapping of names to texts; what the texts may be is looked at where they are used. */
export function mapping(legal: string, description: string): Setting<Record<string, string>> {
  const expected = `a mapping of names to texts, such as \`${legal}\``;
  return {
    type: 'object',
    description,
    legal: `mapping such as \`${legal}\``,
    fallback: {},
    whenAbsent: 'none',
    parse: (json) => {
      const entries = parseJson(json);
      if (typeof entries !== 'object' || entries === null || Array.isArray(entries)) {
        return illegal(expected);
      }
      // `pulumi config set --path` makes numbers and booleans of what looks like one.
      return Object.fromEntries(
        Object.entries(entries).map(([name, value]) =>
          ['string', 'number', 'boolean'].includes(typeof value)
            ? [name, String(value)]
            : illegal(expected),
        ),
      );
    },
    extremes: ['{}'],
  };
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function illegal(legal: string, meant?: string): never {
  throw new Error(`${legal}.${meant === undefined ? '' : ` Did you mean ${meant}?`}`);
}

/** The default as the engine would hand it over: text, empty for "off". */
export function defaultText({ fallback }: Setting<unknown>): string {
  if (fallback === undefined) return '';
  return typeof fallback === 'object' ? JSON.stringify(fallback) : String(fallback);
}
