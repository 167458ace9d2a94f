// The pages that a person looks at, in a real Chromium: the console and the service's documentation.
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { startLocal } from './testing/command';
import type { LocalCommand, Ready } from './testing/command';

/** Shorter than jest's limit, so that it is Playwright that tells what was awaited. */
const TIMEOUT_MS = 90_000;
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

let platform: LocalCommand;
let ready: Ready;
let browser: Browser;

beforeAll(async () => {
  platform = startLocal(['--json']);
  ready = await platform.ready();
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: FLAGS,
    timeout: TIMEOUT_MS,
  });
});

afterAll(async () => {
  await browser?.close();
  platform.child.kill('SIGTERM');
  await platform.ended;
});

/** A page whose every complaint, and every request to another host, fails the test. */
async function openPage(credentials?: { username: string; password: string }): Promise<{
  page: Page;
  complaints: string[];
}> {
  const context = await browser.newContext(credentials ? { httpCredentials: credentials } : {});
  context.setDefaultTimeout(TIMEOUT_MS);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('request', (request) => {
    const { hostname, protocol } = new URL(request.url());
    if (protocol !== 'data:' && hostname !== '127.0.0.1') complaints.push(request.url());
  });
  return { page, complaints };
}

describe('the console', () => {
  it('shows tasks, traffic, decisions and traces as they happen', async () => {
    const { page, complaints } = await openPage();
    await page.goto(ready.console);
    await page.locator('#tasks .healthy').first().waitFor();
    const call = (key: string, init: RequestInit = {}) =>
      fetch(`${ready.edge}/users`, {
        ...init,
        headers: { 'x-api-key': key, 'content-type': 'application/vnd.api+json' },
      });
    await call(ready.key);
    await call('nonsense');
    await call(ready.key, {
      method: 'POST',
      body: JSON.stringify({
        data: {
          type: 'users',
          attributes: { email: 'ada@example.com', name: 'Ada', credentials: 'planted-5b2e' },
        },
      }),
    });
    await page.locator('#decisions', { hasText: 'malformed-key' }).waitFor();
    await page.locator('#decisions', { hasText: 'valid' }).waitFor();
    await page.locator('#traces', { hasText: 'POST /users 201' }).waitFor();
    expect(Number(await page.locator('#requests').textContent())).toBeGreaterThanOrEqual(2);
    expect(await page.locator('#latency').textContent()).toMatch(/^\d+\.\d ms$/);
    expect(await page.locator('#latency-chart path.series').count()).toBe(1);
    expect(await page.content()).not.toContain('planted-5b2e');
    expect(complaints).toEqual([]);
  });
});

describe('the documentation page of the service', () => {
  it('opens with a key as Basic credentials, and needs nothing from elsewhere', async () => {
    const [, , id = '', secret = ''] = ready.key.split('_');
    const { page, complaints } = await openPage({ username: id, password: secret });
    const response = await page.goto(`${ready.edge}/docs`);
    expect(response?.status()).toBe(200);
    for (const operation of ['/users', '/users/{id}', '/users/export']) {
      await page.getByText(operation, { exact: false }).first().waitFor();
    }
    // Before the browser sends the credentials, it is told 401: that is no complaint of the page.
    expect(complaints.filter((text) => !text.includes('401'))).toEqual([]);
  });
});
