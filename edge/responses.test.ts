// The edge's own answers: right status, no-store, a challenge, and no header CloudFront forbids.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EDGE_REASONS } from '../contracts/metrics';
import { allowOrigin, denial, preflight } from './responses';

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-function-restrictions-all.html */
const FORBIDDEN =
  /^(connection|expect|keep-alive|proxy-.*|trailer|upgrade|x-accel-.*|x-amz-cf-.*|x-amzn-.*|x-cache|x-edge-.*|x-forwarded-proto|x-real-ip|content-length|transfer-encoding|via|host|cdn-loop)$/;

const STATUS: Record<(typeof EDGE_REASONS.deny)[number], string> = {
  'no-credential': '401',
  'several-credentials': '400',
  'malformed-key': '401',
  'other-environment': '401',
  'unknown-key': '401',
  'wrong-secret': '401',
  revoked: '401',
  expired: '401',
  'bad-record': '401',
  scope: '403',
  path: '400',
  method: '405',
  'store-unavailable': '503',
  internal: '503',
};

const value = (response: ReturnType<typeof denial>, name: string) =>
  response.headers?.[name]?.[0]?.value;

describe('denial', () => {
  it.each(EDGE_REASONS.deny)('answers %s', (reason) => {
    const response = denial(reason, reason === 'scope' ? 'users:write' : undefined);
    expect(response.status).toBe(STATUS[reason]);
    expect(value(response, 'cache-control')).toBe('no-store');
    expect(value(response, 'content-type')).toBe('application/vnd.api+json');
    expect(Object.keys(response.headers ?? {}).filter((name) => FORBIDDEN.test(name))).toEqual([]);
    const body = JSON.parse(response.body ?? '') as { errors: Record<string, string>[] };
    expect(body).toMatchObject({ jsonapi: { version: '1.1' } });
    expect(body.errors).toHaveLength(1);
    expect(body.errors[0]).toMatchObject({ status: STATUS[reason] });
    expect(Object.keys(body.errors[0] ?? {})).toEqual(['status', 'code', 'title', 'detail']);
  });

  it('gives unknown, wrong, revoked and expired keys the same answer to the letter', () => {
    const reasons = ['wrong-secret', 'revoked', 'expired', 'bad-record', 'other-environment'];
    for (const reason of reasons as 'revoked'[]) {
      expect(denial(reason)).toEqual(denial('unknown-key'));
    }
  });

  it('challenges, with an error only when a credential was sent', () => {
    const challenges = (reason: 'no-credential' | 'revoked') =>
      denial(reason).headers?.['www-authenticate']?.map((line) => line.value);
    expect(challenges('no-credential')).toEqual([
      'Bearer realm="gatehouse"',
      'Basic realm="gatehouse"',
    ]);
    expect(challenges('revoked')).toEqual([
      'Bearer realm="gatehouse", error="invalid_token"',
      'Basic realm="gatehouse"',
    ]);
    const forbidden = denial('scope', 'users:write');
    expect(value(forbidden, 'www-authenticate')).toBe(
      'Bearer realm="gatehouse", error="insufficient_scope", scope="users:write"',
    );
    expect(forbidden.body).toContain('lacks the scope \\"users:write\\"');
  });

  it('says what is allowed, and when to come back', () => {
    expect(value(denial('method'), 'allow')).toBe('GET, HEAD, OPTIONS, POST, PATCH, PUT, DELETE');
    expect(value(denial('store-unavailable'), 'retry-after')).toBe('5');
    expect(denial('path').headers).not.toHaveProperty('www-authenticate');
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
    const response = preflight(600);
    expect(response.status).toBe('204');
    expect(value(response, 'access-control-allow-headers')).toContain('x-api-key');
    expect(value(response, 'access-control-max-age')).toBe('600');
    expect(response).not.toHaveProperty('body');
  });
});

describe('allowOrigin', () => {
  it('adds the origin and keeps the rest', () => {
    const response = allowOrigin(denial('revoked'), 'https://app.example.com');
    expect(response).toMatchObject(denial('revoked'));
    expect(value(response, 'access-control-allow-origin')).toBe('https://app.example.com');
    expect(value(response, 'vary')).toBe('Origin');
    expect(response.headers).not.toHaveProperty('access-control-allow-credentials');
  });
});
