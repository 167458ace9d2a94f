// The page about own APIs shows the examples as they are, and workload files that can be read.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readWorkloadFile } from '../contracts/workload-file';

const ROOT = join(__dirname, '..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const PAGE = read('docs/own-api.md');
const QUOTES = [
  ...PAGE.matchAll(/<!-- (part of )?(examples\/\S+) -->\n\n```\w+\n(.*?)\n```/gs),
].map(([, part, file = '', text = '']) => ({ file, text, isPart: part !== undefined }));

describe('docs/own-api.md', () => {
  it('shows every file of the two examples, but for tests', () => {
    expect([...new Set(QUOTES.map(({ file }) => file))].sort()).toEqual([
      'examples/notes/src/app.ts',
      'examples/notes/src/lambda.ts',
      'examples/notes/src/main.ts',
      'examples/notes/workload.ts',
      'examples/orders/app.py',
      'examples/orders/orders.yaml',
      'examples/orders/server.js',
    ]);
  });

  it.each(QUOTES)('quotes $file as it is', ({ file, text, isPart }) => {
    const whole = read(file);
    if (isPart) expect(whole).toContain(`${text}\n`);
    else expect(`${text}\n`).toBe(whole);
  });

  it('shows workload files without a mistake', () => {
    const files = [...PAGE.matchAll(/```yaml\n(.*?)\n```/gs)]
      .map(([, text = '']) => text)
      .filter((text) => text.includes('rules:'));
    expect(files).toHaveLength(2);
    for (const text of files)
      expect(readWorkloadFile(text)).toHaveProperty('workload.name', 'orders');
  });
});
