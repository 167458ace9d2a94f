// Who is answered and with what: foreign pages, odd paths, and nothing that changes by being read.
import { request } from 'node:http';
import { closeAfterwards, closeAll } from '../local/testing/servers';
import { BadRequest, ConsoleServer } from './server';

afterEach(closeAll);

describe('ConsoleServer', () => {
  const JSON_TYPE = { 'content-type': 'application/json' };

  async function serve() {
    const done: [string, object][] = [];
    const server = closeAfterwards(
      new ConsoleServer({
        assets: Promise.resolve({ '/': { text: '<p>page</p>', type: 'text/html' } }),
        read: {
          '/api/about': (parameters) => ({ range: parameters.get('range') }),
          '/api/traces/*': (_parameters, name) => (name === 'a b' ? { name } : undefined),
        },
        act: {
          '/api/keys/*/revoke': (input, name) => {
            done.push([name, input]);
            if (name === 'none') throw new BadRequest('There is no key none.');
            return { id: name };
          },
        },
      }),
    );
    const port = await server.start(0);
    /** Sends a request target as it is: `fetch` would tidy it up. */
    const ask = (
      path: string,
      options: { headers?: Record<string, string>; method?: string; body?: string } = {},
    ): Promise<{ status: number | undefined; body: string }> =>
      new Promise((resolve, reject) => {
        const { headers = {}, method = 'GET', body = '' } = options;
        request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
          let text = '';
          response.on('data', (chunk: Buffer) => (text += chunk.toString()));
          response.on('end', () => resolve({ status: response.statusCode, body: text }));
        })
          .on('error', reject)
          .end(body);
      });
    return { ask, done, port };
  }

  it('serves the page, data, and data by name', async () => {
    const { ask } = await serve();
    expect(await ask('/')).toEqual({ status: 200, body: '<p>page</p>' });
    expect(await ask('/api/about?range=60')).toEqual({ status: 200, body: '{"range":"60"}' });
    expect((await ask('/api/traces/a%20b')).body).toBe('{"name":"a b"}');
  });

  it('answers 404 to what is no path of its own, and goes on', async () => {
    const { ask } = await serve();
    for (const path of [
      ...['//', '//evil.example/api/about', 'http://evil.example/', '/nothing', '/api/traces/'],
      ...['/api/traces/other', '/api/traces/a/b', '/__proto__', '/api/keys/x/revoke'],
    ]) {
      expect([path, (await ask(path)).status]).toEqual([path, 404]);
    }
    expect((await ask('/api/traces/%zz')).status).toBe(400);
    expect((await ask('/')).status).toBe(200);
  });

  it('answers 403 to a foreign host name and to a page of another origin', async () => {
    const { ask, port, done } = await serve();
    const own = `127.0.0.1:${port}`;
    const foreign: Record<string, string>[] = [
      { host: 'evil.example' },
      { host: `evil.example:${port}` },
      { host: own, origin: 'http://evil.example' },
      { host: own, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' },
    ];
    for (const headers of foreign) {
      for (const method of ['GET', 'POST']) {
        const options = { headers: { ...headers, ...JSON_TYPE }, method };
        expect((await ask('/api/keys/k/revoke', options)).status).toBe(403);
      }
    }
    expect(done).toEqual([]);
    const headers = { host: `localhost:${port}`, origin: `http://localhost:${port}` };
    expect((await ask('/api/about', { headers })).status).toBe(200);
  });

  it('changes by POST of JSON alone', async () => {
    const { ask, done } = await serve();
    const path = '/api/keys/k/revoke';
    expect((await ask(path)).status).toBe(404);
    expect((await ask(path, { method: 'DELETE' })).status).toBe(405);
    expect((await ask(path, { method: 'POST', body: '{}' })).status).toBe(415);
    const send = (body: string, to = path) => ask(to, { method: 'POST', headers: JSON_TYPE, body });
    expect(await send('[]')).toEqual({ status: 400, body: '{"error":"Expected a JSON object."}' });
    expect((await send('{')).status).toBe(400);
    expect((await send('{}', '/api/about')).status).toBe(404);
    expect(done).toEqual([]);
    expect(await send('{"a":1}')).toEqual({ status: 200, body: '{"id":"k"}' });
    expect(done).toEqual([['k', { a: 1 }]]);
  });

  it('says what was wrong with what was asked', async () => {
    const { ask } = await serve();
    expect(
      await ask('/api/keys/none/revoke', { method: 'POST', headers: JSON_TYPE, body: '{}' }),
    ).toEqual({ status: 400, body: '{"error":"There is no key none."}' });
  });
});
