// Paths that two servers could read differently are refused; ordinary ones are not.
import fc from 'fast-check';
import { isPlainPath } from './viewer-path';

describe('isPlainPath', () => {
  it.each([
    '/',
    '/users',
    '/users/',
    '/users/0198-a_b~c',
    '/openapi.json',
    '/a/.well-known',
    '/...',
    '/a..b',
    '/users/j%C3%B6rg',
    '/users/a%20b%2Bc',
    '/users/a@b.c;v=1,2',
    "/users/a!$&'()*+,=:",
  ])('takes %s', (path) => {
    expect(isPlainPath(path)).toBe(true);
  });

  it.each([
    ['nothing', ''],
    ['an asterisk', '*'],
    ['an absolute URL', 'https://example.com/users'],
    ['a path without a slash', 'users'],
    ['a dot segment', '/docs/./users'],
    ['a parent segment', '/docs/../users'],
    ['a parent segment at the end', '/docs/..'],
    ['a parent segment with a parameter', '/docs/..;x=1/users'],
    ['an empty segment', '/docs//users'],
    ['two slashes at the start', '//users'],
    ['two slashes at the end', '/users//'],
    ['a backslash', '/docs\\..\\users'],
    ['an encoded slash', '/docs%2fusers'],
    ['an encoded slash in upper case', '/docs%2Fusers'],
    ['an encoded backslash', '/docs%5cusers'],
    ['encoded dots', '/docs/%2e%2e/users'],
    ['half encoded dots', '/docs/.%2e/users'],
    ['twice encoded dots', '/docs/%252e%252e/users'],
    ['a wide slash', '/docs%EF%BC%8Fusers'],
    ['a wide dot', '/docs/%EF%BC%8E%EF%BC%8E/users'],
    ['a one-dot leader', '/docs/%E2%80%A4%E2%80%A4/users'],
    ['a wide percent sign', '/docs/%EF%BC%852e'],
    ['an overlong slash', '/docs%C0%AFusers'],
    ['half a character', '/users/%C3'],
    ['a null byte', '/users%00'],
    ['a line feed', '/users%0a'],
    ['a control character of Latin-1', '/users%C2%85'],
    ['a broken escape', '/users/%zz'],
    ['a lone percent sign', '/users/100%'],
    ['a raw blank', '/users/a b'],
    ['a raw letter beyond ASCII', '/users/j\u00f6rg'],
    ['a raw tab', '/users\t'],
    ['a query', '/users/a\u0000'],
    ['2049 characters', `/${'a'.repeat(2048)}`],
  ])('refuses %s', (_, path) => {
    expect(isPlainPath(path)).toBe(false);
  });

  it('takes only paths that URL and a decoding server leave in place', () => {
    const pieces = fc.constantFrom('/', '.', '..', 'a', '%2e', '%2f', '%25', '%5c', '\\', ';', '%');
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 8 }), (parts) => {
        const path = `/${parts.join('')}`;
        if (isPlainPath(path)) {
          expect(new URL(path, 'https://example.com').pathname).toBe(path);
          expect(new URL(decodeURIComponent(path), 'https://example.com').pathname).toBe(path);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void isPlainPath(`/${text}`)));
  });
});
