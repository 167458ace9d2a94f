// The service as it is, for the export benchmark: it tells its port, and its memory when asked.
import { serve } from '@hono/node-server';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { users } from '../../service/src/app';
import { createRuntime } from '../../service/src/kit/service';

let peakBytes = 0;
setInterval(() => {
  peakBytes = Math.max(peakBytes, process.memoryUsage().heapUsed);
}, 5).unref();

const { fetch } = createRuntime(users, process.env, () => undefined);
const memory = createServer((_request, response) => {
  response.end(JSON.stringify({ peakBytes }));
  peakBytes = 0;
});
memory.listen(0, '127.0.0.1', () => {
  serve({ fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => {
    process.stdout.write(`${port} ${(memory.address() as AddressInfo).port}\n`);
  });
});
