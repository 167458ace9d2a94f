import { Agent, createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { request as httpRequest } from 'node:http';
import { until } from '../../contracts/testing/time';
import { CloudFront } from './cloudfront';
import type { CloudFrontOptions } from './cloudfront';
import { answer, listen, readBody, shut } from './http';
import { LoadBalancer, matches } from './load-balancer';
import type { BalancerSample } from './load-balancer';
import { RateLimiter } from './rate-limit';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const station of opened.splice(0).reverse()) await station.close();
});

async function origin(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<number> {
  const server: Server = createServer(handler);
  opened.push({ close: () => shut(server) });
  return listen(server, 0);
}

const echo = (request: IncomingMessage, response: ServerResponse): void => {
  void readBody(request, 1_000_000).then((body) =>
    answer(response, 200, {
      method: request.method,
      url: request.url,
      headers: request.headers,
      body: body.toString(),
    }),
  );
};

describe('LoadBalancer', () => {
  /** By default no check but that of the registration: a slow one would change what is counted. */
  async function balancer(samples: BalancerSample[] = [], healthCheckIntervalMs = 600_000) {
    const created = new LoadBalancer({
      healthCheckPath: '/readyz',
      healthyStatus: '200',
      deregistrationDelaySeconds: 60,
      healthCheckIntervalMs,
      onSample: (sample) => samples.push(sample),
    });
    opened.push(created);
    return { created, url: `http://127.0.0.1:${await created.start()}` };
  }

  it('answers 503 without a target and 502 when the only one is gone', async () => {
    const samples: BalancerSample[] = [];
    const { created, url } = await balancer(samples);
    expect((await fetch(url)).status).toBe(503);
    const port = await origin(echo);
    await created.register(port);
    await opened.pop()?.close();
    expect((await fetch(url)).status).toBe(502);
    expect(samples).toEqual([{ status: 503 }, { status: 502 }]);
  });

  it('shares requests between healthy targets and measures their response time', async () => {
    const samples: BalancerSample[] = [];
    const { created, url } = await balancer(samples);
    const hits = [0, 0, 0];
    for (const index of [0, 1, 2]) {
      const port = await origin((request, response) => {
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

  it('serves the next request of a connection whose last body was refused unread', async () => {
    const { created, url } = await balancer();
    const refusing = await origin((request, response) => {
      if (request.method === 'GET') return answer(response, 200, {});
      answer(response, 413, {});
    });
    await created.register(refusing);
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
    const { created } = await balancer([], 50);
    let status = 503;
    const port = await origin((_request, response) => answer(response, status, {}));
    expect(await created.register(port)).toBe(false);
    status = 200;
    await until(() => created.status()[0]?.healthy === true);
  });

  it('drains: what is in flight ends, what is new goes elsewhere', async () => {
    const { created, url } = await balancer();
    let release: (() => void) | undefined;
    const slow = await origin((request, response) => {
      if (request.url === '/readyz') return answer(response, 200, {});
      release = () => answer(response, 200, { from: 'slow' });
    });
    await created.register(slow);
    const pending = fetch(url);
    await until(() => release !== undefined);
    await created.register(await origin((_request, response) => answer(response, 200, {})));
    const drained = created.deregister(slow);
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

describe('CloudFront', () => {
  async function distribution(options: Partial<CloudFrontOptions>): Promise<string> {
    const created = new CloudFront({
      handler: ({ Records }) => Promise.resolve(Records[0]!.cf.request),
      limiters: [],
      originHeaders: { 'x-gatehouse-origin-secret': 'the secret' },
      responseHeaders: [],
      originPort: await origin(echo),
      ...options,
    });
    opened.push(created);
    return `http://127.0.0.1:${await created.start(0)}`;
  }

  it('passes body, path and query on, and replaces a client copy of the origin secret', async () => {
    const url = await distribution({});
    const response = await fetch(`${url}/users?page%5Bsize%5D=2`, {
      method: 'POST',
      headers: { 'x-gatehouse-origin-secret': 'forged' },
      body: 'hello',
    });
    const seen = (await response.json()) as Record<string, unknown>;
    expect(seen).toMatchObject({ method: 'POST', url: '/users?page%5Bsize%5D=2', body: 'hello' });
    expect(seen.headers).toMatchObject({ 'x-gatehouse-origin-secret': 'the secret' });
  });

  it('answers for the function without calling the origin', async () => {
    const url = await distribution({
      originPort: 1,
      handler: () =>
        Promise.resolve({
          status: '401',
          headers: { 'www-authenticate': [{ key: 'WWW-Authenticate', value: 'ApiKey' }] },
          body: '{"errors":[]}',
        }),
      responseHeaders: [{ name: 'x-frame-options', value: 'DENY', override: true }],
    });
    const response = await fetch(url);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('ApiKey');
    expect(response.headers.get('x-frame-options')).toBe('DENY');
  });

  it('lets the origin keep a header that the policy does not override', async () => {
    const url = await distribution({
      originPort: await origin((_request, response) => {
        response.setHeader('cache-control', 'private');
        response.setHeader('x-frame-options', 'SAMEORIGIN');
        answer(response, 200, {});
      }),
      responseHeaders: [
        { name: 'cache-control', value: 'no-store', override: false },
        { name: 'x-frame-options', value: 'DENY', override: true },
      ],
    });
    const { headers } = await fetch(url);
    expect(headers.get('cache-control')).toBe('private');
    expect(headers.get('x-frame-options')).toBe('DENY');
  });

  it.each([
    ['throws', () => Promise.reject(new Error('no'))],
    ['returns nothing', () => Promise.resolve(undefined)],
    [
      'sets a header that AWS forbids',
      ({ Records }) => {
        const { request } = Records[0]!.cf;
        request.headers['x-edge-made-up'] = [{ value: '1' }];
        return Promise.resolve(request);
      },
    ],
    [
      'changes a header that is read-only',
      ({ Records }) => {
        const { request } = Records[0]!.cf;
        request.headers.host = [{ value: 'elsewhere' }];
        return Promise.resolve(request);
      },
    ],
  ] as [string, CloudFrontOptions['handler']][])(
    'answers 502 when the function %s',
    async (_what, handler) => {
      expect((await fetch(await distribution({ handler }))).status).toBe(502);
    },
  );

  it('blocks with 403 what is over a rate limit', async () => {
    const blocked: string[] = [];
    const url = await distribution({
      limiters: [new RateLimiter({ name: 'by-ip', limit: 2, windowSeconds: 60 })],
      onBlocked: (rule) => blocked.push(rule),
    });
    const statuses = [];
    for (let count = 0; count < 3; count += 1) statuses.push((await fetch(url)).status);
    expect(statuses).toEqual([200, 200, 403]);
    expect(blocked).toEqual(['by-ip']);
  });

  it('refuses a URL longer than CloudFront takes', async () => {
    const url = await distribution({});
    expect((await fetch(`${url}/${'a'.repeat(8200)}`)).status).toBe(414);
  });

  it('shows the function every copy of a repeated header', async () => {
    let copies = 0;
    const url = await distribution({
      handler: ({ Records }) => {
        const { request } = Records[0]!.cf;
        copies = request.headers['x-api-key']?.length ?? 0;
        return Promise.resolve(request);
      },
    });
    await new Promise((resolve, reject) => {
      httpRequest(url, { headers: { 'x-api-key': ['a', 'b'] } }, (response) => {
        response.resume().on('end', resolve);
      })
        .on('error', reject)
        .end();
    });
    expect(copies).toBe(2);
  });
});
