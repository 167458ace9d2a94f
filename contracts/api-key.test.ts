// The key's format: what parses, what does not, and the checksum against zlib's.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import {
  BASE62,
  checksum,
  formatKey,
  hashKey,
  isKeyEnvironment,
  isKeyId,
  isScope,
  KEY_MAX_LENGTH,
  KEY_SCANNER_PATTERN,
  keyEnvironment,
  keyFromBasic,
  parseKey,
} from './api-key';

const base62 = (length: number) =>
  fc.string({ unit: fc.constantFrom(...BASE62), minLength: length, maxLength: length });
const environments = fc.stringMatching(/^[a-z][a-z0-9]{0,15}$/);
const keys = fc
  .tuple(environments, base62(12), base62(43))
  .map((parts) => ({ parts, key: formatKey(...parts) }));

const KEY = formatKey('dev', 'AbCdEf123456', 'x'.repeat(43));

describe('parseKey', () => {
  it('reads back what formatKey made', () => {
    fc.assert(
      fc.property(keys, ({ parts: [environment, keyId], key }) => {
        expect(parseKey(key)).toEqual({ key, environment, keyId });
      }),
    );
  });

  it('refuses a key with any one character changed, added or left out', () => {
    fc.assert(
      fc.property(keys, fc.nat(), fc.constantFrom(...BASE62, '_', '-', ' '), ({ key }, n, char) => {
        const i = n % key.length;
        const changed = key.slice(0, i) + char + key.slice(i + 1);
        expect(parseKey(changed)?.key).toBe(changed === key ? key : undefined);
        expect(parseKey(key.slice(0, i) + char + key.slice(i))).toBeUndefined();
        expect(parseKey(key.slice(0, i) + key.slice(i + 1))).toBeUndefined();
      }),
    );
  });

  it('refuses any other text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        expect(parseKey(text)).toBeUndefined();
      }),
    );
  });

  it.each([
    ['nothing', ''],
    ['10,000 characters', 'x'.repeat(10_000)],
    ['a line feed at the end', `${KEY}\n`],
    ['a blank before', ` ${KEY}`],
    ['another product', KEY.replace('gatehouse', 'guardhouse')],
    ['an upper-case prefix', KEY.replace('gatehouse', 'GATEHOUSE')],
    ['a wide letter', KEY.replace('x', '\uff58')],
    ['two keys', KEY + KEY],
  ])('refuses %s', (_, text) => {
    expect(parseKey(text)).toBeUndefined();
  });
});

describe('formatKey', () => {
  it.each([
    ['Dev', 'AbCdEf123456', 'x'.repeat(43)],
    ['dev', 'short', 'x'.repeat(43)],
    ['dev', 'AbCdEf123456', 'secret'],
  ])('refuses wrong parts without telling the secret: %s %s', (environment, keyId, secret) => {
    expect(() => formatKey(environment, keyId, secret)).toThrow(/can't be made/);
    expect(() => formatKey(environment, keyId, secret)).not.toThrow(secret);
  });

  it('makes the longest key as long as KEY_MAX_LENGTH says', () => {
    expect(formatKey('a'.repeat(16), 'AbCdEf123456', 'x'.repeat(43))).toHaveLength(KEY_MAX_LENGTH);
  });
});

describe('KEY_SCANNER_PATTERN', () => {
  it('finds a key in the middle of a text', () => {
    const found = new RegExp(KEY_SCANNER_PATTERN).exec(`curl -H "x-api-key: ${KEY}" https://x`);
    expect(found?.[0]).toBe(KEY);
  });

  it('is the one that the documentation gives to scanners', () => {
    const page = readFileSync(join(__dirname, '../docs/api-keys.md'), 'utf8');
    expect(page).toContain(`\n${KEY_SCANNER_PATTERN}\n`);
  });
});

describe('checksum', () => {
  it('is the CRC32 of zlib in base62', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii' }), (text) => {
        const digits = checksum(text);
        expect(digits).toMatch(/^[0-9A-Za-z]{6}$/);
        const value = [...digits].reduce((sum, digit) => sum * 62 + BASE62.indexOf(digit), 0);
        expect(value).toBe(crc32(text));
      }),
    );
  });
});

describe('keyFromBasic', () => {
  it('puts the key together again', () => {
    expect(keyFromBasic('dev', 'AbCdEf123456', KEY.slice(-49))?.key).toBe(KEY);
  });

  it('makes no key of the whole key as password', () => {
    expect(keyFromBasic('dev', 'AbCdEf123456', KEY)).toBeUndefined();
  });
});

describe('hashKey', () => {
  it('is SHA-256 in hexadecimal', () => {
    expect(hashKey(KEY)).toBe(createHash('sha256').update(KEY).digest('hex'));
  });
});

describe('keyEnvironment', () => {
  it.each([
    ['dev', 'dev'],
    ['acme/gatehouse/My-Dev_2', 'mydev2'],
    ['2prod', 'prod'],
    ['averyveryverylongstackname', 'averyveryverylon'],
  ])('makes of %s %s', (stack, environment) => {
    expect(keyEnvironment(stack)).toBe(environment);
    expect(isKeyEnvironment(environment)).toBe(true);
  });

  it('says what to do when nothing is left', () => {
    expect(() => keyEnvironment('123')).toThrow(/"123" gives no key prefix.*Rename/);
  });
});

describe('isKeyId', () => {
  it.each([
    ['AbCdEf123456', true],
    ['AbCdEf12345', false],
    ['AbCdEf12345!', false],
    ['', false],
  ])('%s: %s', (text, expected) => {
    expect(isKeyId(text)).toBe(expected);
  });
});

describe('isScope', () => {
  it.each(['users:read', 'a', 'x.y-z_1', 'a'.repeat(64)])('takes %s', (text) => {
    expect(isScope(text)).toBe(true);
  });

  it.each(['', 'Users', 'a b', 'a'.repeat(65), 'a\n'])('refuses %j', (text) => {
    expect(isScope(text)).toBe(false);
  });
});
