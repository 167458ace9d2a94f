// The edge's own answers: right status, no-store, a challenge, and no header CloudFront forbids.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GATE_ERRORS, type ErrorFormat, type GateErrorCode } from '../contracts/errors';
import type { KeyForms } from '../contracts/headers';
import { EDGE_REASONS } from '../contracts/metrics';
import { allowOrigin, denial, preflight, type Particulars } from './responses';

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-function-restrictions-all.html */
const FORBIDDEN =
  /^(connection|expect|keep-alive|proxy-.*|trailer|upgrade|x-accel-.*|x-amz-cf-.*|x-amzn-.*|x-cache|x-edge-.*|x-forwarded-proto|x-real-ip|content-length|transfer-encoding|via|host|cdn-loop)$/;

const STATUS: Record<(typeof EDGE_REASONS.deny)[number], string> = {
  'no-credential': '401',
  'several-credentials': '400',
  'key-form': '401',
  'malformed-key': '401',
  'other-environment': '401',
  'unknown-key': '401',
  'wrong-secret': '401',
  revoked: '401',
  expired: '401',
  'bad-record': '401',
  address: '403',
  scope: '403',
  'no-rule': '403',
  path: '400',
  method: '405',
  'store-unavailable': '503',
  internal: '503',
};

const ID = '4TyzHTaYWb1GX1qTfsHhEqV6HUDd_BzoBZnwfnvQc_1oF26ClkoUSEQ==';
const value = (response: ReturnType<typeof denial>, name: string) =>
  response.headers?.[name]?.[0]?.value;
const denied = (
  reason: (typeof EDGE_REASONS.deny)[number],
  more: Omit<Particulars, 'requestId'> = {},
  errors: ErrorFormat = 'json-api',
  keyForms: KeyForms = 'any',
) => denial(reason, { errors, keyForms }, { requestId: ID, ...more });
const document = (response: ReturnType<typeof denial>) =>
  JSON.parse(response.body ?? '') as Record<string, unknown>;

describe('denial', () => {
  it.each(EDGE_REASONS.deny)('answers %s by a code that has this status', (reason) => {
    const response = denied(reason);
    expect(response.status).toBe(STATUS[reason]);
    expect(value(response, 'cache-control')).toBe('no-store');
    expect(value(response, 'x-request-id')).toBe(ID);
    expect(Object.keys(response.headers ?? {}).filter((name) => FORBIDDEN.test(name))).toEqual([]);
    const { code } = document(denied(reason, {}, 'problem'));
    expect(String(GATE_ERRORS[code as GateErrorCode].status)).toBe(STATUS[reason]);
  });

  it('answers in the form of JSON:API', () => {
    const response = denied('no-credential');
    expect(value(response, 'content-type')).toBe('application/vnd.api+json');
    expect(document(response)).toEqual({
      jsonapi: { version: '1.1' },
      errors: [
        {
          id: ID,
          status: '401',
          code: 'unauthenticated',
          title: 'Not authenticated',
          detail: expect.stringMatching(/^No API key was sent/) as string,
        },
      ],
      meta: { requestId: ID },
    });
  });

  it('answers in the form of RFC 9457', () => {
    const response = denied('no-credential', {}, 'problem');
    expect(value(response, 'content-type')).toBe('application/problem+json');
    expect(document(response)).toEqual({
      title: 'Not authenticated',
      status: 401,
      detail: expect.stringMatching(/^No API key was sent/) as string,
      code: 'unauthenticated',
      requestId: ID,
    });
  });

  it('gives unknown, wrong, revoked and expired keys the same answer to the letter', () => {
    const reasons = ['wrong-secret', 'revoked', 'expired', 'bad-record', 'other-environment'];
    for (const reason of reasons as 'revoked'[]) {
      expect(denied(reason)).toEqual(denied('unknown-key'));
    }
  });

  it('challenges, with an error only when a credential was sent', () => {
    const challenges = (reason: 'no-credential' | 'revoked') =>
      denied(reason).headers?.['www-authenticate']?.map((line) => line.value);
    expect(challenges('no-credential')).toEqual([
      'Bearer realm="gatehouse"',
      'Basic realm="gatehouse"',
    ]);
    expect(challenges('revoked')).toEqual([
      'Bearer realm="gatehouse", error="invalid_token"',
      'Basic realm="gatehouse"',
    ]);
  });

  it('says the one form that a stack accepts, and no scheme that it refuses', () => {
    for (const reason of ['no-credential', 'key-form', 'revoked'] as const) {
      const response = denied(reason, {}, 'json-api', 'x-api-key');
      expect(response.headers?.['www-authenticate']?.map((line) => line.value)).toEqual([
        'ApiKey realm="gatehouse"',
      ]);
      expect(response.body).not.toMatch(/Bearer|Basic/);
      expect(response.body?.includes('Send it as \\"x-api-key: KEY\\".')).toBe(
        reason !== 'revoked',
      );
    }
  });

  it('names the scope that is missing', () => {
    const response = denied('scope', { scope: 'orders:write' });
    expect(value(response, 'www-authenticate')).toBe(
      'Bearer realm="gatehouse", error="insufficient_scope", scope="orders:write"',
    );
    expect(response.body).toContain('lacks the scope \\"orders:write\\"');
  });

  it('names the methods that there are', () => {
    const some = denied('no-rule', { methods: ['GET', 'HEAD'] });
    expect(value(some, 'allow')).toBe('GET, HEAD');
    expect(some.body).toContain('Methods on this path: GET, HEAD.');
    const none = denied('no-rule', { methods: [] });
    expect(none.headers).not.toHaveProperty('allow');
    expect(none.body).toContain('Methods on this path: none.');
    expect(value(denied('method'), 'allow')).toBe('GET, HEAD, OPTIONS, POST, PATCH, PUT, DELETE');
  });

  it('says when to come back', () => {
    expect(value(denied('store-unavailable'), 'retry-after')).toBe('5');
    expect(denied('path').headers).not.toHaveProperty('www-authenticate');
  });
});

describe('the documentation', () => {
  it('names every reason with its status', () => {
    const page = readFileSync(join(__dirname, '../docs/api-keys.md'), 'utf8');
    const rows = page.split('\n').filter((line) => line.startsWith('|'));
    for (const reason of EDGE_REASONS.deny) {
      const row = rows.find((line) => line.includes(`\`${reason}\``));
      expect([reason, row]).toEqual([reason, expect.stringContaining(STATUS[reason])]);
    }
    for (const reason of EDGE_REASONS.allow) {
      expect(rows.some((line) => line.includes(`\`${reason}\``))).toBe(true);
    }
  });
});

describe('preflight', () => {
  it('allows methods and the key header, for a while', () => {
    const response = preflight();
    expect(response.status).toBe('204');
    expect(value(response, 'access-control-allow-headers')).toContain('x-api-key');
    expect(value(response, 'access-control-max-age')).toBe('600');
    expect(response).not.toHaveProperty('body');
  });
});

describe('allowOrigin', () => {
  it('adds the origin and keeps the rest', () => {
    const response = allowOrigin(denied('revoked'), 'https://app.example.com');
    expect(response).toMatchObject(denied('revoked'));
    expect(value(response, 'access-control-allow-origin')).toBe('https://app.example.com');
    expect(value(response, 'vary')).toBe('Origin');
    expect(value(response, 'access-control-expose-headers')).toContain('x-request-id');
    expect(response.headers).not.toHaveProperty('access-control-allow-credentials');
  });
});
