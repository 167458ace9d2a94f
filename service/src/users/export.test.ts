// Export: every user once, at the reader's pace, and no scan after the reader has gone.
import { serve } from '@hono/node-server';
import { Context, Hono } from 'hono';
import { once } from 'node:events';
import http from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../../contracts/testing/time';
import { EXPORT_PLACES, exportLines } from './export';
import type { AppEnv } from '../kit/identity';
import { Logger } from '../kit/logger';
import { streamBody } from '../kit/streaming';
import type { User } from './items';
import type { UserIndex } from './user-index';
import { users } from '../app';
import { startService, type RunningService } from '../kit/container';
import { edgeHeaders, newUser, startHarness } from '../../testing/harness';
import type { Harness } from '../../testing/harness';

function user(id: string): User {
  return { id, name: 'A', email: `${id}@example.com`, createdAt: '', updatedAt: '', version: 1 };
}

/** A table of `pages` pages a segment, each of `size` users, that counts its scans. */
function fakeTable(pages: number, size: number) {
  const table = {
    scans: 0,
    aborted: 0,
    scan: async (options: Parameters<UserIndex['scan']>[0]) => {
      table.scans += 1;
      options.signal?.addEventListener('abort', () => (table.aborted += 1));
      await new Promise((resolve) => setImmediate(resolve));
      const page = Number(options.after?.id ?? 0);
      const users = Array.from({ length: size }, (_, at) =>
        user(`${options.segment?.index}-${page}-${at}`),
      );
      const next = page + 1 < pages ? { id: String(page + 1), email: '' } : undefined;
      return { users, next };
    },
  };
  return table;
}

/** The export of a table, as the route makes it. */
function exportStream(table: object, segments: number): ReadableStream<Uint8Array> {
  const abort = new AbortController();
  const c = new Context<AppEnv>(new Request('http://service/'));
  return streamBody(c, {
    pieces: exportLines(table as UserIndex, segments, abort.signal),
    onEnd: () => abort.abort(),
    logger: new Logger('error', () => undefined),
  });
}

/** Many more turns than a scan of {@link fakeTable} takes: what still comes would have come. */
const settled = async () => {
  for (let turn = 0; turn < 100; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

describe('exportLines', () => {
  let harness: Harness;
  beforeAll(async () => {
    // Forty users at once, on a machine that may be busy.
    harness = await startHarness({ REQUEST_TIMEOUT_SECONDS: '120' });
  });
  afterAll(() => harness.close());

  it('yields every user once, whatever the number of segments, and no helper item', async () => {
    const ids = await Promise.all(
      Array.from({ length: 40 }, async (_, at) => {
        const body = newUser({ email: `export${at}@example.com`, credentials: 'x' });
        const response = await harness.call('POST', '/users', body, {
          'idempotency-key': `export-${at}`,
        });
        return ((await response.json()) as { data: { id: string } }).data.id;
      }),
    );
    for (const segments of [1, 4, 32]) {
      const response = await harness.call('GET', `/users/export?segments=${segments}`);
      expect(response.headers.get('content-type')).toBe('application/x-ndjson');
      const lines = (await response.text()).trimEnd().split('\n');
      const users = lines.map((line) => JSON.parse(line) as { id: string; attributes: object });
      expect(users.map(({ id }) => id).sort()).toEqual([...ids].sort());
      expect(Object.keys(users[0]?.attributes ?? {})).toEqual([
        'name',
        'email',
        'createdAt',
        'updatedAt',
      ]);
    }
  });

  it.each(['0', '33', 'x', '-1', '1.5', ''])('refuses segments=%s', async (segments) => {
    expect((await harness.call('GET', `/users/export?segments=${segments}`)).status).toBe(400);
  });

  it('scans no further than one page a segment ahead of a slow reader', async () => {
    const table = fakeTable(100, 2);
    const reader = exportStream(table, 4).getReader();
    await settled();
    expect(table.scans).toBe(0);
    await reader.read();
    await settled();
    expect(table.scans).toBe(5);
    await reader.read();
    await settled();
    expect(table.scans).toBe(6);
    await reader.cancel();
  });

  it('stops and aborts the scans when the reader goes away', async () => {
    const table = fakeTable(100, 2);
    const reader = exportStream(table, 3).getReader();
    await reader.read();
    await reader.cancel();
    const { scans } = table;
    await settled();
    expect(table.scans).toBe(scans);
    expect(table.aborted).toBe(scans);
  });

  it('stops the scans when a client hangs up', async () => {
    const table = fakeTable(10_000, 500);
    const app = new Hono().get('/', () => new Response(exportStream(table, 2)));
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const [answer] = (await once(http.get({ port, agent: false }), 'response')) as [
      http.IncomingMessage,
    ];
    await once(answer, 'readable');
    // Nobody reads: what the sockets hold fills up, and the scans come to a stop.
    await until(async () => {
      const before = table.scans;
      await sleep(50);
      return table.scans === before;
    });
    answer.destroy();
    await until(() => table.aborted === table.scans);
    // Of 20,000 pages of 80 KB each.
    expect(table.scans).toBeLessThan(1000);
    server.close();
  });

  it('breaks off when a scan fails, so that a part never looks like the whole', async () => {
    const table = fakeTable(3, 1);
    const scan = table.scan;
    table.scan = (options) =>
      options.segment?.index === 1 && options.after !== undefined
        ? Promise.reject(new Error('lost'))
        : scan(options);
    await expect(new Response(exportStream(table, 2)).text()).rejects.toThrow('lost');
  });

  it('passes over empty pages', async () => {
    const table = fakeTable(3, 0);
    expect(await new Response(exportStream(table, 2)).text()).toBe('');
    expect(table.scans).toBe(6);
  });
});

describe('GET /users/export', () => {
  let harness: Harness;
  let service: RunningService;
  let scans = 0;
  const sockets: Socket[] = [];

  beforeAll(async () => {
    harness = await startHarness({ LOG_LEVEL: 'error' });
    for (let at = 0; at < 20; at += 1) {
      const body = newUser({ email: `reader${at}@example.com` });
      expect((await harness.call('POST', '/users', body)).status).toBe(201);
    }
    harness.aws.inject = (name) => {
      scans += name === 'DynamoDB.Scan' ? 1 : 0;
      return undefined;
    };
    service = await startService(users, harness.env, () => undefined);
  });
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    await service.stop();
    await harness.close();
  });

  /** Asks for an export, reads what the answer begins with, and nothing more. */
  async function ask(keyId: string): Promise<string> {
    const socket = connect(service.port, '127.0.0.1');
    sockets.push(socket);
    const headers = Object.entries({ ...edgeHeaders('users:read', keyId), host: 'x' });
    const head = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    socket.write(`GET /users/export?segments=1 HTTP/1.1\r\n${head}\r\n`);
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    socket.pause();
    return chunk.toString().split('\r\n\r\n')[0] as string;
  }

  /** Scans whose answer never comes, so that no export ends. */
  function holdScans(): () => void {
    let release = (): void => undefined;
    const held = new Promise<undefined>((resolve) => (release = () => resolve(undefined)));
    harness.aws.inject = (name) => {
      if (name !== 'DynamoDB.Scan') return undefined;
      scans += 1;
      return held;
    };
    return release;
  }

  it('has so many places for a key and in all, and answers 503 with Retry-After beyond', async () => {
    const release = holdScans();
    const heads: string[] = [];
    for (const keyId of Array.from({ length: 40 }, (_, at) => `key${at % 4}`)) {
      heads.push(await ask(keyId));
    }
    const taken = heads.flatMap((head, at) => (head.includes(' 200 ') ? [`key${at % 4}`] : []));
    expect(taken).toHaveLength(EXPORT_PLACES.total);
    for (const key of new Set(taken)) {
      expect(taken.filter((other) => other === key).length).toBeLessThanOrEqual(EXPORT_PLACES.each);
    }
    const refused = heads.filter((head) => head.includes(' 503 '));
    expect(refused).toHaveLength(40 - EXPORT_PLACES.total);
    for (const head of refused) expect(head).toMatch(/^retry-after: \d+$/im);
    expect(scans).toBeLessThanOrEqual(EXPORT_PLACES.total);
    expect((await fetch(`http://127.0.0.1:${service.port}/healthz`)).status).toBe(200);
    release();
  });

  it('gives the place back when the reader hangs up, and takes none for HEAD', async () => {
    for (const socket of sockets) socket.destroy();
    await until(async () => (await ask('another')).includes(' 200 '));
    for (let time = 0; time < 2 * EXPORT_PLACES.total; time += 1) {
      const answer = await fetch(`http://127.0.0.1:${service.port}/users/export`, {
        method: 'HEAD',
        headers: edgeHeaders('users:read', 'heads'),
      });
      expect([answer.status, answer.headers.get('content-type')]).toEqual([
        200,
        'application/x-ndjson',
      ]);
    }
  });
});
