import { RateLimiter } from './rate-limit';
import type { RateRule } from './rate-limit';

describe('RateLimiter', () => {
  it('forgets what lies before the window', () => {
    let now = 0;
    const limiter = new RateLimiter({ name: 'r', limit: 2, windowSeconds: 60 }, () => now);
    const over = () => limiter.isOver('10.0.0.1', {});
    expect([over(), over(), over()]).toEqual([false, false, true]);
    now = 61_000;
    expect(over()).toBe(false);
  });

  it('counts by header value, and does not count a request without it', () => {
    const limiter = new RateLimiter({
      name: 'r',
      limit: 1,
      windowSeconds: 60,
      header: 'x-api-key',
    });
    const over = (key?: string) =>
      limiter.isOver('10.0.0.1', key === undefined ? {} : { 'x-api-key': key });
    expect([over('a'), over('b'), over(), over()]).toEqual([false, false, false, false]);
    expect(over('a')).toBe(true);
  });

  it('counts spellings as one value where the rule transforms it', () => {
    const over = (transformations: RateRule['transformations'], values: string[]) => {
      const limiter = new RateLimiter({
        name: 'r',
        limit: 1,
        windowSeconds: 60,
        header: 'authorization',
        ...(transformations === undefined ? {} : { transformations }),
      });
      return values.map((authorization) => limiter.isOver('10.0.0.1', { authorization }));
    };
    const spellings = ['Bearer KEY', 'bEARER  KEY', 'bearer\tkey'];
    expect(over(['LOWERCASE', 'COMPRESS_WHITE_SPACE'], spellings)).toEqual([false, true, true]);
    expect(over(['COMPRESS_WHITE_SPACE'], spellings)).toEqual([false, false, false]);
    expect(over(undefined, spellings)).toEqual([false, false, false]);
  });

  it('keeps a bounded number of aggregates', () => {
    const limiter = new RateLimiter({ name: 'r', limit: 1, windowSeconds: 60 });
    expect(limiter.isOver('first', {})).toBe(false);
    for (let count = 0; count < 10_000; count += 1) limiter.isOver(`ip-${count}`, {});
    expect(limiter.isOver('first', {})).toBe(false);
  });
});
