// The call that somebody with a new key may try first.
import type { AccessRule } from '../../contracts/access';
import { firstCall, quoted } from './first-call';

const WRITING: AccessRule = { methods: ['POST', 'PATCH'], path: '/orders', scope: 'orders:write' };
const READING: AccessRule = { methods: ['HEAD', 'GET'], path: '/orders/**', scope: 'orders:read' };
const ANY: AccessRule = { methods: ['GET'], path: '/openapi.json', access: 'any-key' };
const PUBLIC: AccessRule = { methods: ['GET'], path: '/status', access: 'public' };
const call = (scopes: string[], ...rules: AccessRule[]) =>
  firstCall({ url: 'https://api.example', rules }, scopes, 'KEY');

describe('firstCall', () => {
  it('reads where the key may, rather than what any key may', () => {
    expect(call(['orders:write', 'orders:read'], PUBLIC, ANY, WRITING, READING)).toBe(
      'curl -i https://api.example/orders -H "x-api-key: KEY"',
    );
    expect(call(['orders:write'], WRITING, ANY)).toBe(
      'curl -i https://api.example/openapi.json -H "x-api-key: KEY"',
    );
  });

  it('does what the key may where there is nothing to read', () => {
    expect(call(['orders:write'], READING, WRITING)).toBe(
      'curl -i -X POST https://api.example/orders -H "x-api-key: KEY"',
    );
  });

  it('is none for a key that no rule lets do anything', () => {
    expect(call([], PUBLIC, READING)).toBeUndefined();
  });
});

describe('quoted', () => {
  it.each([
    ['https://api.example/a-b_c', 'https://api.example/a-b_c'],
    ['a b', "'a b'"],
    ["it's", "'it'\\''s'"],
    ['', "''"],
    ['$(id)', "'$(id)'"],
  ])('writes %s as %s', (word, expected) => {
    expect(quoted(word)).toBe(expected);
  });
});
