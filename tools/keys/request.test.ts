// What a key may be asked to be.
import { checkKeyRequest, DEFAULT_LIFETIME_SECONDS, MAX_LIFETIME_SECONDS } from './request';

const PLAIN = { environment: 'dev', owner: 'team@example.com', scopes: ['users:read'] };
const REQUEST = { ...PLAIN, knownScopes: ['users:read', 'users:write'] };

describe('checkKeyRequest', () => {
  it('fills in the defaults', () => {
    expect(checkKeyRequest(REQUEST)).toEqual({
      ...PLAIN,
      name: '',
      expiresInSeconds: DEFAULT_LIFETIME_SECONDS,
    });
  });

  it('keeps one of each block, and takes single addresses for blocks of one', () => {
    const cidrs = ['203.0.113.0/24', '198.51.100.7', '2001:db8::1', '203.0.113.0/24'];
    expect(checkKeyRequest({ ...REQUEST, cidrs }).cidrs).toEqual([
      '203.0.113.0/24',
      '198.51.100.7/32',
      '2001:db8::1/128',
    ]);
  });

  it('keeps one of each scope', () => {
    const scopes = ['users:read', 'users:write', 'users:read'];
    expect(checkKeyRequest({ ...REQUEST, scopes }).scopes).toEqual(['users:read', 'users:write']);
  });

  it.each<[string, object, RegExp]>([
    ['an environment that no key can have', { environment: 'My-Dev' }, /environment "My-Dev"/],
    ['no address', { owner: 'team' }, /owner "team" is no e-mail address/],
    ['an address with a blank', { owner: 'a b@c.d' }, /no e-mail address/],
    ['an address with a line feed', { owner: 'a@b.c\nx' }, /"a@b.c\\nx" is no e-mail address/],
    ['an address beyond ASCII', { owner: 'j\u00f6rg@example.com' }, /no e-mail address/],
    ['an address of 255 characters', { owner: `${'a'.repeat(250)}@b.cd` }, /no e-mail address/],
    ['a long name', { name: 'x'.repeat(101) }, /the name is longer than 100/],
    ['a name with an escape', { name: '\u001b[31m' }, /control characters/],
    ['no scope', { scopes: [] }, /no scope was given, expected at least one of users:read/],
    ['an unknown scope', { scopes: ['root'] }, /scope "root" is none of users:read, users:write\./],
    ['a mistyped scope', { scopes: ['user:raed'] }, /\(did you mean users:read\?\)/],
    [
      'a scope of an API that has none',
      { knownScopes: [] },
      /"users:read" is unknown: the API has/,
    ],
    ['two scopes in one', { knownScopes: undefined, scopes: ['a b'] }, /"a b" is no scope/],
    [
      '33 scopes',
      { knownScopes: undefined, scopes: Array.from({ length: 33 }, (_, i) => `s${i}`) },
      /33 scopes were given, expected at most 32/,
    ],
    ['no address', { cidrs: [] }, /0 address blocks were given, expected 1 to 32/],
    ['33 addresses', { cidrs: Array.from({ length: 33 }, (_, i) => `10.0.0.${i}`) }, /33 address/],
    ['what is no block', { cidrs: ['10.0.0.0/33', 'office'] }, /"10.0.0.0\/33" is no.*"office" is/],
    ['every address', { cidrs: ['0.0.0.0/0'] }, /"0.0.0.0\/0" is no address block/],
    ['no time to live', { expiresInSeconds: 0 }, /lifetime is not between/],
    ['half a second', { expiresInSeconds: 0.5 }, /lifetime/],
    ['more than two years', { expiresInSeconds: MAX_LIFETIME_SECONDS + 1 }, /lifetime/],
  ])('refuses %s', (_, changes, message) => {
    expect(() => checkKeyRequest({ ...REQUEST, ...changes })).toThrow(message);
  });

  it('takes any scope where nobody knows them, and none where there is none', () => {
    const scopes = ['orders:refund'];
    expect(checkKeyRequest({ ...PLAIN, scopes }).scopes).toEqual(scopes);
    expect(checkKeyRequest({ ...PLAIN, scopes: [], knownScopes: [] }).scopes).toEqual([]);
  });

  it('lists every problem at once', () => {
    expect(() => checkKeyRequest({ ...REQUEST, owner: 'x', scopes: ['y', 'z'] })).toThrow(
      /owner "x".*"y".*"z"/,
    );
  });
});
