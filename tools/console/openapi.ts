// What an API says of itself in its OpenAPI document: operations, each with a body that has what its schema demands.

/** As much of a document as is read here. */
export interface OpenApi {
  info?: { title?: string };
  paths: Record<string, Record<string, Described>>;
  components?: { schemas?: Record<string, Schema> };
}

interface Described {
  summary?: string;
  requestBody?: { content?: Record<string, { schema?: Schema; example?: unknown }> };
}

interface Schema {
  $ref?: string;
  type?: string;
  properties?: Record<string, Schema>;
  example?: unknown;
  enum?: unknown[];
  const?: unknown;
  required?: string[];
  format?: string;
  writeOnly?: boolean;
}

/** One method of one path. */
export interface Operation {
  method: string;
  path: string;
  summary: string;
  /** JSON text of an example, when it takes a body. */
  body?: string;
  /** Media type of the body. */
  type?: string;
}

export const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
const NESTED = 6;

export function operationsOf(api: OpenApi): Operation[] {
  return Object.entries(api.paths).flatMap(([path, described]) =>
    METHODS.flatMap((method) => {
      const operation = described[method];
      if (operation === undefined) return [];
      const [content] = Object.entries(operation.requestBody?.content ?? {});
      const example =
        content === undefined
          ? undefined
          : (content[1].example ?? exampleOf(api, content[1].schema));
      return [
        {
          ...{ method: method.toUpperCase(), path, summary: operation.summary ?? '' },
          ...(content === undefined
            ? {}
            : { type: content[0], body: JSON.stringify(example ?? {}, null, 2) }),
        },
      ];
    }),
  );
}

/** A body that has what the schema demands, and what can only be written. */
function exampleOf(api: OpenApi, schema: Schema | undefined, depth = 0): unknown {
  if (schema === undefined || depth > NESTED) return undefined;
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split('/').at(-1) ?? '';
    return exampleOf(api, api.components?.schemas?.[name], depth + 1);
  }
  if (schema.example !== undefined) return schema.example;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  if (schema.properties !== undefined) {
    return Object.fromEntries(
      Object.entries(schema.properties)
        .filter(
          ([name, { writeOnly }]) =>
            writeOnly === true || (schema.required?.includes(name) ?? true),
        )
        .map(([name, property]) => [name, exampleOf(api, property, depth + 1)]),
    );
  }
  if (schema.type === 'string') return schema.format === 'email' ? 'ada@example.com' : 'text';
  if (schema.type === 'integer' || schema.type === 'number') return 1;
  if (schema.type === 'boolean') return true;
  return schema.type === 'array' ? [] : undefined;
}
