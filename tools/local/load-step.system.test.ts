// Done when: a step of load scales the platform out, which settles under its target, and in again.
import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { until } from '../../contracts/testing/time';
import { runLoad } from '../load/open-loop';
import { arrivals } from '../load/shape';
import type { Platform } from './platform';
import { ROOT } from './testing/command';
import { ExamplePlatform, withCommand } from './testing/examples';

const TIME_SCALE = 20;
const MINUTE_MS = 60_000 / TIME_SCALE;
const TARGET_MS = 20;
const RATE = 100;
/** Of a whole processor, of which a task of this stack has a quarter: one holds about half the rate. */
const CPU_MS = 2;

const PROGRAM = `
const { createServer } = require('node:http');
createServer((request, response) => {
  const isOrder = request.url.startsWith('/orders');
  const isKnown = request.headers['x-gatehouse-origin-secret'] === process.env.ORIGIN_SECRET;
  const start = process.cpuUsage();
  while (isOrder && isKnown) {
    const { user, system } = process.cpuUsage(start);
    if (user + system >= ${CPU_MS * 1000}) break;
  }
  const status = isOrder && !isKnown ? 401 : 200;
  response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
}).listen(process.env.PORT);
process.on('SIGTERM', () => process.exit());
`;

let example: ExamplePlatform;
beforeEach(() => {
  example = new ExamplePlatform();
});
afterEach(() => example.close());

/** Average of the balancer's response times in the last minute of the platform, as its console has it. */
async function averageMs(platform: Platform): Promise<number> {
  const since = new Date(Date.now() - MINUTE_MS).toISOString();
  const query = new URLSearchParams({
    ...{ namespace: 'AWS/ApplicationELB', name: 'TargetResponseTime', since },
  });
  const response = await fetch(`${platform.console}/api/metrics?${query.toString()}`);
  const { series } = (await response.json()) as {
    series: { points: { sum: number; count: number }[] }[];
  };
  const points = series[0]?.points ?? [];
  const [sum, count] = [points.map((point) => point.sum), points.map((point) => point.count)].map(
    (values) => values.reduce((total, value) => total + value, 0),
  );
  return (1000 * (sum ?? 0)) / (count ?? 0);
}

describe('a step of load on the local platform, 20 times faster', () => {
  it('scales out, settles under the target, and scales in when it has gone', async () => {
    const program = join(example.folder, 'server.js');
    writeFileSync(program, PROGRAM);
    const workload = join(example.folder, 'orders.yaml');
    writeFileSync(workload, withCommand(['node', program]));
    const platform = await example.startWith(
      {
        ...{ image: `example.com/orders@sha256:${'0'.repeat(64)}` },
        ...{ workload: relative(ROOT, workload), targetResponseMs: String(TARGET_MS) },
        // (1 - 8 / 20) / 8 requests a millisecond.
        ...{ requestsPerTaskPerMinute: '4500', maxTasks: '4' },
        ...{ requestsPerSecondPerIp: '2000', requestsPerSecondPerKey: '2000' },
      },
      { tasks: 1, timeScale: TIME_SCALE },
    );
    const { fleet } = platform.parts;
    const load = new AbortController();
    const loaded = runLoad({
      call: { url: new URL('/orders', platform.edge), key: platform.key },
      arrivals: arrivals({ seconds: 600, rate: () => RATE }),
      signal: load.signal,
    });
    try {
      await until(() => fleet.counts().running >= 2);
      await until(async () => (await averageMs(platform)) < TARGET_MS);
      expect(fleet.counts().running).toBeGreaterThanOrEqual(2);
    } finally {
      load.abort();
    }
    const { sent, succeeded } = await loaded;
    expect(succeeded).toBe(sent);
    const most = fleet.counts().desired;
    await until(() => fleet.counts().desired < most);
    await until(() => fleet.counts().running === 1);
    const steps = example.said.filter((message) => message.includes(' -> '));
    expect(steps[0]).toMatch(/^gh-(load|cpu|brake): 1 -> \d tasks/);
    expect(steps.at(-1)).toMatch(/: \d -> 1 tasks/);
  }, 400_000);
});
