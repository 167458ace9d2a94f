import { request } from 'node:http';
import { closeAll } from './testing/servers';
import { testGround } from './testing/ground';
import * as console from './console';

afterEach(closeAll);

describe('Console', () => {
  /** Sends a request target as it is: `fetch` would tidy it up. */
  async function ask(path: string, headers: Record<string, string> = {}, method = 'GET') {
    const about = {
      ...{ stack: 'dev', region: 'r', edge: 'e', aws: 'a', keysTable: 'k', tables: {} },
      rateRules: [],
    };
    const parts = { about, otlp: {}, balancer: {}, fleet: { tasks: () => [] } };
    url ??= await console.start(
      parts as unknown as Parameters<typeof console.start>[0],
      0,
      testGround(''),
    );
    const { port } = new URL(url);
    return new Promise<number | undefined>((resolve, reject) => {
      request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode));
      })
        .on('error', reject)
        .end();
    });
  }
  let url: string | undefined;
  afterEach(() => {
    url = undefined;
  });

  it('answers 404 to what is no path of its own, and goes on', async () => {
    for (const path of ['//', '//evil.example/api/platform', 'http://evil.example/', '/nothing']) {
      expect([path, await ask(path)]).toEqual([path, 404]);
    }
    expect(await ask('/api/platform')).toBe(200);
    expect(await ask('/')).toBe(200);
  });

  it('goes on when an answer fails', async () => {
    expect(await ask('/api/traces')).toBe(500);
    expect(await ask('/api/platform')).toBe(200);
  });

  it('answers to this machine alone, and to no page of another origin', async () => {
    const host = { host: 'localhost:8081' };
    expect(await ask('/api/platform', host)).toBe(200);
    expect(await ask('/api/platform', { ...host, origin: 'http://localhost:8081' })).toBe(200);
    expect(
      await ask('/', { ...host, 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }),
    ).toBe(200);
    for (const headers of [
      { host: 'evil.example' },
      { host: 'localhost.evil.example:8081' },
      { ...host, origin: 'https://evil.example' },
      { ...host, origin: 'http://localhost:3000' },
      { ...host, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
    ]) {
      expect([headers, await ask('/api/platform', headers)]).toEqual([headers, 403]);
    }
  });

  it('is only read', async () => {
    expect(await ask('/api/platform', {}, 'POST')).toBe(405);
  });
});
