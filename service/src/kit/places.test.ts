// Places: as many as there are, and again those that were given back.
import { Places } from './places';

describe('Places', () => {
  it('gives so many in all, and so many to one caller', () => {
    const places = new Places({ total: 3, each: 2 });
    const [first, second] = [places.take('a'), places.take('a')];
    expect([first, second].map((one) => typeof one)).toEqual(['function', 'function']);
    expect(places.take('a')).toBeUndefined();
    expect(places.take('b')).toBeDefined();
    expect(places.take('c')).toBeUndefined();
    first?.();
    expect(places.take('c')).toBeDefined();
    second?.();
    expect(places.take('a')).toBeDefined();
  });
});
