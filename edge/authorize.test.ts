// The decision as a table, and as a property: nothing but a good key with what the rules ask for is allowed.
import fc from 'fast-check';
import type { Access } from '../contracts/access';
import { hashKey, type DecisiveRecord } from '../contracts/api-key';
import { authorize, type AuthorizeInput } from './authorize';
import { makeKey, makeRecord, NOW } from './testing/keys';

const KEY = makeKey();
const OTHER = makeKey('Zz0000000000', 'dev', 'y');
const RECORD = makeRecord(KEY);
const READING: Access = { kind: 'scope', scope: 'orders:read' };
const WRITING: Access = { kind: 'scope', scope: 'orders:write' };
const ADDRESS = '203.0.113.178';
const REQUEST: AuthorizeInput = {
  key: KEY,
  record: RECORD,
  address: ADDRESS,
  access: READING,
  now: NOW,
};
const bound = (...cidrs: string[]) => makeRecord(KEY, { cidrs });

describe('authorize', () => {
  it('allows a good key', () => {
    expect(authorize(REQUEST)).toEqual({ allow: true, record: RECORD });
  });

  it.each<[string, Partial<AuthorizeInput>, string]>([
    ['no record', { record: undefined }, 'unknown-key'],
    ["another key's record", { record: makeRecord(OTHER) }, 'bad-record'],
    ['another hash', { record: makeRecord(KEY, { hash: hashKey(OTHER.key) }) }, 'wrong-secret'],
    ['a hash of another length', { record: makeRecord(KEY, { hash: 'ab' }) }, 'wrong-secret'],
    ['a revoked key', { record: makeRecord(KEY, { status: 'revoked' }) }, 'revoked'],
    ['the second of expiry', { record: makeRecord(KEY, { expiresAt: NOW / 1000 }) }, 'expired'],
    ['an expiry of NaN', { record: makeRecord(KEY, { expiresAt: Number.NaN }) }, 'expired'],
    ['a clock of NaN', { now: Number.NaN }, 'expired'],
    ['another address', { record: bound('198.51.100.0/24', '2001:db8::/32') }, 'address'],
    ['no address', { record: bound('203.0.113.0/24'), address: '' }, 'address'],
    ['a key that is bound to nothing', { record: bound() }, 'address'],
    [
      'another address and no rule, which tells nothing of the rules',
      { record: bound('198.51.100.0/24'), access: { kind: 'denied' } },
      'address',
    ],
    ['no scope', { record: makeRecord(KEY, { scopes: [] }) }, 'scope'],
    ['writing with a key to read', { access: WRITING }, 'scope'],
    ['what no rule allows', { access: { kind: 'denied' } }, 'no-rule'],
    [
      'what no rule allows with a revoked key, which tells nothing of the rules',
      { access: { kind: 'denied' }, record: makeRecord(KEY, { status: 'revoked' }) },
      'revoked',
    ],
    [
      'a revoked key with the wrong secret, which tells nothing of the revocation',
      { record: makeRecord(KEY, { hash: hashKey(OTHER.key), status: 'revoked' }) },
      'wrong-secret',
    ],
  ])('refuses %s', (_, changes, reason) => {
    expect(authorize({ ...REQUEST, ...changes })).toMatchObject({ allow: false, reason });
  });

  it('names the scope that is missing', () => {
    expect(authorize({ ...REQUEST, access: WRITING })).toEqual({
      allow: false,
      reason: 'scope',
      scope: 'orders:write',
    });
  });

  it('allows a key where it is bound to', () => {
    expect(authorize({ ...REQUEST, record: bound('203.0.113.0/24') }).allow).toBe(true);
    const record = bound('198.51.100.0/24', '2001:db8::/32');
    expect(authorize({ ...REQUEST, record, address: '2001:db8::1' }).allow).toBe(true);
  });

  it('allows until the last millisecond', () => {
    const record = makeRecord(KEY, { expiresAt: NOW / 1000 + 1 });
    expect(authorize({ ...REQUEST, record, now: NOW + 999 }).allow).toBe(true);
    expect(authorize({ ...REQUEST, record, now: NOW + 1000 }).allow).toBe(false);
  });

  it('lets any valid key do what is for any key', () => {
    const record = makeRecord(KEY, { scopes: [] });
    expect(authorize({ ...REQUEST, record, access: { kind: 'any-key' } }).allow).toBe(true);
  });

  it('allows nothing but a valid, unexpired, unrevoked key with the scope', () => {
    const records = fc.record<DecisiveRecord>({
      keyId: fc.constantFrom(KEY.keyId, OTHER.keyId),
      hash: fc.constantFrom(RECORD.hash, hashKey(OTHER.key), '', '0'.repeat(64)),
      owner: fc.constant('team@example.com'),
      scopes: fc.subarray(['orders:read', 'orders:write', 'root']),
      cidrs: fc.constantFrom(undefined, ['203.0.113.0/24'], ['198.51.100.0/24'], []),
      status: fc.constantFrom('active', 'revoked'),
      expiresAt: fc.integer({ min: NOW / 1000 - 2, max: NOW / 1000 + 2 }),
    });
    const requests = fc.record({
      key: fc.constantFrom(KEY, OTHER),
      record: fc.option(records, { nil: undefined }),
      access: fc.constantFrom<Access>(READING, WRITING, { kind: 'any-key' }, { kind: 'denied' }),
      now: fc.integer({ min: NOW - 1000, max: NOW + 1000 }),
    });
    fc.assert(
      fc.property(requests, ({ key, record, access, now }) => {
        const good =
          record?.keyId === key.keyId &&
          record.hash === hashKey(key.key) &&
          record.status === 'active' &&
          now < record.expiresAt * 1000 &&
          (record.cidrs === undefined || record.cidrs[0] === '203.0.113.0/24') &&
          access.kind !== 'denied' &&
          (access.kind !== 'scope' || record.scopes.includes(access.scope));
        expect(authorize({ key, record, address: ADDRESS, access, now }).allow).toBe(good);
      }),
      { numRuns: 1000 },
    );
  });
});
