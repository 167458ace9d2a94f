// What the console costs, each against its goal: start, first sight, a refresh at its largest, metrics, memory.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import type { Page } from 'playwright-core';
import { MetricStore } from '../cloudwatch/metric-store';
import type { DrawnDashboard } from '../console/view';
import { startLocal } from '../local/testing/command';
import type { Ready } from '../local/testing/command';
import { compare } from './main';
import type { BenchResult, Benchmarks } from './main';

const LINES = 12;
/** Six hours by the minute. */
const POINTS = 360;
const REFRESHES = 5;
const CALLS = 1_000;
const CALLERS = 16;
const ROUNDS = 50_000;
/** Measurements of a request: of CloudFront 12, and of web ACL, load balancer, edge and DynamoDB. */
const METRICS = 26;

async function console(): Promise<BenchResult[]> {
  const startedMs = performance.now();
  const platform = startLocal(['--json']);
  try {
    const ready = await platform.ready();
    const readyMs = performance.now() - startedMs;
    const pid = platform.child.pid ?? 0;
    const { firstMs, refreshMs } = await look(ready);
    const requestUs = await cpuOfRequest(ready, pid);
    const goal = (name: string, ours: number, peer: number, unit: string) =>
      compare({ name, ours, peer, peerName: 'goal', unit, better: 'lower' });
    return [
      goal('npm run local, from start to ready', readyMs, 2_000, 'ms'),
      goal('the state on the page, from its opening', firstMs, 1_000, 'ms'),
      goal('a refresh of the overview, main thread', refreshMs, 100, 'ms'),
      goal('metrics, of the CPU of a request', (100 * cpuOfMetrics()) / requestUs, 5, '%'),
      goal('heap of metrics at their bound', heapAtBound(), 512, 'MB'),
    ];
  } finally {
    platform.child.kill('SIGTERM');
    await platform.ended;
  }
}

async function look({ console: url }: Ready): Promise<{ firstMs: number; refreshMs: number }> {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(url);
    await page.locator('.sentence[data-cause]').waitFor();
    const firstMs = await page.evaluate<number>('performance.now()');
    return { firstMs, refreshMs: await refresh(page, url) };
  } finally {
    await browser.close();
  }
}

/** Main thread of a refresh, every graph of the overview with as much as it may show. */
async function refresh(page: Page, url: string): Promise<number> {
  const seen = { refreshes: 0 };
  await page.route('**/api/dashboards/overview*', async (route) => {
    const drawn = (await (await route.fetch()).json()) as DrawnDashboard;
    await route.fulfill({ json: enlarged(drawn, (seen.refreshes += 1)) });
  });
  await page.goto(`${url}/#/dashboards/overview?range=21600&every=5`);
  await page.locator('.widget .plot canvas').first().waitFor();
  const session = await page.context().newCDPSession(page);
  // Of the thread, and not of the clock: others run on this machine, too.
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const taskMs = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return 1000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0);
  };
  const [before, first] = [await taskMs(), seen.refreshes];
  while (seen.refreshes < first + REFRESHES) await sleep(100);
  await sleep(1_000);
  return ((await taskMs()) - before) / REFRESHES;
}

function enlarged(drawn: DrawnDashboard, turn: number): DrawnDashboard {
  const window = { startMs: drawn.atMs - POINTS * 60_000, periodMs: 60_000, count: POINTS };
  const lines = Array.from({ length: LINES }, (_none, line) => ({
    ...{ label: `line ${line}`, axis: 'left' as const },
    values: Array.from({ length: POINTS }, (_point, at) => 50 + 40 * Math.sin(at + line + turn)),
  }));
  return {
    ...drawn,
    widgets: drawn.widgets.map((widget) => {
      if (widget.type !== 'metric') return widget;
      const { absent: _none, ...rest } = widget;
      return { ...rest, window, lines };
    }),
  };
}

/** Processor time of the platform's own process for a request, in microseconds. */
async function cpuOfRequest({ edge, key }: Ready, pid: number): Promise<number> {
  const cpu = () => {
    // After the name: the 12th and 13th field are user and system time in hundredths of a second.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / 100;
  };
  const before = cpu();
  let left = CALLS;
  const call = async () => {
    while (left > 0) {
      left -= 1;
      await (await fetch(`${edge}/users`, { headers: { 'x-api-key': key } })).arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, call));
  return ((cpu() - before) * 1e6) / CALLS;
}

/** Processor time of the measurements of a request, in microseconds. */
function cpuOfMetrics(): number {
  const metrics = new MetricStore({ now: Date.now });
  const dimensions = { LoadBalancer: 'app/lb/1', TargetGroup: 'targetgroup/tg/1' };
  const before = process.cpuUsage();
  for (let round = 0; round < ROUNDS; round += 1) {
    for (let index = 0; index < METRICS; index += 1) {
      metrics.add('AWS/ApplicationELB', `metric ${index}`, dimensions, 0.01);
    }
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / ROUNDS;
}

/** Heap of a store that holds as many periods as it keeps, in MB. */
function heapAtBound(): number {
  const before = process.memoryUsage().heapUsed;
  const metrics = new MetricStore({ now: Date.now, secondsKept: 0 });
  const nowMs = Date.now();
  for (let minute = 0; minute < 400; minute += 1) {
    for (let series = 0; series < 1_000; series += 1) {
      for (const value of [0.004, 0.02, 0.3]) {
        metrics.add(
          'Namespace',
          'name',
          { series: String(series) },
          value,
          nowMs + minute * 60_000,
        );
      }
    }
  }
  const used = (process.memoryUsage().heapUsed - before) / 1e6;
  // Still reachable here, or it would not be counted.
  metrics.add('Namespace', 'name', {}, 0);
  return used;
}

export const benchmarks: Benchmarks = { console };
