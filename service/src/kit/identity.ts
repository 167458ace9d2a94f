// Who calls: the identity that the edge vouches for, honoured only with the origin's secret.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { HttpBindings } from '@hono/node-server';
import { trace } from '@opentelemetry/api';
import type { Context, MiddlewareHandler } from 'hono';
import { IDENTITY_HEADERS, ORIGIN_SECRET_HEADER } from '../../../contracts/headers';
import { accessTo, type AccessRule } from '../../../contracts/access';
import { SEARCHABLE_ATTRIBUTES } from '../../../contracts/metrics';
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
    /** True while the body is being received: what takes long then is the caller. */
    isReceiving: boolean;
    /** The secret that CloudFront sent, which every task knows; not set before that is looked at. */
    originSecret: string;
    /** Not set where a rule is public and no key was sent. */
    identity: Identity;
  };
}

/**
 * Requires that the request passed the edge, and that its key may do what it asks for by the rules of
 * the workload, which the edge decides by, too.
 * @param originSecrets What CloudFront may send; none refuses every request.
 */
export function requireIdentity(
  originSecrets: readonly string[],
  rules: readonly AccessRule[],
): MiddlewareHandler<AppEnv> {
  const expected = originSecrets.map((secret) => ({ secret, hash: digest(secret) }));
  return async function checkIdentity(c, next) {
    const secret = sentSecret(c, expected);
    const identity = secret === undefined ? undefined : readIdentity(c);
    // The path as sent, as at the edge: Hono's own is decoded.
    const access = accessTo(rules, c.req.method, new URL(c.req.url).pathname);
    if (secret === undefined || (identity === undefined && access.kind !== 'public')) {
      throw new ServiceError({
        code: 'unauthenticated',
        detail:
          'The request carries no identity that the edge vouches for. Call the platform by its public address with an API key in the header x-api-key.',
      });
    }
    c.set('originSecret', secret);
    // Before what the key may do is judged: who is refused is counted and logged, too.
    if (identity !== undefined) {
      c.set('identity', identity);
      trace.getActiveSpan()?.setAttribute(SEARCHABLE_ATTRIBUTES.keyId, identity.keyId);
    }
    if (access.kind === 'denied') {
      throw new ServiceError({ code: 'forbidden', detail: 'No API key may do this.' });
    }
    if (access.kind === 'scope' && identity?.scopes.includes(access.scope) !== true) {
      throw new ServiceError({
        code: 'missing_scope',
        detail: `The API key lacks the scope ${access.scope}. Use a key that was issued with it.`,
      });
    }
    await next();
  };
}

/** The one of the secrets that the request carries. */
function sentSecret(
  c: Context,
  expected: readonly { readonly secret: string; readonly hash: Buffer }[],
): string | undefined {
  const given = c.req.header(ORIGIN_SECRET_HEADER);
  if (given === undefined) return undefined;
  // Both sides are hashed, so that the comparison takes the same time for any length.
  const hash = digest(given);
  return expected.find((one) => timingSafeEqual(hash, one.hash))?.secret;
}

function readIdentity(c: Context): Identity | undefined {
  const keyId = c.req.header(IDENTITY_HEADERS.keyId);
  if (keyId === undefined || keyId === '') return undefined;
  const scopes = (c.req.header(IDENTITY_HEADERS.scopes) ?? '').split(' ').filter(Boolean);
  return { keyId, scopes };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
