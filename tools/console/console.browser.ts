// The console in a real Chromium: every view under load, the sentence after each fault, and no violation of axe-core.
import type { Browser, Page } from 'playwright-core';
import { until } from '../../contracts/testing/time';
import { startLocal } from '../local/testing/command';
import type { LocalCommand, Ready } from '../local/testing/command';
import { launchBrowser, open as openIn, overflow, violations } from '../testing/browser';
import type { DrawnDashboard } from './view';

const VIEWS = [
  ...['now', 'dashboards/overview', 'dashboards/service', 'dashboards/edge'],
  ...['dashboards/scaling', 'traces', 'logs', 'keys', 'data/users', 'data/keys', 'api'],
];
/** What is there when a view has read something, and not before. */
const READ = '.tiles, .grid, tbody tr, .lines li, .operations li';
const BETWEEN_CALLS_MS = 100;
const PLANTED = 'planted-5b2e';

let platform: LocalCommand;
let ready: Ready;
let browser: Browser;
let calls: NodeJS.Timeout;

const call = (key: string, path: string, init: RequestInit = {}) =>
  fetch(`${ready.edge}${path}`, {
    ...init,
    headers: { 'x-api-key': key, 'content-type': 'application/vnd.api+json' },
  });

/** Some of everything: served, not found, denied, created. */
function callNext(turn: number): Promise<Response> {
  if (turn % 10 === 3) return call('nonsense', '/users');
  if (turn % 10 === 5) return call(ready.key, '/users/none');
  if (turn % 10 !== 7) return call(ready.key, '/users');
  const attributes = { email: `ada${turn}@example.com`, name: 'Ada', credentials: PLANTED };
  const body = JSON.stringify({ data: { type: 'users', attributes } });
  return call(ready.key, '/users', { method: 'POST', body });
}

beforeAll(async () => {
  platform = startLocal(['--json', '--tasks', '2']);
  ready = await platform.ready();
  browser = await launchBrowser();
  let turn = 0;
  calls = setInterval(() => void callNext((turn += 1)).catch(() => undefined), BETWEEN_CALLS_MS);
});

afterAll(async () => {
  clearInterval(calls);
  await browser?.close();
  platform.child.kill('SIGTERM');
  await platform.ended;
});

/** Opens a view, or an address. */
const open = (view: string, options?: Parameters<typeof openIn>[2]) =>
  openIn(browser, view.startsWith('http') ? view : `${ready.console}/#/${view}`, options);

/** Waits until a view has drawn what it read. */
async function drawn(page: Page): Promise<void> {
  await page.locator(`main :is(${READ})`).first().waitFor();
}

/** The sentence, or what is said below it of what is wrong besides. */
async function sentence(page: Page, pattern: RegExp): Promise<void> {
  await page.locator('.sentence[data-cause]', { hasText: pattern }).waitFor();
}

describe.each(['light', 'dark'] as const)('every view of the console, %s', (colorScheme) => {
  it.each(VIEWS)('shows %s without a complaint of the page or of axe-core', async (view) => {
    const { page, complaints } = await open(view, { colorScheme });
    await drawn(page);
    expect(await violations(page)).toEqual([]);
    expect(await page.content()).not.toContain(PLANTED);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});

it.each([390, 2560])('no view is wider than a screen of %i pixels', async (width) => {
  const { page } = await open('now', { viewport: { width, height: 900 } });
  for (const view of VIEWS) {
    await page.goto(`${ready.console}/#/${view}`);
    await page.locator(`nav [aria-current=page][href^="#/${view}"]`).first().waitFor();
    await drawn(page);
    expect([view, await overflow(page)]).toEqual([view, 0]);
  }
  await page.context().close();
});

describe('the overview that AWS gets', () => {
  type Drawn = DrawnDashboard['widgets'][number];
  /** Lines of a widget that have a value, with their last. */
  const lines = (widget: Drawn | undefined): [string, number][] =>
    widget?.type !== 'metric'
      ? []
      : widget.lines.flatMap(({ label, values }) => {
          const last = values.findLast((value) => value !== null);
          return typeof last === 'number' ? [[label, last] as [string, number]] : [];
        });

  it('answers from the data of this run: served, slow, who, does scaling help', async () => {
    const keyId = ready.key.split('_')[2] ?? '';
    const overview = async () =>
      (await (await fetch(`${ready.console}/api/dashboards/overview`)).json()) as DrawnDashboard;
    const about = (drawn: DrawnDashboard, title: RegExp) =>
      drawn.widgets.find((widget) => title.test(widget.title));
    const isThere = (drawn: DrawnDashboard) =>
      [/^Requests a minute, by outcome/, /^Availability/, /latency/i, /key/i, /and tasks/].every(
        (title) => lines(about(drawn, title)).length > 0,
      ) && lines(about(drawn, /routes, p99/)).length > 1;
    await until(async () => isThere(await overview()));
    const drawn = await overview();
    const read = (title: RegExp) => new Map(lines(about(drawn, title)));
    expect(read(/^Requests a minute, by outcome/).get('served')).toBeGreaterThan(0);
    expect(read(/^Availability/).size).toBe(1);
    expect([...read(/latency/i)].some(([label]) => /p99/.test(label))).toBe(true);
    expect([...read(/routes, p99/).keys()].join()).toContain('/users');
    expect([...read(/key/i).keys()].join()).toContain(keyId);
    expect([...read(/and tasks/)].find(([label]) => /tasks/.test(label))?.[1]).toBe(2);
    const slow = about(drawn, /and tasks/);
    expect(slow?.type === 'metric' && slow.thresholds.length).toBeGreaterThan(0);
  });
});

describe('Now', () => {
  it('says in numbers, graphs and rows what is called, by whom and how fast', async () => {
    const { page, complaints } = await open('now');
    await page.locator('.sentence[data-cause]').waitFor();
    await page.locator('[aria-label=Callers]', { hasText: 'demo@localhost' }).waitFor();
    await page.locator('[aria-label=Routes]', { hasText: 'POST /users' }).waitFor();
    await page.locator('.legend', { hasText: 'denied: malformed-key' }).waitFor();
    await page.locator('.tile', { hasText: 'Tasks' }).filter({ hasText: '2 of' }).waitFor();
    // The graph's numbers are there for who can't see it.
    const graph = page.locator('section', { hasText: 'Requests by outcome' }).first();
    await graph.getByRole('img', { name: /served \d/ }).waitFor();
    await graph.locator('summary').click();
    await graph.locator('tbody tr').first().waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it.each([
    ['slow-dynamodb', /SLOW.*most of it in DynamoDB/],
    ['stop-tables', /FAILING.*answered by .*the tasks/],
    ['break-edge', /FAILING.*answered by .*CloudFront/],
    ['crash-loop', /TASK LOST|CHANGING|FAILING|DOWN/],
    ['wrong-keys', /(MOSTLY|MANY) DENIED.*unknown-key/],
    ['flood', /BLOCKED.*blocks [\d.]+ of [\d.]+ requests\/s/],
  ])('changes its sentence when the fault %s is on, and back', async (fault, pattern) => {
    const { page, complaints } = await open('now');
    const button = page.locator(`[data-fault=${fault}]`);
    await button.click();
    await page.locator(`[data-fault=${fault}][aria-pressed=true]`).waitFor();
    await sentence(page, pattern);
    await button.click();
    await page.locator(`[data-fault=${fault}][aria-pressed=false]`).waitFor();
    await page.locator('.sentence[data-cause]', { hasNotText: pattern }).waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('tells of a task that was killed, and that another one serves', async () => {
    const { page } = await open('now');
    const tasks = page.locator('[aria-label=Tasks] tbody tr');
    await tasks.filter({ hasText: 'healthy' }).nth(1).waitFor();
    const before = (await tasks.first().locator('td').first().textContent()) ?? '';
    // Whole names: task-1 is a part of task-10.
    const own = tasks.filter({ has: page.locator('td', { hasText: new RegExp(`^${before}$`) }) });
    await page.getByRole('button', { name: `Kill ${before}`, exact: true }).click();
    // On a slow machine requests fail before the other task has them.
    await sentence(page, /TASK LOST|FAILING|DOWN/);
    await page.locator('.events', { hasText: `${before} ended` }).waitFor();
    await own.waitFor({ state: 'detached' });
    await tasks.filter({ hasText: 'healthy' }).nth(1).waitFor();
    await page.context().close();
  });
});

describe('the other views', () => {
  it('lead from a trace to its log line, by keys alone', async () => {
    const { page, complaints } = await open('traces?filter=POST');
    await page.locator('[aria-label=Traces] tbody tr').first().waitFor();
    await page.keyboard.press('/');
    // One that was made: who is refused writes nothing.
    await page.keyboard.type(' /users 201');
    await page.waitForURL(/filter=POST\+%2Fusers\+201/);
    await page.locator('h2').first().click();
    // The list of the filter as it is now: there is nothing to mark before it has come.
    await page
      .locator('[aria-label=Traces] tbody tr', { hasText: 'POST /users' })
      .first()
      .waitFor();
    // A fast hand: Enter comes with the mark, before the screen is painted.
    await page.evaluate(`new MutationObserver((_, observer) => {
      if (document.querySelector('tr.marked') === null) return;
      observer.disconnect();
      document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
    }).observe(document.body, { subtree: true, childList: true, attributes: true })`);
    await page.keyboard.press('j');
    await page.locator('.waterfall', { hasText: 'TransactWriteItems' }).waitFor();
    const line = page.locator('.lines li', { hasText: 'route=/users' }).first();
    await line.waitFor();
    const traceId = /traces\/(\w+)/.exec(page.url())?.[1] ?? '';
    expect(await line.locator('a', { hasText: /^trace / }).getAttribute('href')).toContain(traceId);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('issue a key that works at once, and revoke it', async () => {
    const { page, complaints } = await open('keys');
    await page.locator('input[name=owner]').fill('grace@example.com');
    await page.getByRole('button', { name: 'Issue' }).click();
    const key = (await page.locator('#new-key').textContent()) ?? '';
    expect((await call(key, '/users')).status).toBe(200);
    const id = key.split('_')[2] ?? '';
    await page.getByRole('button', { name: `Revoke ${id}` }).click();
    await page
      .locator('[aria-label=Keys] tr', { hasText: id })
      .filter({ hasText: 'revoked' })
      .waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('send a request from the API, and show its trace', async () => {
    const { page, complaints } = await open('api');
    await page.locator('.operations button', { hasText: 'POST' }).first().click();
    expect(await page.locator('textarea').inputValue()).toContain('"type": "users"');
    await page.locator('#send').click();
    await page.locator('.answer h3', { hasText: '201' }).waitFor();
    await page.getByRole('link', { name: 'See its trace' }).click();
    await page.locator('.waterfall', { hasText: 'POST /users' }).waitFor();
    await page.locator('.waterfall', { hasText: 'TransactWriteItems' }).waitFor();
    const rows = await page.locator('.waterfall').innerText();
    expect(rows.indexOf('CloudFront')).toBeLessThan(rows.indexOf('edge check'));
    expect(rows.indexOf('edge check')).toBeLessThan(rows.lastIndexOf('POST /users'));
    // Until the span has arrived, the console answers 404.
    expect(complaints.filter((text) => !text.includes('404'))).toEqual([]);
    await page.context().close();
  });

  it('mask in the tables what the workload does not declare readable', async () => {
    const { page } = await open('data/credentials');
    await page.locator('main', { hasText: 'Masked, as the workload' }).waitFor();
    await page.locator('td', { hasText: '••••' }).first().waitFor();
    await page.goto(`${ready.console}/#/data/keys`);
    await page.locator('td', { hasText: 'demo@localhost' }).first().waitFor();
    const [, , , secret = ''] = ready.key.split('_');
    expect(await page.content()).not.toContain(secret.slice(0, 20));
    expect(await page.locator('main').textContent()).toContain('hash');
    await page.context().close();
  });

  it('open from a copied link as they were, in the theme that was chosen', async () => {
    const { page } = await open('logs?filter=malformed&range=3600&sources=edge');
    await page.locator('.lines li', { hasText: 'malformed-key' }).first().waitFor();
    expect(await page.locator('.source').first().textContent()).toBe('edge');
    expect(await page.locator('header select').first().inputValue()).toBe('3600');
    const background = () =>
      page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    const light = await background();
    await page.getByRole('button', { name: 'Dark' }).click();
    expect(await background()).not.toBe(light);
    await page.reload();
    await page.locator('.lines li').first().waitFor();
    expect(await background()).not.toBe(light);
    await page.context().close();
  });
});

describe('the documentation page of the service', () => {
  it('opens with a key as Basic credentials, and needs nothing from elsewhere', async () => {
    const [, , username = '', password = ''] = ready.key.split('_');
    const { page, complaints } = await open(`${ready.edge}/docs`, {
      httpCredentials: { username, password },
    });
    for (const operation of ['/users', '/users/{id}', '/users/export']) {
      await page.getByText(operation, { exact: false }).first().waitFor();
    }
    // Before the browser sends the credentials, it is told 401: that is no complaint of the page.
    expect(complaints.filter((text) => !text.includes('401'))).toEqual([]);
    await page.context().close();
  });
});

describe('the end of the platform', () => {
  it('leaves its last state, greyed, and says so', async () => {
    const own = startLocal(['--json']);
    const { console } = await own.ready();
    const { page } = await open(`${console}/#/now`);
    await page.locator('.sentence[data-cause]').waitFor();
    own.child.kill('SIGTERM');
    await own.ended;
    await page.locator('.banner', { hasText: 'The platform has ended' }).waitFor();
    expect(await page.locator('main.ended .sentence').count()).toBe(1);
    await page.context().close();
  });
});
