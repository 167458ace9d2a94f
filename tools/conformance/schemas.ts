// OpenAPI schemas as inputs that fit them (and nearly do), and as checks of answers.
import fc from 'fast-check';
import { z } from 'zod';

/** A JSON Schema as OpenAPI 3.1 has it; references are to the same document. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly readOnly?: boolean;
  readonly [other: string]: unknown;
}

/** The schema with what it refers to in the place of its references. */
export function inlined<T>(value: T, document: object): T {
  if (Array.isArray(value)) return value.map((item: unknown) => inlined(item, document)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const { $ref } = value as Schema;
  if ($ref !== undefined) {
    const target = $ref
      .replace('#/', '')
      .split('/')
      .reduce<unknown>((node, key) => (node as Record<string, unknown>)[key], document);
    return inlined(target, document) as T;
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key, inlined(part as unknown, document)]),
  ) as T;
}

/** What does not fit in a value, in words; nothing when it does. */
export function misfit(schema: Schema, value: unknown): string | undefined {
  const result = z
    .fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0])
    .safeParse(value);
  return result.success ? undefined : z.prettifyError(result.error);
}

/** Values of a schema without references; one in twenty is something else, anywhere in it. */
export function valuesOf(schema: Schema): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 19, arbitrary: fitting(schema) },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 1 }) },
  );
}

function fitting(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const types = [schema.type ?? []].flat();
  return types.length === 0 ? fc.jsonValue({ maxDepth: 1 }) : fc.oneof(...types.map(ofType));

  function ofType(type: string): fc.Arbitrary<unknown> {
    const { minimum: min = -1000, maximum: max = 1000 } = schema;
    switch (type) {
      case 'null':
        return fc.constant(null);
      case 'boolean':
        return fc.boolean();
      case 'integer':
        return fc.integer({ min, max });
      case 'number':
        return fc.double({ min, max, noNaN: true });
      case 'array':
        return fc.array(valuesOf(schema.items ?? {}), { maxLength: 3 });
      case 'object':
        return object(schema);
      default:
        return text(schema);
    }
  }
}

function object({ properties = {}, required = [] }: Schema): fc.Arbitrary<unknown> {
  // What only the service sets is sent seldom: a request with it is refused before anything else.
  const entries = Object.entries(properties).map(
    ([name, part]): [string, fc.Arbitrary<unknown>] => [
      name,
      required.includes(name)
        ? valuesOf(part)
        : fc.oneof(
            { weight: part.readOnly === true ? 30 : 3, arbitrary: fc.constant(undefined) },
            { weight: 1, arbitrary: valuesOf(part) },
          ),
    ],
  );
  return fc.record(Object.fromEntries(entries));
}

function text({ format, minLength = 0, maxLength = 40 }: Schema): fc.Arbitrary<string> {
  if (format === 'email') return fc.emailAddress();
  if (format === 'uuid') return fc.uuid();
  if (format === 'date-time') {
    return fc
      .date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-01-01') })
      .map((date) => date.toISOString());
  }
  return fc.string({ minLength, maxLength: Math.min(maxLength, 60), unit: 'grapheme' });
}
