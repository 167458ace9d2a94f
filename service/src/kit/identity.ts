// Who calls: the identity that the edge vouches for, honoured only with the origin's secret.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { HttpBindings } from '@hono/node-server';
import type { Context, MiddlewareHandler } from 'hono';
import { IDENTITY_HEADERS, ORIGIN_SECRET_HEADER } from '../../../contracts/headers';
import { requiredScope } from '../../../contracts/scopes';
import { ServiceError } from './errors';

export interface Identity {
  /** Id of the API key. */
  readonly keyId: string;
  readonly scopes: readonly string[];
}

/** What middleware leaves on Hono's context for the handlers behind it. */
export interface AppEnv {
  Bindings: Partial<HttpBindings>;
  Variables: {
    requestId: string;
    identity: Identity;
  };
}

/**
 * Requires that the request passed the edge and that its key carries the scope of the method and path.
 * @param originSecret What CloudFront sends; `undefined` refuses every request.
 */
export function requireIdentity(originSecret: string | undefined): MiddlewareHandler<AppEnv> {
  const expected = originSecret === undefined ? undefined : digest(originSecret);
  return async function checkIdentity(c, next) {
    const identity = readIdentity(c, expected);
    if (identity === undefined) {
      throw new ServiceError({
        code: 'unauthenticated',
        detail:
          'The request carries no identity that the edge vouches for. Call the platform by its public address with an API key in the header x-api-key.',
      });
    }
    // The path as sent, as at the edge: Hono's own is decoded.
    const scope = requiredScope(c.req.method, new URL(c.req.url).pathname);
    if (scope !== undefined && !identity.scopes.includes(scope)) {
      throw new ServiceError({
        code: 'missing_scope',
        detail: `The API key lacks the scope ${scope}. Use a key that was issued with it.`,
      });
    }
    c.set('identity', identity);
    await next();
  };
}

function readIdentity(c: Context, expected: Buffer | undefined): Identity | undefined {
  const given = c.req.header(ORIGIN_SECRET_HEADER);
  if (expected === undefined || given === undefined) return undefined;
  // Both sides are hashed, so that the comparison takes the same time for any length.
  if (!timingSafeEqual(digest(given), expected)) return undefined;
  const keyId = c.req.header(IDENTITY_HEADERS.keyId);
  if (keyId === undefined || keyId === '') return undefined;
  const scopes = (c.req.header(IDENTITY_HEADERS.scopes) ?? '').split(' ').filter(Boolean);
  return { keyId, scopes };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
