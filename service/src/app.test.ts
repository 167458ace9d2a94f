// The app as its callers see it: health, identity on every route, limits, bad input, the document.
import { AwsFault } from '../../tools/local/aws/faults';
import { documentOf, edgeHeaders, newUser, startHarness } from '../testing/harness';
import type { Harness } from '../testing/harness';
import { normaliseEmail } from './users/email';
import { errorFields, Logger } from './kit/logger';

const ID = '0b7e3f1c-6d7e-4d7a-9f43-0d8f2f6f2f11';
const ROUTES: readonly [string, string, 'users:read' | 'users:write' | undefined][] = [
  ['POST', '/users', 'users:write'],
  ['GET', '/users', 'users:read'],
  ['GET', '/users/export', 'users:read'],
  ['GET', `/users/${ID}`, 'users:read'],
  ['PATCH', `/users/${ID}`, 'users:write'],
  ['DELETE', `/users/${ID}`, 'users:write'],
  ['GET', '/openapi.json', undefined],
  ['GET', '/docs', undefined],
  ['GET', '/users/nothing/here', 'users:read'],
];

describe('createApp', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await startHarness({ BODY_LIMIT_BYTES: '8192' });
  });
  afterEach(() => {
    harness.aws.inject = undefined;
  });
  afterAll(() => harness.close());
  const codeOf = async (response: Response) => (await documentOf(response)).errors[0]?.code;

  it('has a case in this test for every route', () => {
    const app = harness.runtime.app.routes
      .filter(({ method, path }) => method !== 'ALL' && !path.endsWith('z'))
      .map(({ method, path }) => `${method} ${path.replace(':id', ID)}`);
    const cases = ROUTES.map(([method, path]) => `${method} ${path}`);
    expect([...new Set(app)].filter((route) => !cases.includes(route))).toEqual([]);
  });

  describe.each(ROUTES)('%s %s', (method, path, scope) => {
    const other = scope === 'users:read' ? 'users:write' : 'users:read';
    it.each([
      ['no header at all', {}],
      ['a guessed origin secret', { ...edgeHeaders(), 'x-gatehouse-origin-secret': 'guessed' }],
      ['no origin secret', { ...edgeHeaders(), 'x-gatehouse-origin-secret': '' }],
      ['no key id', { ...edgeHeaders(), 'x-gatehouse-key-id': '' }],
    ])('answers 401 to %s', async (_, headers) => {
      const response = await harness.runtime.app.request(path, { method, headers });
      expect([response.status, await codeOf(response)]).toEqual([401, 'unauthenticated']);
      expect(response.headers.get('www-authenticate')).toContain('ApiKey');
    });

    const refusal = scope === undefined ? [200, undefined] : [403, 'missing_scope'];
    it.each([other, '', 'users', `${scope}s`, 'users:admin'])(
      `answers ${refusal[0]} to the scopes "%s"`,
      async (scopes) => {
        const response = await harness.call(method, path, undefined, edgeHeaders(scopes));
        const code = response.status === 403 ? await codeOf(response) : undefined;
        expect([response.status, code]).toEqual(refusal);
      },
    );

    it('gets past with the right scope', async () => {
      const response = await harness.call(method, path, undefined, edgeHeaders(scope ?? ''));
      expect([401, 403]).not.toContain(response.status);
      expect(response.headers.get('cache-control')).toBe('no-store');
    });
  });

  it('answers 401 when identity headers lack altogether', async () => {
    const { 'x-gatehouse-key-id': _, 'x-gatehouse-scopes': __, ...headers } = edgeHeaders();
    expect((await harness.runtime.app.request('/users', { headers })).status).toBe(401);
    const noScopes = { ...headers, 'x-gatehouse-key-id': 'k' };
    expect((await harness.runtime.app.request('/users', { headers: noScopes })).status).toBe(403);
  });

  it('answers 403 to whatever no rule names, with every scope', async () => {
    for (const [method, path] of [
      ['GET', '/elsewhere'],
      ['PUT', '/docs'],
    ] as const) {
      const response = await harness.call(method, path);
      expect([response.status, await codeOf(response)]).toEqual([403, 'forbidden']);
    }
  });

  it('lets in no request when it knows no origin secret', async () => {
    const alone = await startHarness({ ORIGIN_SECRET: '' });
    try {
      expect((await alone.call('GET', '/users')).status).toBe(401);
      expect((await alone.call('GET', '/healthz')).status).toBe(200);
      alone.runtime.logger.flush();
      expect(alone.logs.join('')).toContain('ORIGIN_SECRET is missing');
    } finally {
      await alone.close();
    }
  });

  it('is live whatever DynamoDB does, and ready only while it answers', async () => {
    const own = await startHarness();
    const clock = jest.spyOn(performance, 'now').mockReturnValue(0);
    own.aws.inject = () => new AwsFault('AccessDeniedException', 'no');
    expect((await own.call('GET', '/healthz')).status).toBe(200);
    expect((await own.call('GET', '/readyz')).status).toBe(503);
    own.aws.inject = undefined;
    // The last answer counts for a moment, so that health checks are no load.
    clock.mockReturnValue(1999);
    expect((await own.call('GET', '/readyz')).status).toBe(503);
    clock.mockReturnValue(2000);
    expect((await own.call('GET', '/readyz')).status).toBe(200);
    clock.mockRestore();
    own.runtime.startDraining();
    const draining = await own.call('GET', '/readyz');
    expect([draining.status, await draining.json()]).toEqual([503, { status: 'draining' }]);
    await own.close();
  });

  it('refuses a body over the limit, declared or not, with 413', async () => {
    const body = JSON.stringify(newUser({ name: 'x'.repeat(9000) }));
    for (const content of [body, new Blob([body]).stream()]) {
      const response = await harness.runtime.app.request('/users', {
        method: 'POST',
        headers: { ...edgeHeaders(), 'content-type': 'application/vnd.api+json' },
        body: content,
        duplex: 'half',
      });
      expect([response.status, await codeOf(response)]).toEqual([413, 'body_too_large']);
    }
  });

  it('answers 503 to a request that takes too long', async () => {
    const own = await startHarness({ REQUEST_TIMEOUT_SECONDS: '1' });
    let release = () => {};
    const released = new Promise<undefined>((resolve) => (release = () => resolve(undefined)));
    own.aws.inject = () => released;
    const response = await own.call('GET', '/users');
    expect([response.status, await codeOf(response)]).toEqual([503, 'request_timeout']);
    expect(response.headers.get('retry-after')).toBe('1');
    release();
    await own.close();
  });

  it('survives deep JSON, and arrays and numbers where objects belong', async () => {
    const deep = `${'['.repeat(4000)}${']'.repeat(4000)}`;
    for (const text of [
      deep,
      '[]',
      '1',
      '"x"',
      'true',
      `{"data":{"type":"users","attributes":${deep}}}`,
    ]) {
      expect((await harness.call('POST', '/users', text)).status).toBe(400);
    }
    const nested = `{"data":{"type":"users","attributes":{"name":"a","email":"deep@example.com","x":${deep.slice(2500, 5500)}}}}`;
    expect((await harness.call('POST', '/users', nested)).status).toBe(201);
  });

  it.each([
    ['name', [undefined, null, 1, '', ' ', 'x'.repeat(201), 'a\u0000b', 'a\nb', '\ud800', ['a']]],
    // Invisible: zero width, right to left, soft hyphen, a filler, joiners alone, a line separator.
    ['name', ['a\u200bb', 'a\u202eb', 'a\u00adb', 'a\u3164b', '\u200d', 'a\u2028b']],
    [
      'email',
      [
        undefined,
        null,
        1,
        '',
        'a',
        'a@b',
        '@b.c',
        'a@',
        'a b@c.d',
        'a\u0000@b.cd',
        '\ud800@b.cd',
        `${'a'.repeat(65)}@b.cd`,
        `a@${'b'.repeat(64)}.cd`,
        'a..b@c.de',
        'a@-b.cd',
        'a@b..cd',
        `${'a'.repeat(64)}@${'b.'.repeat(150)}cd`,
      ],
    ],
  ])('answers 422 to every wrong %s', async (field, values) => {
    for (const value of values) {
      const response = await harness.call('POST', '/users', newUser({ [field]: value }));
      const pointer = (await documentOf(response)).errors[0]?.source?.['pointer'];
      expect([value, response.status]).toEqual([value, 422]);
      expect(pointer).toBe(value === undefined ? '/data/attributes' : `/data/attributes/${field}`);
    }
  });

  it('takes an address of 320 characters and Unicode ones, and finds them again', async () => {
    const domain = `${'d'.repeat(61)}.`.repeat(4);
    const long = `${'l'.repeat(64)}@${domain}${'e'.repeat(255 - domain.length)}`;
    expect(long).toHaveLength(320);
    for (const email of [long, 'Ünïcode@bücher.example', '用户@例え.テスト']) {
      expect((await harness.call('POST', '/users', newUser({ email }))).status).toBe(201);
      const found = await harness.call('GET', `/users?filter[email]=${encodeURIComponent(email)}`);
      expect(((await found.json()) as { data: unknown[] }).data).toHaveLength(1);
    }
    expect((await harness.call('POST', '/users', newUser({ email: `x${long}` }))).status).toBe(422);
    expect(normaliseEmail(' Ana@Bücher.example ')).toBe('ana@xn--bcher-kva.example');
  });

  it('takes the joiners of scripts and emoji in a name', async () => {
    for (const [at, name] of [
      'نامه\u200cای',
      'क\u094d\u200dष',
      '👩\u200d🚀 Ada',
      '❤\ufe0f',
    ].entries()) {
      const answer = await harness.call('POST', '/users', newUser({ name, email: `j${at}@b.cd` }));
      expect((await documentOf(answer)).data.attributes['name']).toBe(name);
    }
  });

  it('takes over a request id that is one, and makes one otherwise', async () => {
    const call = (id: string) => harness.call('GET', '/users', undefined, { 'x-request-id': id });
    expect((await call('abc-1')).headers.get('x-request-id')).toBe('abc-1');
    expect((await call('a b"')).headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('serves its description, and a page that needs nothing from elsewhere', async () => {
    const description = (await (await harness.call('GET', '/openapi.json')).json()) as {
      openapi: string;
      paths: Record<string, object>;
    };
    expect(description.openapi).toBe('3.1.0');
    expect(Object.keys(description.paths).sort()).toEqual([
      '/docs',
      '/healthz',
      '/openapi.json',
      '/readyz',
      '/users',
      '/users/export',
      '/users/{id}',
    ]);
    const page = await harness.call('GET', '/docs');
    const html = await page.text();
    expect(html).toContain("fetch('openapi.json')");
    expect(html).not.toMatch(/https?:|\/\//);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  it('writes one line a request, without path, owner or address', async () => {
    harness.runtime.logger.flush();
    harness.logs.length = 0;
    await harness.call('GET', `/users?filter[email]=ana@example.com`);
    harness.runtime.logger.flush();
    const lines = harness.logs.join('').trimEnd().split('\n');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'info',
      message: 'request',
      method: 'GET',
      route: '/users',
      status: 200,
      keyId: 'k3yUnderTest',
    });
    expect(lines[0]).not.toContain('example.com');
  });
});

describe('createRuntime', () => {
  it('logs that telemetry cannot be exported, and serves on', async () => {
    const harness = await startHarness({
      OTEL_SDK_DISABLED: 'false',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
      OTEL_EXPORTER_OTLP_TIMEOUT: '20',
    });
    expect((await harness.call('GET', '/users')).status).toBe(200);
    await harness.runtime.telemetry.flush(60_000);
    expect((await harness.call('GET', '/users')).status).toBe(200);
    harness.runtime.logger.flush();
    expect(harness.logs.join('')).toContain('"telemetry in trouble"');
    await harness.close();
  });
});

describe('Logger', () => {
  it('writes the lines of its level and above, once a turn', async () => {
    const writes: string[] = [];
    const logger = new Logger('warn', (text) => void writes.push(text));
    logger.debug('a');
    logger.info('b');
    logger.warn('c');
    logger.error('d', { n: 1 });
    await new Promise((resolve) => setImmediate(resolve));
    logger.flush();
    expect(writes).toHaveLength(1);
    expect(writes[0]).toMatch(/"c"\}\n.*"message":"d","n":1\}\n$/);
  });

  it('tells of an error its kind and where it was, never its message', () => {
    const fields = errorFields(new TypeError('secret'));
    expect(fields).toMatchObject({ error: 'TypeError' });
    expect(JSON.stringify(fields)).not.toContain('secret');
    expect(errorFields('secret')).toEqual({ error: 'string' });
    const bare = new Error('x');
    delete bare.stack;
    expect(errorFields(bare)['stack']).toBeUndefined();
  });

  it('writes to standard output by default', () => {
    const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
    const logger = new Logger('info');
    logger.info('x');
    logger.flush();
    expect(write).toHaveBeenCalledTimes(1);
    write.mockRestore();
  });
});
