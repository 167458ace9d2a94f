// jest itself, run on test files that fail, for what it counts and says.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');

/** What `--json` prints, of it what is needed here. */
interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  testResults: { message: string }[];
}

let folder: string;
beforeEach(() => (folder = realpathSync(mkdtempSync(join(tmpdir(), 'run-')))));
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs this text as a test file. */
async function run(text: string): Promise<Report & { message: string }> {
  writeFileSync(join(folder, 'fixture.test.js'), text);
  const config = {
    rootDir: folder,
    testEnvironment: join(__dirname, 'environment.ts'),
    transform: { '\\.ts$': [require.resolve('@swc/jest'), { jsc: { target: 'es2023' } }] },
    cacheDirectory: join(folder, 'cache'),
  };
  const child = spawn(
    process.execPath,
    [join(ROOT, 'node_modules/jest/bin/jest.js'), '--json', '--config', JSON.stringify(config)],
    { cwd: ROOT, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await once(child, 'close');
  const report = JSON.parse(output) as Report;
  return { ...report, message: report.testResults.map(({ message }) => message).join() };
}

describe('GatehouseEnvironment', () => {
  it('reports a set-up that failed once, and runs the other groups', async () => {
    const report = await run(`
      describe('broken', () => {
        let server;
        beforeAll(() => Promise.reject(new Error('no server')));
        afterAll(() => server.close());
        it.skip('passed over', () => {});
        it('one', () => {});
        describe('within', () => it.each([1, 2, 3])('%i', () => {}));
      });
      it('sound', () => {});`);
    expect(report).toMatchObject({ numPassedTests: 1, numFailedTests: 1, numPendingTests: 4 });
    expect(report.message).toContain('no server');
    expect(report.message).not.toContain('undefined');
  });

  it('gives each file a temporary folder, and fails one that leaves something in it', async () => {
    const leave = (name: string) => `
      const path = require('node:path').join(require('node:os').tmpdir(), '${name}');
      it('writes', () => require('node:fs').writeFileSync(path, ''));`;
    expect((await run(leave('left-over'))).message).toContain(
      'The tests left left-over in the temporary folder: remove it.',
    );
    expect(await run(leave('tsx-0'))).toMatchObject({ numPassedTests: 1, message: '' });
  });
});
