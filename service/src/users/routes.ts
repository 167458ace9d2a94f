// HTTP in, the directory, JSON:API out.
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '../kit/identity';
import type { Logger } from '../kit/logger';
import { Places } from '../kit/places';
import { streamBody } from '../kit/streaming';
import { tooManyExports, UsersError } from './errors';
import { document } from './jsonapi';
import type { CursorCodec } from './cursor';
import * as definitions from './definitions';
import type { UserDirectory } from './directory';
import { EXPORT_PLACES, EXPORT_RETRY_SECONDS, exportLines } from './export';
import { entityTag, matcher, resource, selfLink } from './resource';
import type { UserIndex } from './user-index';

export interface UserRoutesDeps {
  readonly directory: UserDirectory;
  readonly users: UserIndex;
  readonly cursors: CursorCodec;
  readonly logger: Logger;
}

/** Adds the routes of `/users` to the app. */
export function addUserRoutes(app: OpenAPIHono<AppEnv>, deps: UserRoutesDeps): void {
  const { directory, users, cursors, logger } = deps;
  const places = new Places(EXPORT_PLACES);

  app.openapi(definitions.createUser, async (c) => {
    const { attributes } = c.req.valid('json').data;
    const idempotencyKey = c.req.valid('header')['idempotency-key'];
    const { keyId } = c.get('identity');
    const user = await directory.create(
      attributes,
      idempotencyKey === undefined
        ? undefined
        : { keyId, idempotencyKey, secret: c.get('originSecret') },
    );
    const self = selfLink(user.id);
    return document(c, { data: resource(user), links: { self } }, 201, {
      Location: self,
      ETag: entityTag(user.version),
    });
  });

  app.openapi(definitions.listUsers, async (c) => {
    const query = c.req.valid('query');
    const size = query['page[size]'];
    const fields = query['fields[users]'];
    const cursor = query['page[after]'];
    const email = query['filter[email]'];
    const page =
      email === undefined
        ? await users.list(size, cursor === undefined ? undefined : cursors.decode(cursor))
        : { users: await found(users, email), next: undefined };
    const link = (after: string | undefined) => listLink(c.req.url, after);
    return document(
      c,
      {
        data: page.users.map((user) => resource(user, fields)),
        links: {
          self: link(cursor),
          first: link(undefined),
          next:
            page.next === undefined ? null : link(cursors.encode(page.next, c.get('originSecret'))),
        },
      },
      200,
    );
  });

  app.openapi(definitions.exportUsers, (c) => {
    const { segments } = c.req.valid('query');
    const headers = { 'Content-Type': 'application/x-ndjson' };
    if (c.req.method === 'HEAD') return c.body(null, 200, headers);
    const leave = places.take(c.get('identity').keyId);
    if (leave === undefined) throw tooManyExports(EXPORT_RETRY_SECONDS);
    const abort = new AbortController();
    const onEnd = (): void => {
      leave();
      abort.abort();
    };
    const pieces = exportLines(users, segments, abort.signal);
    return c.body(streamBody(c, { pieces, onEnd, logger }), 200, headers);
  });

  app.openapi(definitions.readUser, async (c) => {
    const user = await directory.read(c.req.valid('param').id);
    const fields = c.req.valid('query')['fields[users]'];
    const body = { data: resource(user, fields), links: { self: selfLink(user.id) } };
    return document(c, body, 200, { ETag: entityTag(user.version) });
  });

  app.openapi(definitions.updateUser, async (c) => {
    const { id } = c.req.valid('param');
    const { data } = c.req.valid('json');
    if (data.id !== id) {
      throw new UsersError({
        code: 'id_conflict',
        detail: 'The id of the document is not the one of the URL. Send the same in both.',
        source: { pointer: '/data/id' },
      });
    }
    const accepts = matcher(c.req.valid('header')['if-match']);
    const user = await directory.change(id, data.attributes ?? {}, accepts);
    const body = { data: resource(user), links: { self: selfLink(id) } };
    return document(c, body, 200, { ETag: entityTag(user.version) });
  });

  app.openapi(definitions.deleteUser, async (c) => {
    const accepts = matcher(c.req.valid('header')['if-match']);
    await directory.remove(c.req.valid('param').id, accepts);
    return c.body(null, 204);
  });
}

async function found(users: UserIndex, email: string) {
  const user = await users.findByEmail(email);
  return user === undefined ? [] : [user];
}

/** The request's own path and query, with another cursor. */
function listLink(url: string, after: string | undefined): string {
  const { pathname, searchParams } = new URL(url);
  searchParams.delete('page[after]');
  if (after !== undefined) searchParams.set('page[after]', after);
  const query = searchParams.toString();
  return query === '' ? pathname : `${pathname}?${query}`;
}
