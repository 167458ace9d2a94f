// What README and docs name is there: diagrams that parse, scripts that run, files that exist.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PROJECT_DIRECTORY } from '../../recorder/stack-file';

const DOCUMENTS = [
  'README.md',
  ...readdirSync(join(PROJECT_DIRECTORY, 'docs'))
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
];
const textOf = (document: string) => readFileSync(join(PROJECT_DIRECTORY, document), 'utf8');
const matches = (document: string, pattern: RegExp) =>
  [...textOf(document).matchAll(pattern)].map(([, first = '']) => first);

function parseMermaid(diagram: string) {
  const script = join(__dirname, 'parse-mermaid.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], {
    ...{ input: diagram, encoding: 'utf8' },
  });
  return { status, stdout, stderr };
}

describe('diagrams', () => {
  const diagrams = DOCUMENTS.flatMap((document) =>
    matches(document, /```mermaid\n([^]*?)```/g).map((diagram) => ({ document, diagram })),
  );

  it('are read by mermaid', () => {
    expect(diagrams.map(({ document }) => document)).toContain('README.md');
    for (const { diagram } of diagrams) {
      expect(parseMermaid(diagram)).toEqual({ status: 0, stdout: 'flowchart-v2', stderr: '' });
    }
  });

  it('would not be if a label lost its quotes', () => {
    const [readme] = diagrams;
    const broken = readme?.diagram.replace(/\["(Lambda@Edge[^"]*)"\]/, '[$1]') ?? '';
    expect(broken).not.toBe(readme?.diagram);
    expect(parseMermaid(broken).stderr).toContain('Parse error');
  });
});

describe.each(DOCUMENTS)('%s', (document) => {
  it('names npm scripts that there are', () => {
    const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
    const named = matches(document, /npm run (?:-s )?([a-z][a-z:-]*)/g);
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });

  it('links to files that there are', () => {
    const links = matches(document, /\]\(([^)#\s]+)(?:#[^)]*)?\)/g).filter(
      (link) => !/^[a-z]+:/.test(link),
    );
    const missing = links.filter(
      (link) => !existsSync(join(PROJECT_DIRECTORY, dirname(document), link)),
    );
    expect(missing).toEqual([]);
  });

  it('names files that there are', () => {
    const tracked = execFileSync(
      'git',
      ['ls-files', '--cached', '--others', '--exclude-standard'],
      {
        ...{ cwd: PROJECT_DIRECTORY, encoding: 'utf8' },
      },
    );
    const folders = new Set(tracked.split('\n').flatMap((file) => file.split('/')[0] ?? []));
    const named = matches(document, /`([a-z][\w.-]*\/[\w./-]+)`/g).filter((path) =>
      folders.has(path.split('/')[0] ?? ''),
    );
    const isThere = (path: string) =>
      existsSync(join(PROJECT_DIRECTORY, path)) ||
      existsSync(join(PROJECT_DIRECTORY, `${path}.ts`));
    expect(named.filter((path) => !isThere(path))).toEqual([]);
  });
});
