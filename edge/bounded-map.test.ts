// The cache's size is held, and what is used stays.
import { BoundedMap } from './bounded-map';

describe('BoundedMap', () => {
  it('forgets what was used least recently', () => {
    const map = new BoundedMap<number>(2);
    map.set('a', 1);
    map.set('b', 2);
    expect(map.get('a')).toBe(1);
    map.set('c', 3);
    expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([1, undefined, 3]);
  });

  it('replaces a value without growing', () => {
    const map = new BoundedMap<number>(2);
    map.set('a', 1);
    map.set('b', 2);
    map.set('a', 3);
    expect([map.get('a'), map.get('b'), map.size]).toEqual([3, 2, 2]);
  });

  it('deletes', () => {
    const map = new BoundedMap<number>(2);
    map.set('a', 1);
    map.delete('a');
    map.delete('b');
    expect([map.get('a'), map.size]).toEqual([undefined, 0]);
  });

  it('never holds more than its capacity', () => {
    const map = new BoundedMap<number>(100);
    for (let i = 0; i < 10_000; i++) {
      map.set(`key-${i % 700}`, i);
      map.get(`key-${i % 50}`);
      expect(map.size).toBeLessThanOrEqual(100);
    }
  });
});
