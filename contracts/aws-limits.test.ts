// Tests of the limits that are computed, and of the forms that they must have.
import { FARGATE_MEMORY, LOG_RETENTION_DAYS, NAME_LIMITS, REGION } from './aws-limits';

describe('FARGATE_MEMORY', () => {
  it.each([
    [256, [512, 1024, 2048]],
    [512, [1024, 2048, 3072, 4096]],
    [
      8192,
      [
        16_384, 20_480, 24_576, 28_672, 32_768, 36_864, 40_960, 45_056, 49_152, 53_248, 57_344,
        61_440,
      ],
    ],
  ])('offers with %d units what the developer guide lists', (cpu, memory) => {
    expect(FARGATE_MEMORY[cpu]).toEqual(memory);
  });

  it('ends at 120 GiB', () => {
    expect(FARGATE_MEMORY[16_384]?.at(-1)).toBe(122_880);
  });
});

describe('LOG_RETENTION_DAYS', () => {
  it('goes up to ten years', () => {
    expect([...LOG_RETENTION_DAYS].sort((a, b) => a - b)).toEqual(LOG_RETENTION_DAYS);
    expect(LOG_RETENTION_DAYS.at(-1)).toBe(3653);
  });
});

describe('NAME_LIMITS', () => {
  it('has tokens of resources alone', () => {
    for (const type of Object.keys(NAME_LIMITS)) expect(type).toMatch(/^aws:\w+\/(\w+):\w+$/);
  });
});

describe('REGION', () => {
  it.each(['us-east-1', 'eu-central-1', 'us-gov-west-1'])('knows %s', (region) => {
    expect(region).toMatch(REGION);
  });

  it.each(['Frankfurt', 'eu-central-1a', 'eu', 'eu-central'])('refuses %s', (region) => {
    expect(region).not.toMatch(REGION);
  });
});
