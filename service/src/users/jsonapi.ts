// JSON:API 1.1 on the wire: the media type, negotiation, query parameters and document parts.
import type { Context, MiddlewareHandler, Next } from 'hono';
import type { AppEnv } from '../kit/identity';
import { UsersError } from './errors';

export const JSON_API = 'application/vnd.api+json';

export interface MediaType {
  /** `type/subtype` in lower case. */
  readonly name: string;
  /** Parameters in order, names in lower case, values unquoted. */
  readonly parameters: readonly (readonly [name: string, value: string])[];
}

/** Elements of a comma-separated header; commas and semicolons within quotes do not separate. */
function splitOutsideQuotes(text: string, separator: ',' | ';'): string[] {
  return (
    text.match(
      separator === ',' ? /(?:[^,"]|"(?:\\.|[^"\\])*"?)+/g : /(?:[^;"]|"(?:\\.|[^"\\])*"?)+/g,
    ) ?? []
  );
}

/** Parses one media type; a parameter without `=` has the empty value, an empty one is none. */
export function parseMediaType(text: string): MediaType {
  const [name = '', ...rest] = splitOutsideQuotes(text, ';');
  const parameters = rest
    .filter((part) => part.trim() !== '')
    .map((part) => {
      const [key = '', ...values] = part.split('=');
      const raw = values.join('=').trim();
      const value = raw.startsWith('"') ? raw.replace(/^"|"$/g, '').replace(/\\(.)/g, '$1') : raw;
      return [key.trim().toLowerCase(), value] as const;
    });
  return { name: name.trim().toLowerCase(), parameters };
}

/** Only `ext` and `profile` may stand beside the media type, and no extension is supported here. */
function isPlain({ parameters }: MediaType): boolean {
  return parameters.every(
    ([name, value]) => name === 'profile' || (name === 'ext' && value.trim() === ''),
  );
}

/** Refuses an `Accept` that wants of JSON:API only what there is not: 406. */
export function negotiate(): MiddlewareHandler {
  return async function negotiateAnswer(c, next) {
    const accepted = splitOutsideQuotes(c.req.header('accept') ?? '', ',')
      .map(parseMediaType)
      .filter((type) => type.name === JSON_API)
      .map(({ name, parameters }) => ({
        name,
        parameters: parameters.filter(([key]) => key !== 'q'),
      }));
    if (accepted.length > 0 && !accepted.some(isPlain)) {
      throw new UsersError({
        code: 'not_acceptable',
        detail: `Every ${JSON_API} in Accept carries a parameter or extension that is not supported. Send it without parameters.`,
        source: { header: 'Accept' },
      });
    }
    await next();
  };
}

/** Refuses a body of another type than JSON:API: 415. */
export async function requireJsonApi(c: Context<AppEnv>, next: Next): Promise<void> {
  const type = parseMediaType(c.req.header('content-type') ?? '');
  if (type.name !== JSON_API || !isPlain(type)) {
    throw new UsersError({
      code: 'unsupported_media_type',
      detail: `The Content-Type must be ${JSON_API} without parameters (profile is allowed, no extension is supported).`,
      source: { header: 'Content-Type' },
    });
  }
  // The validators behind take the bare type alone for JSON, and whatever else for no body.
  c.req.raw.headers.set('content-type', JSON_API);
  await next();
}

/** A JSON:API answer. */
export function document(
  c: Context,
  body: object,
  status: number,
  headers: Record<string, string> = {},
): Response {
  return c.body(JSON.stringify({ jsonapi: { version: '1.1' }, ...body }), status as 200, {
    'Content-Type': JSON_API,
    Vary: 'Accept',
    ...headers,
  });
}
