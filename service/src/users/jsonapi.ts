// JSON:API 1.1 on the wire: the media type, negotiation, query parameters and document parts.
import type { Context, MiddlewareHandler } from 'hono';
import { UsersError } from './errors';

export const JSON_API = 'application/vnd.api+json';

export interface MediaType {
  /** `type/subtype` in lower case. */
  readonly name: string;
  /** Parameters but `q`, names in lower case, values unquoted. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** Elements of a comma-separated header; commas and semicolons within quotes do not separate. */
function splitOutsideQuotes(text: string, separator: ',' | ';'): string[] {
  return (
    text.match(
      separator === ',' ? /(?:[^,"]|"(?:\\.|[^"\\])*"?)+/g : /(?:[^;"]|"(?:\\.|[^"\\])*"?)+/g,
    ) ?? []
  );
}

/** Parses one media type; a parameter without `=` has the empty value. */
export function parseMediaType(text: string): MediaType {
  const [name = '', ...rest] = splitOutsideQuotes(text, ';');
  const parameters = new Map<string, string>();
  for (const part of rest) {
    const at = part.indexOf('=');
    const key = (at < 0 ? part : part.slice(0, at)).trim().toLowerCase();
    const raw = at < 0 ? '' : part.slice(at + 1).trim();
    const value = raw.startsWith('"') ? raw.replace(/^"|"$/g, '').replace(/\\(.)/g, '$1') : raw;
    if (key !== '' && key !== 'q') parameters.set(key, value);
  }
  return { name: name.trim().toLowerCase(), parameters };
}

/** Only `ext` and `profile` may stand beside the media type, and no extension is supported here. */
function isPlain(type: MediaType): boolean {
  return [...type.parameters].every(
    ([name, value]) => name === 'profile' || (name === 'ext' && value.trim() === ''),
  );
}

/** Refuses what the specification wants refused: 406 by `Accept`, 415 by `Content-Type`. */
export function negotiate(): MiddlewareHandler {
  return async function negotiateMediaTypes(c, next) {
    const accepted = splitOutsideQuotes(c.req.header('accept') ?? '', ',')
      .map(parseMediaType)
      .filter((type) => type.name === JSON_API);
    if (accepted.length > 0 && !accepted.some(isPlain)) {
      throw new UsersError({
        code: 'not_acceptable',
        detail: `Every ${JSON_API} in Accept carries a parameter or extension that is not supported. Send it without parameters.`,
        source: { header: 'Accept' },
      });
    }
    const contentType = c.req.header('content-type');
    if (c.req.method === 'POST' || c.req.method === 'PATCH') {
      const type = parseMediaType(contentType ?? '');
      if (type.name !== JSON_API || !isPlain(type)) {
        throw new UsersError({
          code: 'unsupported_media_type',
          detail: `The Content-Type must be ${JSON_API} without parameters (profile is allowed, no extension is supported).`,
          source: { header: 'Content-Type' },
        });
      }
    }
    await next();
  };
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
