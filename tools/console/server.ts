// The console's server: the page, what it is drawn from as JSON, and what its buttons do.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { answer, isForeign, listen, readBody, serverOf, shut } from '../local/http';
import type { Assets } from './bundle';

/** What a path answers; undefined: there is nothing of that name. */
export type Reader = (parameters: URLSearchParams, name: string) => unknown;
/** What a button does. */
export type Action = (input: Record<string, unknown>, name: string) => unknown;

export interface ConsoleServerOptions {
  assets: Promise<Assets>;
  /** By path; `/api/traces/*` gets what stands in the place of the star. */
  read: Readonly<Record<string, Reader>>;
  act: Readonly<Record<string, Action>>;
}

/** The caller asked for what can't be: 400, and the message says why. */
export class BadRequest extends Error {}

const BODY_LIMIT_BYTES = 256 * 1024;
const POLICY =
  "default-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'; form-action 'none'";

/** Serves on 127.0.0.1; answers only to a loopback host name (no DNS rebinding). */
export class ConsoleServer {
  private readonly server = serverOf((request, response) => this.handle(request, response));

  constructor(private readonly options: ConsoleServerOptions) {}

  /** @throws Error with code `EADDRINUSE`. */
  start(port: number): Promise<number> {
    return listen(this.server, port);
  }

  close(): Promise<void> {
    return shut(this.server);
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('content-security-policy', POLICY);
    response.setHeader('cache-control', 'no-store');
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('referrer-policy', 'no-referrer');
    if (isForeign(request)) {
      answer(response, 403, {
        error:
          'The console answers on 127.0.0.1 and localhost only, and to no page of another origin.',
      });
      return;
    }
    // Two slashes in front would name another host.
    const url = /^\/(?!\/)/.test(request.url ?? '')
      ? URL.parse(request.url ?? '', 'http://localhost')
      : null;
    if (url === null) {
      answer(response, 404, { error: 'There is no such page here.' });
      return;
    }
    try {
      if (request.method === 'GET') await this.get(url, response);
      else if (request.method === 'POST') await this.post(url, request, response);
      else answer(response, 405, { error: 'The console is read with GET; buttons send POST.' });
    } catch (error) {
      if (!(error instanceof BadRequest)) throw error;
      answer(response, 400, { error: error.message });
    }
  }

  private async get({ pathname, searchParams }: URL, response: ServerResponse): Promise<void> {
    const asset = (await this.options.assets)[pathname];
    if (asset !== undefined) {
      answer(response, 200, asset.text, asset.type);
      return;
    }
    const found = match(this.options.read, pathname);
    const data = await found?.value(searchParams, found.name);
    if (data === undefined) answer(response, 404, { error: `There is no ${pathname} here.` });
    else answer(response, 200, data as object);
  }

  private async post(
    { pathname }: URL,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const found = match(this.options.act, pathname);
    if (found === undefined) {
      answer(response, 404, { error: `There is no ${pathname} here.` });
      return;
    }
    // A form of another page can't send this type without being asked about first.
    if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) {
      answer(response, 415, { error: 'Expected a body of the type application/json.' });
      return;
    }
    const input = parse((await readBody(request, BODY_LIMIT_BYTES)).toString('utf8'));
    const data = await found.value(input, found.name);
    if (data === undefined) answer(response, 404, { error: `There is no ${pathname} here.` });
    else answer(response, 200, data as object);
  }
}

/** The entry of a path, and what stands in the place of its star. */
function match<T>(
  entries: Readonly<Record<string, T>>,
  pathname: string,
): { value: T; name: string } | undefined {
  if (Object.hasOwn(entries, pathname)) return { value: entries[pathname] as T, name: '' };
  for (const [pattern, value] of Object.entries(entries)) {
    const [start = '', end] = pattern.split('*');
    if (end === undefined || !pathname.startsWith(start) || !pathname.endsWith(end)) continue;
    const name = pathname.slice(start.length, pathname.length - end.length);
    if (name !== '' && !name.includes('/')) return { value, name: decoded(name) };
  }
  return undefined;
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    throw new BadRequest(`${name} is no name: a % stands before two hexadecimal digits.`);
  }
}

function parse(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text === '' ? '{}' : text);
  } catch {
    throw new BadRequest('The body is not JSON.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new BadRequest('Expected a JSON object.');
  }
  return value as Record<string, unknown>;
}
