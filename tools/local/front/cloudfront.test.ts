import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { until } from '../../../contracts/testing/time';
import type { MetricStore } from '../../cloudwatch/metric-store';
import { answer } from '../http';
import { closeAfterwards, closeAll, echo, serve } from '../testing/servers';
import { testGround } from '../testing/ground';
import { CloudFront } from './cloudfront';
import type { CloudFrontOptions } from './cloudfront';
import * as waf from './waf';

afterEach(closeAll);

describe('CloudFront', () => {
  async function distribution(options: Partial<CloudFrontOptions>): Promise<string> {
    const created = closeAfterwards(
      new CloudFront({
        handler: ({ Records }) => Promise.resolve(Records[0]!.cf.request),
        waf: { judge: () => undefined },
        distributionId: 'E1',
        originHeaders: { 'x-gatehouse-origin-secret': 'the secret' },
        responseHeaders: { headers: [], cors: undefined },
        originPort: options.originPort ?? (await serve(echo)).port,
        ...options,
      }),
    );
    return `http://127.0.0.1:${await created.start(0)}`;
  }

  it('passes body, path and query on, and replaces a client copy of the origin secret', async () => {
    const url = await distribution({});
    const response = await fetch(`${url}/things?page%5Bsize%5D=2`, {
      method: 'POST',
      headers: { 'x-gatehouse-origin-secret': 'forged' },
      body: 'hello',
    });
    const seen = (await response.json()) as Record<string, unknown>;
    expect(seen).toMatchObject({ method: 'POST', url: '/things?page%5Bsize%5D=2', body: 'hello' });
    expect(seen.headers).toMatchObject({
      'x-gatehouse-origin-secret': 'the secret',
      'x-amz-cf-id': response.headers.get('x-amz-cf-id'),
    });
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
      responseHeaders: {
        headers: [{ name: 'x-frame-options', value: 'DENY', override: true }],
        cors: undefined,
      },
    });
    const response = await fetch(url);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('ApiKey');
    expect(response.headers.get('x-frame-options')).toBe('DENY');
  });

  it('lets the origin keep a header that the policy does not override', async () => {
    const { port } = await serve((_request, response) => {
      response.setHeader('cache-control', 'private');
      response.setHeader('x-frame-options', 'SAMEORIGIN');
      answer(response, 200, {});
    });
    const url = await distribution({
      originPort: port,
      responseHeaders: {
        headers: [
          { name: 'cache-control', value: 'no-store', override: false },
          { name: 'x-frame-options', value: 'DENY', override: true },
        ],
        cors: undefined,
      },
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

  it('answers as the web ACL says to what is over a rate limit, and counts it', async () => {
    const ground = testGround('');
    const block = {
      ...{ status: 429, contentType: 'application/json', body: '{"errors":[]}' },
      headers: { 'retry-after': '300' },
    };
    const url = await distribution({
      waf: waf.start(
        { metricName: 'acl', rules: [{ name: 'by-ip', limit: 2, windowSeconds: 60, block }] },
        ground,
      ),
    });
    const statuses = [];
    for (let count = 0; count < 2; count += 1) statuses.push((await fetch(url)).status);
    expect(statuses).toEqual([200, 200]);
    const blocked = await fetch(url);
    expect(blocked.status).toBe(429);
    expect(blocked.headers.get('retry-after')).toBe('300');
    expect(await blocked.json()).toEqual({ errors: [] });
    expect(counted(ground.metrics)).toEqual([
      ['AllowedRequests', 'ALL', 2],
      ['BlockedRequests', 'ALL', 1],
      ['BlockedRequests', 'by-ip', 1],
    ]);
  });

  it('refuses a URL longer than CloudFront takes', async () => {
    const url = await distribution({});
    expect((await fetch(`${url}/${'a'.repeat(8200)}`)).status).toBe(414);
  });

  it.each([
    ['a GET with a length', 403, 'GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na'],
    [
      'a GET with chunks',
      403,
      'GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n',
    ],
    ['two hosts', 400, 'GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n'],
  ])('refuses %s as CloudFront does', async (_what, status, text) => {
    const { port } = new URL(await distribution({}));
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(text);
    const [first] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    expect(first.toString()).toContain(`HTTP/1.1 ${status} `);
  });

  it('logs a client that goes away as neither success nor failure', async () => {
    const lines: number[] = [];
    let come: () => void = () => undefined;
    const arrived = new Promise<void>((resolve) => (come = resolve));
    const origin = await serve(() => come());
    const url = await distribution({
      originPort: origin.port,
      onRequest: ({ status }) => lines.push(status),
    });
    const sent = httpRequest(url).on('error', () => undefined);
    sent.end();
    await arrived;
    sent.destroy();
    await until(() => lines.length > 0);
    expect(lines).toEqual([0]);
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

function counted(metrics: MetricStore): unknown[] {
  return metrics
    .query({ namespace: 'AWS/WAFV2', dimensions: { WebACL: 'acl' } })
    .map(({ name, dimensions, points }) => [
      name,
      dimensions.Rule,
      points.reduce((sum, point) => sum + point.sum, 0),
    ])
    .sort();
}
