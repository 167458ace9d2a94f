// Durations in and out.
import { formatDuration, parseDuration } from './duration';

describe('parseDuration', () => {
  it.each([
    ['45s', 45],
    ['30m', 1800],
    ['24h', 86_400],
    ['90d', 7_776_000],
    ['2w', 1_209_600],
  ])('reads %s', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds);
  });

  it.each([
    '',
    '90',
    'd',
    '0d',
    '-1d',
    '1.5h',
    '90 d',
    '90D',
    '1y',
    '90d ',
    '1d12h',
    '9999999999s',
  ])('refuses "%s"', (text) => {
    expect(() => parseDuration(text)).toThrow(/no duration; expected a whole number/);
  });
});

describe('formatDuration', () => {
  it.each([
    [-5, '0s'],
    [59.9, '59s'],
    [119, '119s'],
    [120, '2m'],
    [7199, '119m'],
    [7200, '2h'],
    [172_799, '47h'],
    [172_800, '2d'],
    [7_776_000, '90d'],
  ])('%d s is %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });
});
