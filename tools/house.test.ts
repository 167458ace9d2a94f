// What holds for every file: none is long without a reason, and the platform names no API.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '..');
const MOST_LINES = 250;
/** Cases stand side by side, and are looked up one by one. */
const MOST_LINES_OF_TESTS = 350;
const REASON = /; long because ./;
const TEST = /\.(test|browser|study|conformance)\.ts$/;

/** Folders that must serve any API. */
const PLATFORM = [
  ...['infra', 'edge', 'dashboards', 'policies', 'recorder'],
  ...['tools/local', 'tools/cloudwatch', 'tools/console'],
];
/** The directory that ships: its routes, tables and variables. */
const DIRECTORY =
  /[-/.'"`]users\b|\{ users:|users directory|gh-credentials|credential_?keys|per-user/i;

function filesOf(...patterns: readonly string[]): { file: string; text: string }[] {
  return execFileSync('git', ['ls-files', '--', ...patterns], { cwd: ROOT, encoding: 'utf8' })
    .trim()
    .split('\n')
    .filter((file) => /\.(tsx?|m?js|cjs)$/.test(file))
    .map((file) => ({ file, text: readFileSync(join(ROOT, file), 'utf8') }));
}

/** Whether a file has more lines than its kind may have, and does not say why. */
function isTooLong(file: string, text: string): boolean {
  const lines = text.split('\n');
  const most = TEST.test(file) ? MOST_LINES_OF_TESTS : MOST_LINES;
  return lines.length - 1 > most && !REASON.test(lines[0] ?? '');
}

/** Lines that name the directory. */
function naming(file: string, text: string): string[] {
  return text
    .split('\n')
    .flatMap((line, index) =>
      DIRECTORY.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [],
    );
}

describe('files', () => {
  it('are read, and would be seen to break the rules', () => {
    expect(filesOf('.').length).toBeGreaterThan(300);
    const long = (first: string, lines: number) => `${first}\n${'x\n'.repeat(lines - 1)}`;
    expect(isTooLong('a.ts', long('// What it is for.', 251))).toBe(true);
    expect(isTooLong('a.ts', long('// What it is for.', 250))).toBe(false);
    expect(isTooLong('a.ts', long('// Cases; long because they are one list.', 900))).toBe(false);
    expect(isTooLong('a.test.ts', long('// What it tests.', 350))).toBe(false);
    expect(isTooLong('a.test.ts', long('// What it tests.', 351))).toBe(true);
    const named = ["'/users'", 'gh-users-1', 'tables.users', '{ users: x }', 'CREDENTIAL_KEYS'];
    expect(named.flatMap((text) => naming('a.ts', text))).toHaveLength(named.length);
    expect(naming('a.ts', "'user-agent', NON_ROOT_USER, 'several-credentials', useRead")).toEqual(
      [],
    );
  });

  it('have few lines, or a first line that says why not', () => {
    const long = filesOf('.').filter(({ file, text }) => isTooLong(file, text));
    expect(long.map(({ file }) => file)).toEqual([]);
  });

  it('of the platform name no API', () => {
    const files = filesOf(...PLATFORM).filter(({ file }) => !TEST.test(file));
    expect(files.length).toBeGreaterThan(100);
    expect(files.flatMap(({ file, text }) => naming(file, text))).toEqual([]);
  });
});
