// Kinds of configuration settings: each parses one value and says what would have been legal.

/** One setting: how it is read, what it means, what is legal. */
export interface Setting<T> {
  /** Type in the schema of `Pulumi.yaml`; an array is one of strings. */
  readonly type: 'string' | 'integer' | 'boolean' | 'array';
  /** One sentence for the table in the README. */
  readonly description: string;
  /** Unit of a number (`days`, `MiB`), when it has one. */
  readonly unit?: string;
  /** Legal values in words. */
  readonly legal: string;
  /** Value when the key is absent; `undefined` means that the feature is off. */
  readonly fallback: T;
  /** Converts the engine's text; throws an Error whose message is the legal values. */
  readonly parse: (text: string) => T;
}

/** A setting with a fixed list of legal words. */
export function choice<const V extends string>(
  values: readonly V[],
  fallback: NoInfer<V>,
  description: string,
): Setting<V> {
  const legal = values.map((value) => `\`${value}\``).join(', ');
  return {
    type: 'string',
    description,
    legal,
    fallback,
    parse: (text) => values.find((value) => value === text) ?? illegal(legal),
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
  };
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function illegal(legal: string): never {
  throw new Error(legal);
}

/** The default as the engine would hand it over: text, empty for "off". */
export function defaultText({ fallback }: Setting<unknown>): string {
  if (fallback === undefined) return '';
  return Array.isArray(fallback) ? JSON.stringify(fallback) : String(fallback);
}
