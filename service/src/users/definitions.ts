// The routes as OpenAPI operations: what each takes, and every answer that it can give.
import { createRoute, z } from '@hono/zod-openapi';
import type { RouteConfig } from '@hono/zod-openapi';
import { USERS_ERRORS, type UsersErrorCode } from './errors';
import { JSON_API, requireJsonApi } from './jsonapi';
import * as schema from './schema';

const ErrorDocument = z
  .object({
    jsonapi: z.object({ version: z.literal('1.1') }),
    errors: z.array(
      z.object({
        id: z.string(),
        status: z.string(),
        code: z.string(),
        title: z.string(),
        detail: z.string(),
        source: z
          .object({
            pointer: z.string().optional(),
            parameter: z.string().optional(),
            header: z.string().optional(),
          })
          .optional(),
      }),
    ),
    meta: z.object({ requestId: z.string() }),
  })
  .openapi('Errors');

/** What any route may answer. */
const COMMON: readonly UsersErrorCode[] = [
  'invalid_parameter',
  'unauthenticated',
  'missing_scope',
  'not_acceptable',
  'receive_timeout',
  'headers_too_large',
  'internal',
  'dependency_unavailable',
  'request_timeout',
];
const BODY: readonly UsersErrorCode[] = [
  'malformed_json',
  'invalid_request',
  'invalid_document',
  'type_conflict',
  'unsupported_update',
  'body_too_large',
  'unsupported_media_type',
  'invalid_attribute',
  'email_taken',
];

/** Answers for `codes` and the common ones: one entry a status, its titles joined. */
export function problemResponses(codes: readonly UsersErrorCode[] = []) {
  const titles = new Map<number, string[]>();
  for (const code of [...COMMON, ...codes]) {
    const { status, title } = USERS_ERRORS[code];
    titles.set(status, [...(titles.get(status) ?? []), `${title} (\`${code}\`)`]);
  }
  return Object.fromEntries(
    [...titles].map(([status, list]) => [
      status,
      { description: list.join('; '), content: { [JSON_API]: { schema: ErrorDocument } } },
    ]),
  );
}

const etag = z.object({
  ETag: z.string().openapi({ description: 'Version of the user, for If-Match.' }),
});
const ifMatch = z.object({
  'if-match': z
    .string()
    .optional()
    .openapi({ description: 'ETag that the user must still have, else 412.', example: '"3"' }),
});
const body = <T extends z.ZodType>(content: T) => ({
  required: true,
  content: { [JSON_API]: { schema: content } },
});
const answers = <T extends z.ZodType>(description: string, content: T) => ({
  description,
  content: { [JSON_API]: { schema: content } },
});
type Untyped<R> = Omit<R, 'responses'> & { responses: { 200: { description: string } } };

/**
 * A route whose handler may answer with any `Response`: documents are made in one place, not typed
 * anew for each status. That the description and the answers agree is what tests hold.
 */
function operation<P extends string, R extends Omit<RouteConfig, 'path'> & { path: P }>(
  route: R,
): Untyped<R> {
  return createRoute(route) as unknown as Untyped<R>;
}

const security = [{ apiKey: [] }];
const tags = ['users'];

export const createUser = operation({
  method: 'post',
  path: '/users',
  summary: 'Create a user',
  tags,
  security,
  middleware: requireJsonApi,
  request: {
    query: schema.NoQuery,
    headers: z.object({
      'idempotency-key': z
        .string()
        .regex(/^[\x21-\x7e]{1,255}$/, { error: 'must be 1 to 255 visible ASCII characters' })
        .optional()
        .openapi({
          description: 'The same key with the same body within 24 hours makes one user only.',
        }),
    }),
    body: body(schema.CreateUser),
  },
  responses: {
    201: {
      ...answers('The user', schema.UserDocument),
      headers: etag.extend({ Location: z.string() }),
    },
    ...problemResponses([
      ...BODY,
      'client_id_unsupported',
      'idempotency_in_use',
      'idempotency_mismatch',
    ]),
  },
});

export const listUsers = operation({
  method: 'get',
  path: '/users',
  summary: 'List users, or find one by e-mail address',
  tags,
  security,
  request: { query: schema.ListUsersQuery },
  responses: { 200: answers('A page of users', schema.UsersDocument), ...problemResponses() },
});

export const exportUsers = operation({
  method: 'get',
  path: '/users/export',
  summary: 'Export all users as a stream, one resource object a line',
  tags,
  security,
  request: { query: schema.ExportQuery },
  responses: {
    200: {
      description:
        'All users. A connection that ends early means that the export failed: repeat it.',
      content: { 'application/x-ndjson': { schema: z.string() } },
    },
    ...problemResponses(['too_many_exports', 'answer_too_large']),
  },
});

export const readUser = operation({
  method: 'get',
  path: '/users/{id}',
  summary: 'Read a user',
  tags,
  security,
  request: { params: schema.UserId, query: schema.OneUserQuery },
  responses: {
    200: { ...answers('The user', schema.UserDocument), headers: etag },
    ...problemResponses(['not_found']),
  },
});

export const updateUser = operation({
  method: 'patch',
  path: '/users/{id}',
  summary: 'Change some attributes of a user',
  tags,
  security,
  middleware: requireJsonApi,
  request: {
    params: schema.UserId,
    query: schema.NoQuery,
    headers: ifMatch,
    body: body(schema.UpdateUser),
  },
  responses: {
    200: { ...answers('The user', schema.UserDocument), headers: etag },
    ...problemResponses([...BODY, 'not_found', 'id_conflict', 'being_deleted', 'version_mismatch']),
  },
});

export const deleteUser = operation({
  method: 'delete',
  path: '/users/{id}',
  summary: 'Delete a user',
  tags,
  security,
  request: { params: schema.UserId, query: schema.NoQuery, headers: ifMatch },
  responses: {
    204: { description: 'The user is gone' },
    ...problemResponses(['not_found', 'version_mismatch']),
  },
});
