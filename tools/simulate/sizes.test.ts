import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chart } from './chart';
import { exceeded, sizesTable, tasksAt } from './sizes';
import { readScaledStack } from './stack';

const stack = { requestsPerTaskPerMinute: 12_000, cpu: 512, memory: 1024, region: 'us-east-1' };

describe('tasksAt', () => {
  it('is what the load policy asks for, fewer for each request as the fleet grows', () => {
    expect([10, 1000, 10_000].map((rate) => tasksAt(rate, stack))).toEqual([1, 7, 55]);
  });
});

describe('exceeded', () => {
  it('names quotas that the rate goes beyond, with what it needs', () => {
    expect(exceeded(1000, stack)).toEqual([]);
    expect(exceeded(10_000, stack)).toEqual([
      expect.objectContaining({
        needed: 27.5,
        quota: expect.objectContaining({ limit: 6 }) as object,
      }),
    ]);
  });
});

describe('docs/scaling.md', () => {
  it('shows the sizes of the prod stack (npm run docs:scaling)', async () => {
    const page = readFileSync(join(__dirname, '..', '..', 'docs', 'scaling.md'), 'utf8');
    const cells = (text: string) => text.replaceAll(/[ -]+/g, '');
    expect(cells(page)).toContain(cells(sizesTable(await readScaledStack('prod'))));
  });
});

describe('readScaledStack', () => {
  it('says why a stack on Lambda has nothing to simulate', async () => {
    await expect(readScaledStack('prod', undefined, { compute: 'lambda' })).rejects.toThrow(
      'The stack prod has compute: lambda',
    );
  });
});

describe('chart', () => {
  it('draws a line that breaks where there is no data, and stays within its frame', () => {
    const line = { name: 'a', color: '#000', values: [1, null, 100, 2] };
    const svg = chart('Title', [line], 10, { value: 5, label: 'target' });
    expect(svg).toContain('aria-label="Title"');
    expect(svg.match(/d="(M[^"H]*L[^"]*)"/)?.[1]?.match(/M/g)).toHaveLength(2);
    expect(svg).not.toContain('NaN');
  });
});
