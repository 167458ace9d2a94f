// Keys and the edge check through the running local platform: command line, real HTTP, real bundle.
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { startLocal, type LocalCommand } from '../local/testing/command';
import { runKeys } from './program';

let platform: LocalCommand;
let edge: URL;

beforeAll(async () => {
  platform = startLocal(['--json']);
  edge = new URL((await platform.ready()).edge);
});

afterAll(async () => {
  platform.child.kill('SIGTERM');
  await platform.ended;
});

/** Runs a command on this platform and reads its JSON. */
async function keys<T>(...args: string[]): Promise<T> {
  let [out, err] = ['', ''];
  const code = await runKeys([...args, '--local', '--port', edge.port, '--json'], {
    stdout: (text) => (out += text),
    deliver: (text) => Promise.resolve(void (out += text)),
    onStop: () => () => undefined,
    stderr: (text) => (err += text),
    ask: () => Promise.resolve(undefined),
    now: () => Date.now(),
  });
  expect([code, err]).toEqual([0, '']);
  return JSON.parse(out) as T;
}

/** Sends a request as it is: `fetch` would tidy its path, method and headers. */
async function send(
  path: string,
  headers: Record<string, string | string[]>,
  method = 'GET',
): Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }> {
  const sent = request({ host: edge.hostname, port: edge.port, path, headers, method });
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let body = '';
  for await (const chunk of response) {
    body += String(chunk);
  }
  return { status: response.statusCode ?? 0, headers: response.headers, body };
}

describe('a key on the local platform', () => {
  it('is issued, used in every form, counted, rotated and revoked', async () => {
    const started = Date.now();
    const args = ['issue', '--owner', 'ada@example.com', '--scope', 'users:read'];
    const { id, key } = await keys<{ id: string; key: string }>(...args);
    const basic = Buffer.from(`${id}:${key.slice(-49)}`).toString('base64');

    const allowed: Record<string, string>[] = [
      { 'x-api-key': key },
      { authorization: `Bearer ${key}` },
      { authorization: `Basic ${basic}` },
      { 'x-api-key': key, 'x-gatehouse-scopes': 'none', 'X-Gatehouse-Owner': 'root@example.com' },
    ];
    for (const headers of allowed) {
      expect((await send('/users', headers)).status).toBe(200);
    }

    const refused: [number, string, Record<string, string | string[]>, string?][] = [
      [401, '/users', {}],
      [401, `/users?api_key=${key}`, {}],
      [401, '/users', { 'x-api-key': `${key}x` }],
      [401, '/users', { authorization: `Basic ${basic}x` }],
      [400, '/users', { 'x-api-key': [key, key] }],
      [400, '/users', { 'x-api-key': key, authorization: `Bearer ${key}` }],
      [400, '/docs/../users', { 'x-api-key': key }],
      [400, '/docs/%2e%2e/users', { 'x-api-key': key }],
      [400, '/docs%EF%BC%8Fusers', { 'x-api-key': key }],
      [403, '/users', { 'x-api-key': key, 'x-gatehouse-scopes': 'users:write' }, 'POST'],
      [403, '/users', { 'x-api-key': key, 'x-http-method-override': 'GET' }, 'DELETE'],
    ];
    for (const [status, path, headers, method] of refused) {
      const answer = await send(path, headers, method);
      expect([path, answer.status]).toEqual([path, status]);
      expect(answer.headers['cache-control']).toBe('no-store');
      expect(answer.body).not.toContain(key.slice(-49));
    }

    type Counted = { count: number; errors: number; countedBy: string; lastUsedAt: string };
    let usage = await keys<Counted>('usage', id);
    // The service sends its counts every few seconds.
    while (usage.count < allowed.length) usage = await keys<Counted>('usage', id);
    expect(usage).toMatchObject({ count: allowed.length, errors: 0, countedBy: 'service' });
    // It is the start of an interval of up to a minute.
    expect(Date.parse(usage.lastUsedAt)).toBeGreaterThan(started - 60_000);

    const successor = await keys<{ id: string; key: string }>('rotate', id, '--overlap', '1h');
    expect((await send('/users', { 'x-api-key': key })).status).toBe(200);
    expect((await send('/users', { 'x-api-key': successor.key })).status).toBe(200);

    const third = await keys<{ id: string; key: string }>(...args);
    await keys('revoke', third.id, '--yes');
    const revoked = await send('/users', { 'x-api-key': third.key });
    const unknown = await send('/users', { 'x-api-key': key.replace(/.{6}$/, '000000') });
    expect([revoked.status, unknown.status]).toEqual([401, 401]);

    const list = await keys<{ id: string; status: string; lastUsedAt: string | null }[]>('list');
    const status = (wanted: string) => list.find((view) => view.id === wanted)?.status;
    expect([id, successor.id, third.id].map(status)).toEqual(['rotating', 'active', 'revoked']);
    expect(list.find((view) => view.id === third.id)?.lastUsedAt).toBeNull();
    const shown = await keys<{ audit: { action: string }[] }>('show', id);
    expect(shown.audit.map(({ action }) => action)).toEqual(['issue', 'rotate']);
  });

  it('is let in from the addresses that it is bound to, and from no other', async () => {
    const issue = (block: string) =>
      keys<{ key: string }>(
        ...['issue', '--owner', 'ada@example.com', '--scope', 'users:read', '--allow-cidr', block],
      );
    const here = await issue('127.0.0.0/8');
    const elsewhere = await issue('203.0.113.0/24');
    expect((await send('/users', { 'x-api-key': here.key })).status).toBe(200);
    const headers = { 'x-api-key': elsewhere.key, 'x-forwarded-for': '203.0.113.7' };
    const refused = await send('/users', headers);
    expect([refused.status, refused.body]).toEqual([
      403,
      expect.stringContaining('"code":"address_not_allowed"'),
    ]);
  });
});
