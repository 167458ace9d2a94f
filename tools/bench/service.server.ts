// The service as it is, for benchmarks: it tells its port and another, where its costs are asked.
import { serve } from '@hono/node-server';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { users } from '../../service/src/app';
import { createRuntime } from '../../service/src/kit/service';

/** What the process took since it was asked last. */
export interface Costs {
  /** Processor time of all threads, in microseconds. */
  readonly cpuMicroseconds: number;
  /** Largest heap, where BENCH_HEAP is `true`. */
  readonly peakBytes: number;
}

let peakBytes = 0;
// Looking at the heap takes time of its own.
if (process.env['BENCH_HEAP'] === 'true') {
  setInterval(() => {
    peakBytes = Math.max(peakBytes, process.memoryUsage().heapUsed);
  }, 5).unref();
}
let since = process.cpuUsage();

const { app } = createRuntime(users, process.env, () => undefined);
const costs = createServer((_request, response) => {
  const { user, system } = process.cpuUsage(since);
  since = process.cpuUsage();
  const answer: Costs = { cpuMicroseconds: user + system, peakBytes };
  peakBytes = 0;
  response.end(JSON.stringify(answer));
});
costs.listen(0, '127.0.0.1', () => {
  serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => {
    process.stdout.write(`${port} ${(costs.address() as AddressInfo).port}\n`);
  });
});
