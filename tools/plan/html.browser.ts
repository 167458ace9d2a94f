// The plan's page in a real Chromium: whole, light and dark, on a telephone and on a wide screen.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import gatehouse from '../../infra/index';
import { record } from '../../recorder/record';
import { launchBrowser, open, overflow, violations } from '../testing/browser';
import { compare } from './comparison';
import { renderHtml } from './html';
import { planOf } from './plan';

let browser: Browser;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plan-'));
  const dev = planOf(await record('dev', { program: gatehouse }));
  const prod = planOf(await record('prod', { program: gatehouse }));
  writeFileSync(join(folder, 'dev.html'), await renderHtml(dev));
  // All that can be in it: whatever two stacks differ in.
  const comparison = compare(dev, prod, 100);
  writeFileSync(join(folder, 'prod.html'), await renderHtml(prod, { comparison }));
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

/** Opens all that is folded but the resources, which are hundreds alike. */
async function unfold(page: Page): Promise<void> {
  await page.evaluate(
    'document.querySelectorAll("main > details, .tree > li:first-child details").forEach((each) => { each.open = true; })',
  );
  await page.locator('details.dashboard .grid').nth(2).waitFor();
}

describe.each(['dev', 'prod'])('the page of the plan of %s', (stack) => {
  it.each([
    ['light', 390],
    ['light', 2560],
    ['dark', 390],
    ['dark', 2560],
  ] as const)('stands whole, %s, on a screen of %i pixels', async (colorScheme, width) => {
    const url = pathToFileURL(join(folder, `${stack}.html`)).href;
    const viewport = { width, height: 900 };
    const { page, complaints } = await open(browser, url, { colorScheme, viewport });
    await page.locator('#dashboard-overview .grid').waitFor();
    await unfold(page);
    expect(await violations(page)).toEqual([]);
    expect(await overflow(page)).toBe(0);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
