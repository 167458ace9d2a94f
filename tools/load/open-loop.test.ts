import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { runLoad, tryOnce } from './open-loop';
import { arrivals, shapeOf } from './shape';

let server: Server;
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function serve(listener: RequestListener): Promise<URL> {
  server = createServer(listener);
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/users`);
}

describe('runLoad', () => {
  it('sends on while a server stalls, and counts the whole wait of each', async () => {
    let come = 0;
    const held: (() => void)[] = [];
    const url = await serve((_request, response) => {
      come += 1;
      held.push(() => response.end());
      // Nobody is answered before the last has come: a closed loop would wait for ever.
      if (come === 100) held.forEach((answer) => answer());
    });
    const options = { call: { url }, arrivals: arrivals(shapeOf('constant', 100, 1)) };
    const { sent, succeeded, latency } = await runLoad({ ...options, timeoutMs: 90_000 });
    expect([sent, succeeded, latency.count]).toEqual([100, 100, 100]);
    // The first was due a second before the last.
    expect(latency.max).toBeGreaterThan(900_000);
    expect(latency.percentile(50)).toBeGreaterThan(400_000);
  });

  it('counts failures by status, and their latency not at all', async () => {
    let come = 0;
    const url = await serve((_request, response) => {
      come += 1;
      response.statusCode = [200, 429, 503][come % 3] ?? 500;
      response.end('text');
    });
    const { succeeded, failures, latency } = await runLoad({
      ...{ call: { url }, arrivals: arrivals(shapeOf('constant', 30, 1)) },
    });
    expect([succeeded, failures, latency.count]).toEqual([10, { '429': 10, '503': 10 }, 10]);
  });

  it('counts what is never answered as a timeout, with its time', async () => {
    const url = await serve(() => undefined);
    const { failures, latency } = await runLoad({
      ...{ call: { url }, arrivals: [0, 0], timeoutMs: 50 },
    });
    expect([failures, latency.count]).toEqual([{ timeout: 2 }, 2]);
    expect(latency.min).toBeGreaterThanOrEqual(49_000);
  });

  it('counts a connection that breaks by its error', async () => {
    const url = await serve((request) => request.socket.destroy());
    const { failures } = await runLoad({ call: { url }, arrivals: [0] });
    expect(failures).toEqual({ ECONNRESET: 1 });
  });

  it('stops when told to', async () => {
    const stop = new AbortController();
    const url = await serve((_request, response) => {
      response.end();
      stop.abort();
    });
    const { sent } = await runLoad({ call: { url }, arrivals: [0, 3600], signal: stop.signal });
    expect(sent).toBe(1);
  });
});

describe('tryOnce', () => {
  it('answers the status, and says who does not answer', async () => {
    const url = await serve((request, response) => {
      response.statusCode = request.headers['x-api-key'] === 'good' ? 200 : 401;
      response.end();
    });
    expect([await tryOnce({ url, key: 'good' }), await tryOnce({ url })]).toEqual([200, 401]);
    server.close();
    server.closeAllConnections();
    await expect(tryOnce({ url })).rejects.toThrow(`${url.origin} does not answer (ECONNREFUSED)`);
  });
});
