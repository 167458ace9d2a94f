// The transport against servers that misbehave, and what it leaves behind.
import { once } from 'node:events';
import type { ClientRequest, RequestListener, RequestOptions, Server } from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { holdTimeouts, until } from '../contracts/testing/time';
import { plainHttps } from './testing/plain-https';
import { withServer } from './testing/server';
import { createTransport, warmUp, type Https, type Post } from './transport';

const POST: Post = {
  host: 'dynamodb.eu-central-1.amazonaws.com',
  headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'GetItem' },
  body: '{"Key":"ü"}',
  timeoutMs: 60_000,
};
const LATE = 'no answer in 100 ms';

/** A transport whose every host is at this address. */
function setUp(url: string) {
  const send = createTransport(plainHttps(() => url));
  return (changes: Partial<Post> = {}) => send({ ...POST, ...changes });
}

/** Answers the first request properly and each further one by this. */
function second(listener: RequestListener): RequestListener {
  let requests = 0;
  return (request, response) => {
    requests += 1;
    if (requests === 1) {
      response.end('first');
    } else {
      listener(request, response);
    }
  };
}

const connections = (server: Server) => promisify(server.getConnections.bind(server))();

describe('createTransport', () => {
  afterEach(() => void jest.useRealTimers());

  it('posts the body with its headers and gives status and text', async () => {
    await withServer(
      (request, response) => {
        const parts: string[] = [];
        request.setEncoding('utf8').on('data', (part: string) => parts.push(part));
        request.on('end', () => {
          const { method, url, headers } = request;
          response.writeHead(418).end(JSON.stringify({ method, url, headers, body: parts.join() }));
        });
      },
      async (url) => {
        const { status, text } = await setUp(url)();
        expect(status).toBe(418);
        expect(JSON.parse(text)).toMatchObject({
          method: 'POST',
          url: '/',
          headers: { ...POST.headers, 'content-length': '12' },
          body: POST.body,
        });
      },
    );
  });

  it('keeps its connections', async () => {
    const sockets = new Set<Socket>();
    await withServer(
      ({ socket }, response) => {
        sockets.add(socket);
        response.end();
      },
      async (url) => {
        const send = setUp(url);
        for (let i = 0; i < 5; i++) {
          await send();
        }
        expect(sockets.size).toBe(1);
      },
    );
  });

  it('opens at most 50 connections, and has the rest wait', async () => {
    const sockets = new Set<Socket>();
    await withServer(
      ({ socket }, response) => {
        sockets.add(socket);
        setImmediate(() => response.end());
      },
      async (url) => {
        const send = setUp(url);
        await Promise.all(Array.from({ length: 120 }, () => send()));
        expect(sockets.size).toBe(50);
      },
    );
  });

  it('leaves no timer behind: a busy function would fill its memory with them', async () => {
    await withServer(
      (_, response) => response.end(),
      async (url) => {
        holdTimeouts();
        const send = setUp(url);
        for (let i = 0; i < 5; i++) {
          await send();
        }
        expect(jest.getTimerCount()).toBe(0);
      },
    );
  });

  it.each<[string, RequestListener, string]>([
    ['never comes', () => {}, LATE],
    ['never ends', (_, response) => response.write('{"Item":'), LATE],
    [
      'trickles in',
      (_, response) => {
        const drip = setInterval(() => response.write('.'), 20);
        response.on('close', () => clearInterval(drip));
      },
      LATE,
    ],
    ['breaks off before its headers', ({ socket }) => socket.destroy(), 'ECONNRESET'],
    ['is reset', ({ socket }) => socket.resetAndDestroy(), 'ECONNRESET'],
    [
      'breaks off in its body',
      (_, response) => {
        response.writeHead(200, { 'content-length': '100' }).write('{');
        setImmediate(() => response.destroy());
      },
      'ECONNRESET',
    ],
    [
      'is reset in its body',
      ({ socket }, response) => {
        response.write('{');
        setImmediate(() => socket.resetAndDestroy());
      },
      'ECONNRESET',
    ],
    [
      'is no HTTP',
      ({ socket }) => void socket.end('SSH-2.0-OpenSSH_9.9\r\n\r\n'),
      'HPE_INVALID_CONSTANT',
    ],
    [
      'is too large',
      (_, response) => {
        const flood = () => {
          while (!response.destroyed && response.write('x'.repeat(10_000)));
        };
        response.on('drain', flood);
        flood();
      },
      'an answer of over 65536 characters',
    ],
    [
      'changes the protocol',
      ({ socket }) =>
        void socket.write('HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
      LATE,
    ],
  ])(
    'fails, and ends the connection, when the answer %s; on a kept connection, too',
    async (_, listener, message) => {
      for (const kept of [false, true]) {
        await withServer(kept ? second(listener) : listener, async (url, server) => {
          const send = setUp(url);
          if (kept) {
            await send();
          }
          const changes = message === LATE ? { timeoutMs: 100 } : {};
          await expect(send(changes)).rejects.toThrow(new Error(message));
          await until(async () => (await connections(server)) === 0);
        });
      }
    },
  );

  it('asks again at once when a kept connection has died, however many have', async () => {
    const sockets: Socket[] = [];
    await withServer(
      (request, response) => {
        sockets.push(request.socket);
        response.end('alive');
      },
      async (url, server) => {
        const send = setUp(url);
        await Promise.all([send(), send(), send()]);
        // Ended in the moment of the next request, as by a host that forgot a frozen process.
        server.prependOnceListener('request', ({ socket }) => socket.resetAndDestroy());
        for (const socket of sockets.slice(1)) {
          socket.resetAndDestroy();
        }
        expect((await send()).text).toBe('alive');
      },
    );
  });

  it('counts an attempt on a dead connection towards the same deadline', async () => {
    const sockets: Socket[] = [];
    await withServer(
      ({ socket }, response) => {
        if (sockets.push(socket) === 1) {
          response.end();
        }
      },
      async (url) => {
        holdTimeouts();
        const send = setUp(url);
        await send();
        const sent = send({ timeoutMs: 100 });
        await until(() => sockets.length === 2);
        jest.advanceTimersByTime(60);
        sockets[1]?.destroy();
        await until(() => sockets.length === 3);
        expect(jest.getTimerCount()).toBe(1);
        jest.advanceTimersByTime(40);
        expect(jest.getTimerCount()).toBe(0);
        await expect(sent).rejects.toThrow(LATE);
      },
    );
  });

  it('fails when nobody listens, when the other end speaks no TLS', async () => {
    await expect(setUp('http://127.0.0.1:9/')()).rejects.toThrow(new Error('ECONNREFUSED'));
    await withServer(
      (_, response) => response.end('{}'),
      async (url) => {
        const { port } = new URL(url);
        const request = (options: object, onResponse: never) =>
          https.request({ ...options, host: '127.0.0.1', port }, onResponse);
        const real = { Agent: https.Agent, request } as unknown as Https;
        await expect(createTransport(real)(POST)).rejects.toThrow(/^E(PROTO|RR_SSL_)/);
      },
    );
  });

  it('never throws out of turn for a header that Node refuses', async () => {
    holdTimeouts();
    const send = setUp('http://127.0.0.1:9/');
    await expect(send({ headers: { 'x-amz-security-token': 'a\nb' } })).rejects.toThrow('header');
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe('warmUp', () => {
  it('goes as far as a name that is looked up nowhere, and fails in silence', async () => {
    const asked: ClientRequest[] = [];
    const request = (options: RequestOptions) => {
      const sent = https.request(options);
      asked.push(sent);
      return sent;
    };
    warmUp({ Agent: https.Agent, request } as unknown as Https);
    const [sent] = asked as [ClientRequest];
    const [error] = (await once(sent, 'error')) as [Error];
    expect(error.message).toBe('warm-up');
    expect(sent.socket).toBeInstanceOf(TLSSocket);
  });
});
