// Schemas whose messages complete "expected …", and the sentences that say what is wrong and where.
import { z } from 'zod';
import { didYouMean } from './did-you-mean';

/** Text of a form; `words` completes "expected …". */
export function text(pattern: RegExp, words: string) {
  return z.string({ error: words }).regex(pattern, { error: words });
}

/** A mapping of any names of a form to values. */
export function mapping<V extends z.ZodType>(names: z.ZodString, values: V, words: string) {
  return z.record(names, values, { error: words });
}

/** A mapping of these keys alone. */
export function closed<S extends z.ZodRawShape>(shape: S, words: string) {
  return z.strictObject(shape, {
    error: ({ code, keys }) =>
      code === 'unrecognized_keys'
        ? keys.map((key) => unknownKey(key, Object.keys(shape))).join('\n')
        : words,
  });
}

function unknownKey(key: string, known: readonly string[]): string {
  return `${JSON.stringify(key)} is not known here. ${didYouMean(key, known)}`;
}

/** One problem and where it is. */
export interface Problem {
  readonly path: readonly PropertyKey[];
  /** A whole sentence, the path in it. */
  readonly text: string;
}

/** A problem whose sentence starts with its place. */
export function problem(path: readonly PropertyKey[], text: string): Problem {
  return { path, text: `${placeOf(path)} ${text}` };
}

/** What the schema has to say of a value. */
export function formProblems(schema: z.ZodType, value: unknown): Problem[] {
  const issues = schema.safeParse(value).error?.issues ?? [];
  return issues
    .filter(({ code, path }) => code !== 'custom' || !hasUnknownKey(issues, path))
    .flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? unknownKeys(issue)
        : [{ path: issue.path, text: sentence(issue, value) }],
    );
}

/** A misspelt key explains what is missing beside it. */
function hasUnknownKey(issues: readonly z.core.$ZodIssue[], path: readonly PropertyKey[]): boolean {
  return issues.some(
    (issue) => issue.code === 'unrecognized_keys' && placeOf(issue.path) === placeOf(path),
  );
}

/** The schema's message has a line for each key. */
function unknownKeys({ path, keys, message }: z.core.$ZodIssueUnrecognizedKeys): Problem[] {
  const lead = path.length === 0 ? '' : `${placeOf(path)}: `;
  const hints = message.split('\n');
  return keys.map((key, index) => ({ path: [...path, key], text: `${lead}${hints[index]}` }));
}

function sentence(issue: z.core.$ZodIssue, value: unknown): string {
  if (issue.code === 'invalid_key') {
    const [key] = issue.path.slice(-1);
    const expected = issue.issues.map(({ message }) => message).join();
    return `${placeOf(issue.path.slice(0, -1))} has the name ${shown(key)}, expected ${expected}.`;
  }
  const found = issue.path.reduce<unknown>(
    (inside, key) => (inside as Record<PropertyKey, unknown>)[key],
    value,
  );
  const state = found === undefined ? 'missing' : shown(found);
  return `${placeOf(issue.path)} is ${state}, expected ${issue.message}.`;
}

/** `rules[2].path`; the whole is `the workload`. */
function placeOf(path: readonly PropertyKey[]): string {
  const [first, ...rest] = path;
  if (first === undefined) return 'the workload';
  return [
    String(first),
    ...rest.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)),
  ].join('');
}

const SHOWN_LENGTH = 80;

/** A value as a message shows it, cut when it is long. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
}

/** Fields that have the right form, so that their meaning can be looked at whatever the rest is. */
export function soundParts<S extends z.ZodRawShape>(
  schema: z.ZodObject<S>,
  value: unknown,
): Partial<z.infer<z.ZodObject<S>>> {
  if (typeof value !== 'object' || value === null) return {};
  const fields = value as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(schema.shape).flatMap(([field, part]) => {
      const reading = (part as z.ZodType).safeParse(fields[field]);
      return reading.success ? [[field, reading.data] as const] : [];
    }),
  ) as Partial<z.infer<z.ZodObject<S>>>;
}
