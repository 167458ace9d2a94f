// Tests of the hash over an image's sources.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contentHash } from './content-hash';

describe('contentHash', () => {
  const folder = mkdtempSync(join(tmpdir(), 'content-'));
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  const hash = (): string => contentHash(folder, ['package.json', 'src', 'missing']);
  mkdirSync(join(folder, 'src/testing'), { recursive: true });
  write('package.json', '{}');
  write('src/a.ts', 'a');
  afterAll(() => rmSync(folder, { recursive: true }));

  it('stays while what is in the image stays', () => {
    const before = hash();
    expect(before).toMatch(/^[0-9a-f]{12}$/);
    write('src/a.test.ts', 'a test');
    write('src/testing/helper.ts', 'a helper');
    write('README.md', 'words');
    expect(hash()).toBe(before);
  });

  it('changes with a file’s text, its name, and a new file', () => {
    const seen = new Set([hash()]);
    write('src/a.ts', 'b');
    seen.add(hash());
    write('src/b.ts', '');
    seen.add(hash());
    write('package.json', '{"a":1}');
    seen.add(hash());
    expect(seen.size).toBe(4);
  });
});
