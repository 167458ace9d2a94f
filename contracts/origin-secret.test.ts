// Tests of which changes of the origin secret lose no request.
import { isSeamless, originSecretsOf } from './origin-secret';

describe('originSecretsOf', () => {
  it('takes the newest and the one before, and sends the newest unless told', () => {
    expect(originSecretsOf(1, 0)).toEqual({ accepted: [1], sent: 1 });
    expect(originSecretsOf(3, 0)).toEqual({ accepted: [3, 2], sent: 3 });
    expect(originSecretsOf(3, 2)).toEqual({ accepted: [3, 2], sent: 2 });
  });
});

describe('isSeamless', () => {
  it.each([
    ['nothing changes', [1, 0], [1, 0], true],
    ['the service learns the next one', [1, 0], [2, 1], true],
    ['CloudFront sends the next one', [2, 1], [2, 0], true],
    ['CloudFront goes back', [2, 0], [2, 1], true],
    ['both at once', [1, 0], [2, 0], false],
    ['the service forgets what is sent', [2, 1], [3, 0], false],
    ['one is left out', [1, 0], [3, 2], false],
    ['the service goes back before CloudFront', [2, 0], [1, 0], false],
    ['the service goes back after CloudFront', [2, 1], [1, 0], true],
  ] as const)('when %s', (_what, before, after, expected) => {
    const of = ([newest, sent]: readonly [number, number]) => originSecretsOf(newest, sent);
    expect(isSeamless(of(before), of(after))).toBe(expected);
  });
});
