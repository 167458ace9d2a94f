import { Agent, createServer, request as httpRequest } from 'node:http';
import { until } from '../../../contracts/testing/time';
import { answer, listen, shut } from '../http';
import { closeAfterwards, closeAll, echo, serve } from '../testing/servers';
import { LoadBalancer, matches } from './balancer';
import type { BalancerSample, LoadBalancerOptions } from './balancer';

afterEach(closeAll);

describe('LoadBalancer', () => {
  /** By default no check but that of the registration: a slow one would change what is counted. */
  async function balancer(
    samples: BalancerSample[] = [],
    options: Partial<LoadBalancerOptions> = {},
  ) {
    const created = closeAfterwards(
      new LoadBalancer({
        healthCheckPath: '/readyz',
        healthyStatus: '200',
        deregistrationDelaySeconds: 60,
        healthCheckIntervalMs: 600_000,
        onSample: (sample) => samples.push(sample),
        ...options,
      }),
    );
    return { created, url: `http://127.0.0.1:${await created.start()}` };
  }

  it('answers 503 without a target and 502 when the only one is gone', async () => {
    const samples: BalancerSample[] = [];
    const { created, url } = await balancer(samples);
    expect((await fetch(url)).status).toBe(503);
    const target = await serve(echo);
    await created.register(target.port);
    await target.close();
    expect((await fetch(url)).status).toBe(502);
    expect(samples.map(({ status }) => status)).toEqual([503, 502]);
  });

  it("counts a client that goes away as the client's own doing, and tells nobody", async () => {
    const samples: BalancerSample[] = [];
    const { created, url } = await balancer(samples);
    let come: () => void = () => undefined;
    const arrived = new Promise<void>((resolve) => (come = resolve));
    const target = await serve((request) => request.url !== '/readyz' && come());
    void created.register(target.port);
    const sent = httpRequest(url).on('error', () => undefined);
    sent.end();
    await arrived;
    sent.destroy();
    await until(() => samples.length > 0);
    expect(samples.map(({ status }) => status)).toEqual([460]);
  });

  // Node.js frames no body of these methods by itself.
  it.each(['GET', 'DELETE', 'OPTIONS'])(
    'passes the body of a %s on as one, and nothing in it becomes a request',
    async (method) => {
      const { created, url } = await balancer();
      const seen: string[] = [];
      const target = await serve((request, response) => {
        if (request.url === '/readyz') return answer(response, 200, {});
        let body = '';
        request.on('data', (chunk: Buffer) => (body += chunk.toString()));
        request.on('end', () => {
          seen.push(`${request.method} ${request.url} ${body.length}`);
          answer(response, 200, {});
        });
      });
      await created.register(target.port);
      const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n';
      await new Promise((resolve, reject) => {
        const sent = httpRequest(
          `${url}/first`,
          { method, headers: { 'transfer-encoding': 'chunked' } },
          (response) => response.resume().on('end', resolve),
        ).on('error', reject);
        sent.end(smuggled);
      });
      await fetch(`${url}/second`);
      expect(seen).toEqual([`${method} /first ${smuggled.length}`, 'GET /second 0']);
    },
  );

  it('passes on headers up to the quota of a load balancer', async () => {
    const { created, url } = await balancer();
    const target = createServer({ maxHeaderSize: 65_536 }, echo);
    const port = await listen(target, 0);
    closeAfterwards({ close: () => shut(target) });
    await created.register(port);
    const response = await fetch(url, { headers: { 'x-long': 'a'.repeat(20_000) } });
    expect(response.status).toBe(200);
  });

  it('shares requests between healthy targets and measures their response time', async () => {
    const samples: BalancerSample[] = [];
    const { created, url } = await balancer(samples);
    const hits = [0, 0, 0];
    for (const index of [0, 1, 2]) {
      const { port } = await serve((request, response) => {
        if (request.url === '/readyz') return answer(response, index === 2 ? 503 : 200, {});
        hits[index] = (hits[index] ?? 0) + 1;
        answer(response, 200, {});
      });
      expect(await created.register(port)).toBe(index !== 2);
    }
    for (let count = 0; count < 10; count += 1) await fetch(url);
    expect(hits).toEqual([5, 5, 0]);
    expect(samples).toHaveLength(10);
    expect(samples.every((sample) => (sample.targetResponseTimeSeconds ?? 0) > 0)).toBe(true);
  });

  it.each([
    [5, [38, 2]],
    [2.5, [39, 1]],
    [97.5, [1, 39]],
    [100, [0, 40]],
  ])('sends the other group %d %% of the requests, never more', async (percent, expected) => {
    const { created, url } = await balancer();
    const hits: [number, number] = [0, 0];
    for (const group of [0, 1] as const) {
      const { port } = await serve((request, response) => {
        if (request.url !== '/readyz') hits[group] += 1;
        answer(response, 200, {});
      });
      await created.register(port, group);
    }
    created.shift(1, percent);
    for (let count = 0; count < 40; count += 1) await fetch(url);
    expect(hits).toEqual(expected);
    expect(created.requests()).toEqual(expected);
  });

  it('serves the next request of a connection whose last body was refused unread', async () => {
    const { created, url } = await balancer();
    const refusing = await serve((request, response) => {
      if (request.method === 'GET') return answer(response, 200, {});
      answer(response, 413, {});
    });
    await created.register(refusing.port);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const send = (method: string, body: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        const request = httpRequest(url, { method, agent, timeout: 90_000 }, (response) => {
          response.resume().on('end', () => resolve(response.statusCode));
        });
        request.on('error', reject).on('timeout', () => request.destroy(new Error('hangs')));
        request.end(body);
      });
    const statuses = [];
    for (let round = 0; round < 3; round += 1) {
      statuses.push(await send('POST', 'a'.repeat(2_000_000)), await send('GET', ''));
    }
    expect(statuses).toEqual([413, 200, 413, 200, 413, 200]);
    agent.destroy();
  });

  it('notices that a target has become healthy', async () => {
    const { created } = await balancer([], { healthCheckIntervalMs: 50 });
    let status = 503;
    const { port } = await serve((_request, response) => answer(response, status, {}));
    expect(await created.register(port)).toBe(false);
    status = 200;
    await until(() => created.status()[0]?.healthy === true);
  });

  it('drains: what is in flight ends, what is new goes elsewhere', async () => {
    const { created, url } = await balancer();
    let release: (() => void) | undefined;
    const slow = await serve((request, response) => {
      if (request.url === '/readyz') return answer(response, 200, {});
      release = () => answer(response, 200, { from: 'slow' });
    });
    await created.register(slow.port);
    const pending = fetch(url);
    await until(() => release !== undefined);
    const other = await serve((_request, response) => answer(response, 200, {}));
    await created.register(other.port);
    const drained = created.deregister(slow.port);
    expect((await fetch(url)).status).toBe(200);
    release?.();
    expect(await (await pending).json()).toEqual({ from: 'slow' });
    await drained;
    expect(created.status()).toHaveLength(1);
  });
});

describe('matches', () => {
  it.each([
    ['200', 200, true],
    ['200', 204, false],
    ['200,204', 204, true],
    ['200-299', 250, true],
    ['200-299', 300, false],
  ])('%s takes %i: %s', (matcher, status, expected) => {
    expect(matches(matcher, status)).toBe(expected);
  });
});
