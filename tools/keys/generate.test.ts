// New keys are random over the whole alphabet.
import { BASE62, parseKey } from '../../contracts/api-key';
import { generateKey, randomBase62 } from './generate';

describe('generateKey', () => {
  it('makes a key that parses', () => {
    const { key, keyId } = generateKey('dev');
    expect(parseKey(key)).toEqual({ key, environment: 'dev', keyId });
  });

  it('never makes the same twice', () => {
    const keys = Array.from({ length: 1000 }, () => generateKey('dev'));
    expect(new Set(keys.map(({ key }) => key)).size).toBe(1000);
    expect(new Set(keys.map(({ keyId }) => keyId)).size).toBe(1000);
  });
});

describe('randomBase62', () => {
  it('draws every character about as often as any other', () => {
    const counts = new Map<string, number>();
    for (const char of randomBase62(62_000)) {
      counts.set(char, (counts.get(char) ?? 0) + 1);
    }
    expect([...counts.keys()].sort().join('')).toBe(BASE62);
    // Expected 1000 each, standard deviation 31: eight of those is never chance, a modulo bias is.
    for (const count of counts.values()) {
      expect(Math.abs(count - 1000)).toBeLessThan(250);
    }
  });
});
