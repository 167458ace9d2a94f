// Before the tests of one run: a folder in which its test files share what is costly to make.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Made anew for every run, so that nothing in it can be older than the sources. */
function makeRunFolder(): void {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-run-'));
  process.env.GATEHOUSE_RUN_FOLDER = folder;
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
}

export = makeRunFolder;
