// Tests of what is suggested in place of a word that is not known.
import { didYouMean, nearest } from './did-you-mean';

const KEYS = ['zones', 'minTasks', 'maxTasks', 'vpcCidr', 'domain'];

describe('nearest', () => {
  it.each([
    ['maxtask', 'maxTasks'],
    ['mxaTasks', 'maxTasks'],
    ['maxTakss', 'maxTasks'],
    ['vpccidr', 'vpcCidr'],
    ['zone', 'zones'],
    ['Domain', 'domain'],
  ])('takes %s for %s', (word, meant) => {
    expect(nearest(word, KEYS)).toBe(meant);
  });

  it.each(['nope', '', 'hostedZone', 'x'.repeat(10_000)])('has nothing near to %s', (word) => {
    expect(nearest(word, KEYS)).toBeUndefined();
    expect(nearest(word, [])).toBeUndefined();
  });
});

describe('didYouMean', () => {
  it('asks for the nearest word, or lists them all', () => {
    expect(didYouMean('maxTask', KEYS)).toBe('Did you mean maxTasks?');
    expect(didYouMean('nope', ['a', 'b'])).toBe('Possible: a, b.');
  });
});
