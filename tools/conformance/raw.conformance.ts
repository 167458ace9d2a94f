// Bytes that no client would send, at the edge: each is answered or hung up on, none by a 5xx, and the next is served.
import fc from 'fast-check';
import { connect } from 'node:net';
import { mutations } from '../fuzz/target';
import { startLocal } from '../local/testing/command';
import type { LocalCommand, Ready } from '../local/testing/command';

let platform: LocalCommand;
let ready: Ready;

beforeAll(async () => {
  platform = startLocal(['--json']);
  ready = await platform.ready();
});

afterAll(async () => {
  platform?.child.kill('SIGTERM');
  await platform?.ended;
});

/** Sends bytes, and half closes once `enough` is there; resolves when the connection has ended. */
function send(text: string, enough?: () => Promise<unknown>): Promise<string> {
  return new Promise((resolve) => {
    const port = Number(new URL(ready.edge).port);
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
    socket.on('end', () => socket.end());
    // A server may reset what it does not want to read.
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer));
    socket.write(Buffer.from(text, 'latin1'));
    void enough?.().then(() => socket.end());
  });
}
const statuses = (answer: string) =>
  [...answer.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status));

const BODY = JSON.stringify({
  data: { type: 'users', attributes: { name: 'A', email: 'raw@example.com' } },
});
const JSON_API = 'Content-Type: application/vnd.api+json\r\n';
const request = (line: string, headers: string, body = '') =>
  `${line} HTTP/1.1\r\nHost: x\r\nx-api-key: ${ready.key}\r\nConnection: close\r\n${headers}\r\n${body}`;
const CHUNKED = 'Transfer-Encoding: chunked\r\n';
const INNER = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n';
const INNER_CHUNKS = `${INNER.length.toString(16)}\r\n${INNER}\r\n0\r\n\r\n`;
const deep = (depth: number) => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth);

describe('the edge, by raw bytes', () => {
  it.each<[string, () => string, number[]]>([
    [
      'a length and chunks',
      () => request('POST /users', `${JSON_API}Content-Length: 4\r\n${CHUNKED}`, INNER_CHUNKS),
      [400],
    ],
    [
      'chunks of another coding',
      () => request('POST /users', `${JSON_API}Transfer-Encoding: xchunked\r\n`, INNER_CHUNKS),
      [400],
    ],
    [
      'chunks under a name with a blank',
      () => request('POST /users', `${JSON_API}Transfer-Encoding : chunked\r\n`, INNER_CHUNKS),
      [400],
    ],
    [
      'two lengths',
      () =>
        request('POST /users', `${JSON_API}Content-Length: 0\r\nContent-Length: 5\r\n`, 'hello'),
      [400],
    ],
    [
      'a length with a sign',
      () => request('POST /users', `${JSON_API}Content-Length: +5\r\n`, 'hello'),
      [400],
    ],
    ['a chunk that is none', () => request('POST /users', JSON_API + CHUNKED, 'ZZ\r\n'), [400]],
    ['a body in a GET', () => request('GET /users', CHUNKED, INNER_CHUNKS), [403]],
    [
      'a request in the body of a DELETE',
      () => request('DELETE /users/x', CHUNKED, INNER_CHUNKS),
      [404],
    ],
    ['lines without CR', () => request('GET /users', '').replaceAll('\r', ''), [400]],
    ['a folded header', () => request('GET /users', 'X-A: a\r\n b\r\n'), [400]],
    ['NUL in a header', () => request('GET /users', 'X-A: a\0b\r\n'), [400]],
    ['two hosts', () => request('GET /users', 'Host: y\r\n'), [400]],
    [
      'a host that is none',
      () => request('GET /users', '').replace('Host: x', 'Host: a b/c?'),
      [400],
    ],
    ['a whole address', () => request('GET http://evil.example/users', ''), [400]],
    ['an asterisk', () => request('OPTIONS *', ''), [400]],
    ['an encoded NUL', () => request('GET /users/%00', ''), [400]],
    ['bytes that are no UTF-8', () => request('GET /users/%ff%fe', ''), [400]],
    ['half an escape in the query', () => request('GET /users?filter[email]=%z', ''), [400]],
    ['a parameter of the prototype', () => request('GET /users?__proto__[x]=1', ''), [400]],
    [
      '7,000 characters of a cursor',
      () => request(`GET /users?page[after]=${'A'.repeat(7000)}`, ''),
      [400],
    ],
    [
      '500 headers',
      () =>
        request(
          'GET /users',
          Array.from({ length: 500 }, (_none, index) => `x${index}: 1\r\n`).join(''),
        ),
      [200],
    ],
    ['20 KB of a header', () => request('GET /users', `X-A: ${'a'.repeat(20_000)}\r\n`), [431]],
    ['an unknown expectation', () => request('GET /users', 'Expect: miracles\r\n'), [417]],
    [
      'another protocol',
      () => request('GET /users', 'Connection: Upgrade\r\nUpgrade: h2c\r\n'),
      [200],
    ],
    [
      'identity by Connection',
      () => request('GET /users', 'Connection: close, x-gatehouse-scopes\r\n'),
      [200],
    ],
    [
      'brackets without end',
      () => request('POST /users', `${JSON_API}Content-Length: 30000\r\n`, '['.repeat(30_000)),
      [400],
    ],
    [
      'a name 9,000 deep',
      () => {
        const body = `{"data":{"type":"users","attributes":{"name":${deep(9000)},"email":"d@example.com"}}}`;
        return request('POST /users', `${JSON_API}Content-Length: ${body.length}\r\n`, body);
      },
      [422],
    ],
    [
      'a compressed body that is none',
      () =>
        request(
          'POST /users',
          `${JSON_API}Content-Encoding: gzip\r\nContent-Length: ${BODY.length}\r\n`,
          BODY,
        ),
      [415],
    ],
    ['the start of TLS', () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', [400]],
    ['the start of HTTP/2', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', [400]],
  ])('answers %s', async (_what, text, wanted) => {
    expect(statuses(await send(text()))).toEqual(wanted);
  });

  it('answers no mutation of a request by a 5xx, and serves the next', async () => {
    const texts = [
      request('GET /users?page[size]=1', 'Accept: application/vnd.api+json\r\n'),
      request('POST /users', `${JSON_API}Content-Length: ${BODY.length}\r\n`, BODY),
      request(
        'PATCH /users/x',
        JSON_API + CHUNKED,
        `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`,
      ),
      request('GET /users/export?segments=2', ''),
    ];
    const tokens = [
      '\r\n',
      ': ',
      ' ',
      ',',
      ';',
      '"',
      '%',
      '/',
      '?',
      '&',
      '[',
      '#',
      'HTTP/1.0',
      'Host: y\r\n',
      'Content-Length: 3\r\n',
      CHUNKED,
      'Content-Encoding: br\r\n',
      'If-Match: "',
      '\0',
      '\xff',
      'x-gatehouse-owner: a\r\n',
    ];
    await fc.assert(
      fc.asyncProperty(mutations(texts, tokens), async (text) => {
        // What is not answered by the time that a later request is waits for bytes that never come.
        const answer = await send(text, () => send(request('GET /users', '')));
        expect(statuses(answer).filter((status) => status >= 500)).toEqual([]);
      }),
      { numRuns: 300 },
    );
    expect(statuses(await send(request('GET /users', '')))).toEqual([200]);
  });
});
