import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { captured } from '../testing/captured';
import { main } from './main';
import { listPath } from './target';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(listener: RequestListener): Promise<string> {
  const started = createServer(listener);
  server = started;
  await new Promise<void>((ready) => started.listen(0, '127.0.0.1', ready));
  return `http://127.0.0.1:${(started.address() as AddressInfo).port}`;
}

const run = (...argv: string[]) => captured(main, argv);

const KEYED: RequestListener = (request, response) => {
  response.statusCode = request.headers['x-api-key'] === 'good' ? 200 : 401;
  if (request.url !== '/users' && response.statusCode === 200) response.statusCode = 404;
  response.end();
};

describe('npm run load', () => {
  it('measures the first list of the API and prints one document', async () => {
    const url = await serve(KEYED);
    const args = ['--url', url, '--key', 'good', '--rate', '20', '--seconds', '1', '--json'];
    const { code, out } = await run(...args);
    const document = JSON.parse(out) as { latencyMs: Record<string, number> };
    expect([code, document]).toMatchObject([
      0,
      { url: `${url}/users`, requests: 20, succeeded: 20, failed: 0, failures: {} },
    ]);
    expect(Object.keys(document.latencyMs)).toEqual([
      ...['mean', 'p50', 'p90', 'p95', 'p99', 'p999', 'max'],
    ]);
  });

  it('names each failure in its table, and fails when nothing succeeds', async () => {
    let come = 0;
    const url = await serve((_request, response) => {
      come += 1;
      response.statusCode = come === 1 ? 200 : 503;
      response.end();
    });
    const { code, out } = await run('--url', url, '--rate', '10', '--seconds', '1');
    expect(code).toBe(1);
    expect(out).toMatch(/failed: 503 +10\n/);
    expect(out).toMatch(/p99 +nothing to measure/);
  });

  it('says before it starts when the rate limit will stop it', async () => {
    let come = 0;
    const url = await serve((_request, response) => {
      come += 1;
      response.statusCode = come === 1 ? 200 : 429;
      response.end();
      // What it warned of need not be sent.
      if (come === 2) process.emit('SIGINT');
    });
    const { err } = await run('--url', url, '--rate', '5000', '--seconds', '60');
    expect(err).toMatch(/^Rate limit: .* 30000 requests in 60 s .* after 6 s/);
  });

  it.each([
    [['--key', 'bad'], 'answers 401 before any load: the key is missing, wrong'],
    [['--key', 'good', '--path', '/nowhere'], 'GET /nowhere at'],
  ])('refuses %j before any load', async (args, message) => {
    const { code, out, err } = await run('--url', await serve(KEYED), ...args);
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain(message);
  });

  it.each([
    [['--rate', '5001'], 'Expected a number from 0.01 to 5000'],
    [['--seconds', '3601'], 'Expected a whole number from 1 to 3600'],
    [['--url', 'ftp://a.example'], 'Expected an address'],
    [['--url', 'http://127.0.0.1', '--key', 'a\nb'], 'Expected an API key'],
    [['--path', 'users'], 'Expected a path'],
    [['--key', 'good'], '--key goes with --url'],
    [['--shape', 'ramp', '--trace', 'a.csv'], 'cannot be used with'],
    [['--url', 'http://127.0.0.1', '--port', '80'], 'cannot be used with'],
  ])('refuses the usage %j', async (args, message) => {
    const { code, err } = await run(...args);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });

  it('says which trace cannot be read', async () => {
    const { code, err } = await run('--trace', '/nowhere/a.csv');
    expect(code).toBe(1);
    expect(err).toContain('--trace /nowhere/a.csv cannot be read');
  });
});

describe('listPath', () => {
  it('takes a list before one thing, and a scope before none', () => {
    const methods = ['GET'] as const;
    expect([
      listPath([
        { methods, path: '/docs', access: 'any-key' },
        { methods, path: '/orders/*', scope: 'a' },
        { methods, path: '/orders/**', scope: 'a' },
      ]),
      listPath([{ methods, path: '/orders/*', scope: 'a' }]),
      listPath([{ methods, path: '/docs', access: 'any-key' }]),
      listPath([]),
    ]).toEqual(['/orders', '/orders/1', '/docs', '/']);
  });
});
