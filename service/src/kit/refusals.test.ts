// What never becomes a request, on a real server: an error document with a request id all the same.
import { createServer } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { until } from '../../../contracts/testing/time';
import { edgeHeaders, startHarness } from '../../testing/harness';
import type { Harness } from '../../testing/harness';
import { sendRaw } from '../../testing/raw';
import { users } from '../app';
import { startService, type RunningService } from './container';
import { Logger } from './logger';
import { answerAdapterError, refuseUnreadable } from './refusals';

describe('a running service', () => {
  let harness: Harness;
  let service: RunningService;
  const lines: string[] = [];
  beforeAll(async () => {
    harness = await startHarness();
    const env = { ...harness.env, REQUEST_TIMEOUT_SECONDS: '1' };
    service = await startService(users, env, (text) => void lines.push(text));
  });
  beforeEach(async () => {
    await logged();
    lines.length = 0;
  });
  afterAll(async () => {
    await service.stop();
    await harness.close();
  });

  const edge = Object.entries(edgeHeaders())
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
  const POST = `POST /users HTTP/1.1\r\nHost: x\r\n${edge}Content-Type: application/vnd.api+json\r\n`;
  const logged = async () => {
    // Lines are written once a turn.
    await new Promise((resolve) => setImmediate(resolve));
    const all = lines.join('').split('\n').filter(Boolean);
    return all.map((line) => JSON.parse(line) as Record<string, unknown>);
  };

  it.each([
    [431, 'headers_too_large', `GET / HTTP/1.1\r\nHost: x\r\nA: ${'a'.repeat(29_000)}\r\n\r\n`],
    [400, 'invalid_request', 'nonsense\r\n\r\n'],
    [400, 'invalid_request', 'GET /users HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n'],
    [400, 'invalid_request', 'GET /users HTTP/1.1\r\nConnection: close\r\n\r\n'],
    [400, 'invalid_request', 'GET \\users HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
  ])('answers %i %s as an error document', async (status, code, text) => {
    const answer = await sendRaw(service.port, text);
    const id = answer.headers['x-request-id'];
    expect([answer.status, answer.headers['content-type']]).toEqual([
      status,
      'application/vnd.api+json',
    ]);
    expect(JSON.parse(answer.body)).toMatchObject({
      errors: [{ id, code, status: String(status) }],
    });
    expect(await logged()).toMatchObject([{ level: 'info', message: 'no request', requestId: id }]);
  });

  it('answers a request that expects what nobody knows as any other', async () => {
    const text = `GET /openapi.json HTTP/1.1\r\nHost: x\r\n${edge}Expect: miracles\r\nConnection: close\r\n\r\n`;
    const answer = await sendRaw(service.port, text);
    expect([answer.status, answer.headers['x-request-id']]).toEqual([
      200,
      expect.stringMatching(/^[\w-]{36}$/),
    ]);
  });

  it('answers 408 to a body that does not come, and counts it as nobody else’s failure', async () => {
    for (const framing of ['Content-Length: 100', 'Transfer-Encoding: chunked']) {
      lines.length = 0;
      const answer = await sendRaw(service.port, `${POST}${framing}\r\n\r\n`);
      expect([answer.status, answer.headers['connection']]).toEqual([408, 'close']);
      expect(JSON.parse(answer.body)).toMatchObject({ errors: [{ code: 'receive_timeout' }] });
      expect(await logged()).toMatchObject([{ level: 'info', message: 'request', status: 408 }]);
    }
  });

  it('answers 400 to a body that ends early', async () => {
    const text = `${POST}Content-Length: 100\r\n\r\n{"data"`;
    expect((await sendRaw(service.port, text, { end: true })).status).toBe(400);
    const socket = connect(service.port, '127.0.0.1');
    socket.write(text);
    await new Promise((resolve) => socket.once('connect', resolve));
    socket.resetAndDestroy();
    const requests = async () => (await logged()).filter(({ message }) => message === 'request');
    await until(async () => (await requests()).length === 2);
    expect(await requests()).toMatchObject([{ status: 400 }, { status: 400 }]);
    expect((await logged()).map(({ level }) => level)).not.toContain('error');
  });
});

describe('refuseUnreadable', () => {
  it('never adds to an answer that is under way, nor to a connection that is gone', async () => {
    const lines: string[] = [];
    const logger = new Logger('info', (text) => void lines.push(text));
    const server = createServer((_request, response) => response.write('part'));
    refuseUnreadable(server, { format: 'problem', logger });
    server.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1');
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n');
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString();
      socket.write('no chunk\r\n');
    });
    socket.on('error', () => undefined);
    await new Promise((resolve) => socket.once('close', resolve));
    expect(text).toMatch(/^HTTP\/1.1 200/);
    expect(text).not.toContain('400');
    const gone = connect(port, '127.0.0.1');
    await new Promise((resolve) => gone.once('connect', resolve));
    server.emit('clientError', Object.assign(new Error('reset'), { code: 'ECONNRESET' }), gone);
    expect(gone.destroyed).toBe(true);
    logger.flush();
    expect(lines).toEqual([]);
    server.closeAllConnections();
    server.close();
  });
});

describe('answerAdapterError', () => {
  it('answers 500 to what nobody foresaw, and logs what it was', async () => {
    const lines: string[] = [];
    const logger = new Logger('info', (text) => void lines.push(text));
    const answer = answerAdapterError(new TypeError('secret'), { format: 'problem', logger });
    logger.flush();
    expect(answer.status).toBe(500);
    expect(await answer.json()).toMatchObject({
      code: 'internal',
      requestId: answer.headers.get('x-request-id'),
    });
    expect(lines.join('')).toMatch(/^\{.*"level":"error".*"error":"TypeError".*\}\n$/);
    expect(lines.join('')).not.toContain('secret');
  });
});
