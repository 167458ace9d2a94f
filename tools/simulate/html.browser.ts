// The simulator's page in a real Chromium: light and dark, on a telephone and on a wide screen.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { PROJECT_DIRECTORY } from '../../recorder/stack-file';
import { launchBrowser, open, overflow, violations } from '../testing/browser';

let browser: Browser;
let folder: string;
let url: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'simulate-'));
  const file = join(folder, 'page.html');
  // All built-in traces: a process of its own is many times faster than jest's sandbox.
  await promisify(execFile)(
    process.execPath,
    ['-r', 'tsx/cjs', 'tools/simulate/main.ts', '--stack', 'dev', '--html', file],
    { cwd: PROJECT_DIRECTORY },
  );
  url = pathToFileURL(file).href;
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

describe('the page of the simulator', () => {
  it.each([
    ['light', 390],
    ['light', 2560],
    ['dark', 390],
    ['dark', 2560],
  ] as const)('stands whole, %s, on a screen of %i pixels', async (colorScheme, width) => {
    const viewport = { width, height: 900 };
    const { page, complaints } = await open(browser, url, { colorScheme, viewport });
    await page.locator('.uplot').nth(2).waitFor();
    expect(await violations(page)).toEqual([]);
    expect(await overflow(page)).toBe(0);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
