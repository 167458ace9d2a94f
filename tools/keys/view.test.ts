// What `list` and `show` say of a key, and when.
import type { KeyRecord } from '../../contracts/api-key';
import { alignColumns, keyTable, viewOf } from './view';

const NOW = Date.parse('2026-11-21T12:00:00.000Z');
const DAY = 86_400;
const RECORD: KeyRecord = {
  keyId: 'AbCdEf123456',
  item: 'key',
  hash: 'f'.repeat(64),
  owner: 'team@example.com',
  name: 'import',
  scopes: ['users:read', 'users:write'],
  status: 'active',
  createdAt: NOW / 1000 - 10 * DAY,
  expiresAt: NOW / 1000 + 80 * DAY,
  purgeAt: NOW / 1000 + 110 * DAY,
  version: 1,
};
const view = (changes: Partial<KeyRecord> = {}) => viewOf({ ...RECORD, ...changes }, NOW);

describe('viewOf', () => {
  it('shows everything but the hash', () => {
    expect(view()).toEqual({
      id: 'AbCdEf123456',
      owner: 'team@example.com',
      name: 'import',
      scopes: ['users:read', 'users:write'],
      status: 'active',
      createdAt: '2026-11-11T12:00:00.000Z',
      expiresAt: '2027-02-09T12:00:00.000Z',
      expiringSoon: false,
    });
  });

  it.each<[string, Partial<KeyRecord>, string, boolean]>([
    ['expired', { expiresAt: NOW / 1000 }, 'expired', false],
    ['about to expire', { expiresAt: NOW / 1000 + 1 }, 'active', true],
    ['14 days from expiry', { expiresAt: NOW / 1000 + 14 * DAY }, 'active', false],
    ['rotated', { rotatedTo: 'x', expiresAt: NOW / 1000 + DAY }, 'rotating', true],
    ['rotated and over', { rotatedTo: 'x', expiresAt: NOW / 1000 - 1 }, 'expired', false],
    ['revoked', { status: 'revoked', expiresAt: NOW / 1000 + 1 }, 'revoked', false],
  ])('tells what is %s', (_, changes, status, expiringSoon) => {
    expect(view(changes)).toMatchObject({ status, expiringSoon });
  });

  it('tells where a key may be used from', () => {
    expect(view({ cidrs: ['203.0.113.0/24'] })).toMatchObject({ cidrs: ['203.0.113.0/24'] });
  });

  it('tells what was before and after', () => {
    const linked = view({ rotatedFrom: 'a', rotatedTo: 'b', revokedAt: NOW / 1000 });
    expect(linked).toMatchObject({
      rotatedFrom: 'a',
      rotatedTo: 'b',
      revokedAt: '2026-11-21T12:00:00.000Z',
    });
  });
});

describe('keyTable', () => {
  it('lines up, and marks what ends soon', () => {
    const soon = view({ keyId: 'Soon00000000', expiresAt: NOW / 1000 + 3 * DAY });
    const text = keyTable(
      [
        { ...view(), lastUsedAt: '2026-11-21T11:59:00.000Z' },
        { ...soon, lastUsedAt: null },
        view({ keyId: 'Old000000000', expiresAt: NOW / 1000 - 5 * DAY, scopes: ['users:read'] }),
      ],
      NOW,
    );
    expect(text.split('\n')).toEqual([
      'ID            OWNER             SCOPES                  AGE  EXPIRES  LAST USED  STATUS',
      'AbCdEf123456  team@example.com  users:read users:write  10d  in 80d   60s ago    active',
      'Soon00000000  team@example.com  users:read users:write  10d  in 3d    -          active !',
      'Old000000000  team@example.com  users:read              10d  5d ago   ?          expired',
      '! ends within 14 days: 1',
      '',
    ]);
  });

  it('says where keys may be used from, once one is bound', () => {
    const bound = view({ keyId: 'Bound0000000', cidrs: ['203.0.113.0/24', '2001:db8::/32'] });
    const lines = keyTable([bound, view()], NOW).split('\n');
    expect(lines.map((line) => line.slice(55, 84).trim())).toEqual([
      'FROM',
      '203.0.113.0/24 2001:db8::/32',
      'anywhere',
      '',
    ]);
  });

  it('says what to do when there is none, and nothing of expiry when nothing ends', () => {
    expect(keyTable([], NOW)).toMatch(/no keys yet.*keys issue/);
    expect(keyTable([view()], NOW)).not.toContain('!');
  });
});

describe('alignColumns', () => {
  it('leaves no blanks at the end of a line', () => {
    expect(
      alignColumns([
        ['a', 'long cell'],
        ['b', 'c'],
      ]),
    ).toBe('a  long cell\nb  c\n');
  });
});
