// No file imports itself by way of others: over the whole repository, types included.
import { readFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join, relative, resolve } from 'node:path';
import { preProcessFile, resolveModuleName, sys } from 'typescript';

const ROOT = resolve(__dirname, '..');
const OPTIONS = { module: 100, moduleResolution: 3 };

/** The files of the repository that each file imports. */
function importsOf(file: string): string[] {
  return preProcessFile(readFileSync(join(ROOT, file), 'utf8')).importedFiles.flatMap(
    ({ fileName }) => {
      if (!fileName.startsWith('.')) return [];
      const found = resolveModuleName(fileName, join(ROOT, file), OPTIONS, sys).resolvedModule;
      return found === undefined ? [] : [relative(ROOT, found.resolvedFileName)];
    },
  );
}

/** Circles among modules, each once: a depth-first walk that meets a module on its own path. */
function circles(imports: ReadonlyMap<string, readonly string[]>): string[][] {
  const found: string[][] = [];
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file);
    if (start >= 0) {
      found.push(path.slice(start));
      return;
    }
    if (done.has(file)) return;
    for (const next of imports.get(file) ?? []) walk(next, [...path, file]);
    done.add(file);
  };
  for (const file of imports.keys()) walk(file, []);
  return found;
}

describe('imports', () => {
  it('would be seen to run in a circle, however long', () => {
    const imports = new Map([
      ['a', ['b', 'c']],
      ['b', ['c']],
      ['c', ['d', 'a']],
      ['d', []],
      ['e', ['e']],
    ]);
    expect(circles(imports)).toEqual([['a', 'b', 'c'], ['e']]);
  });

  it('run in no circle', () => {
    const files = execFileSync('git', ['ls-files', '*.ts'], { cwd: ROOT, encoding: 'utf8' })
      .trim()
      .split('\n');
    const imports = new Map(files.map((file) => [file, importsOf(file)]));
    expect([...imports.values()].flat().length).toBeGreaterThan(500);
    expect(circles(imports).map((circle) => circle.join(' -> '))).toEqual([]);
  });
});
