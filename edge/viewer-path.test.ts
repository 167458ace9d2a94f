// Paths that two servers could read differently are refused; ordinary ones are not.
import fc from 'fast-check';
import { isPlainPath } from './viewer-path';

describe('isPlainPath', () => {
  it.each([
    '/',
    '/orders',
    '/orders/',
    '/orders/0198-a_b~c',
    '/openapi.json',
    '/a/.well-known',
    '/...',
    '/a..b',
    '/orders/j%C3%B6rg',
    '/orders/a%20b%2Bc',
    '/orders/a@b.c;v=1,2',
    "/orders/a!$&'()*+,=:",
  ])('takes %s', (path) => {
    expect(isPlainPath(path)).toBe(true);
  });

  it.each([
    ['nothing', ''],
    ['an asterisk', '*'],
    ['an absolute URL', 'https://example.com/orders'],
    ['a path without a slash', 'orders'],
    ['a dot segment', '/docs/./orders'],
    ['a parent segment', '/docs/../orders'],
    ['a parent segment at the end', '/docs/..'],
    ['a parent segment with a parameter', '/docs/..;x=1/orders'],
    ['an empty segment', '/docs//orders'],
    ['two slashes at the start', '//orders'],
    ['two slashes at the end', '/orders//'],
    ['a backslash', '/docs\\..\\orders'],
    ['an encoded slash', '/docs%2forders'],
    ['an encoded slash in upper case', '/docs%2Forders'],
    ['an encoded backslash', '/docs%5corders'],
    ['encoded dots', '/docs/%2e%2e/orders'],
    ['half encoded dots', '/docs/.%2e/orders'],
    ['twice encoded dots', '/docs/%252e%252e/orders'],
    ['a wide slash', '/docs%EF%BC%8Forders'],
    ['a wide dot', '/docs/%EF%BC%8E%EF%BC%8E/orders'],
    ['a one-dot leader', '/docs/%E2%80%A4%E2%80%A4/orders'],
    ['a wide percent sign', '/docs/%EF%BC%852e'],
    ['an overlong slash', '/docs%C0%AForders'],
    ['half a character', '/orders/%C3'],
    ['a null byte', '/orders%00'],
    ['a line feed', '/orders%0a'],
    ['a control character of Latin-1', '/orders%C2%85'],
    ['a broken escape', '/orders/%zz'],
    ['a lone percent sign', '/orders/100%'],
    ['a raw blank', '/orders/a b'],
    ['a raw letter beyond ASCII', '/orders/j\u00f6rg'],
    ['a raw tab', '/orders\t'],
    ['a query', '/orders/a\u0000'],
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
