// Events in, requests and answers out: who gets in, who does not, and what the origin gets to see.
import type { CloudFrontRequest } from 'aws-lambda';
import type { DecisiveRecord } from '../contracts/api-key';
import type { ViewerResult } from './handler';
import type { EdgeSettings } from './settings';
import { viewerRequest, type EventParts } from './testing/events';
import { setUpHandler, status } from './testing/handler';
import { makeKey, makeRecord, NOW } from './testing/keys';
import { placeInTrace } from './trace';

const KEY = makeKey();
const RECORD = makeRecord(KEY);

const setUp = (settings: Partial<EdgeSettings> = {}, records = [RECORD]) =>
  setUpHandler(settings, records);
const withKey = { 'x-api-key': KEY.key };
const matching = (form: RegExp): unknown => expect.stringMatching(form);
const headerOf = (result: ViewerResult, name: string): string =>
  result.headers?.[name]?.[0]?.value ?? '';

describe('createHandler', () => {
  it('passes a request with a good key on, with the identity and without the key', async () => {
    const { send, logged, state } = setUp();
    const result = await send({
      uri: '/orders',
      querystring: 'page%5Bsize%5D=2&x=%2e%2e%2f%00',
      headers: { ...withKey, Accept: 'application/vnd.api+json' },
    });
    expect(result).toEqual({
      clientIp: '203.0.113.178',
      method: 'GET',
      uri: '/orders',
      querystring: 'page%5Bsize%5D=2&x=%2e%2e%2f%00',
      headers: {
        host: [{ key: 'Host', value: 'd111111abcdef8.cloudfront.net' }],
        'user-agent': [{ key: 'User-Agent', value: 'curl/7.66.0' }],
        accept: [{ key: 'Accept', value: 'application/vnd.api+json' }],
        'x-gatehouse-key-id': [{ key: 'x-gatehouse-key-id', value: KEY.keyId }],
        'x-gatehouse-owner': [{ key: 'x-gatehouse-owner', value: 'team@example.com' }],
        'x-gatehouse-scopes': [{ key: 'x-gatehouse-scopes', value: 'orders:read' }],
        traceparent: [{ key: 'traceparent', value: matching(/^00-[\da-f]{32}-[\da-f]{16}-00$/) }],
        'x-gatehouse-edge-timing': [
          {
            key: 'x-gatehouse-edge-timing',
            value: matching(/^\d+;dur=\d+\.\d\d;lookup=\d+;cache=miss$/),
          },
        ],
      },
    });
    expect(state.hosts).toEqual(['dynamodb.us-east-1.amazonaws.com']);
    expect(logged()).toMatchObject({
      Decision: 'allow',
      Reason: 'valid',
      KeyId: KEY.keyId,
      cache: 'miss',
      method: 'GET',
      requestId: '4TyzHTaYWb1GX1qTfsHhEqV6HUDd_BzoBZnwfnvQc_1oF26ClkoUSEQ==',
    });
  });

  describe('in a trace', () => {
    const TRACE = '0af7651916cd43dd8448eb211c80319c';
    const CALLER = 'b7ad6b7169203331';
    const traced = async (share: number, traceparent?: string) => {
      const { send, logged } = setUp({ traceSampling: share });
      const caller: Record<string, string> = traceparent === undefined ? {} : { traceparent };
      const result = await send({ uri: '/orders', headers: { ...withKey, ...caller } });
      const [, traceId, spanId, flags] = headerOf(result, 'traceparent').split('-');
      const timing = headerOf(result, 'x-gatehouse-edge-timing');
      return { traceId, spanId, flags, timing, logged: logged()['traceId'] };
    };

    it("takes its place in the caller's, whatever the caller decided", async () => {
      for (const flags of ['00', '01']) {
        const share = flags === '00' ? 1 : 0;
        const place = await traced(share, `00-${TRACE}-${CALLER}-${flags}`);
        expect(place).toMatchObject({ traceId: TRACE, flags: `0${share}` });
        expect(place.spanId).not.toBe(CALLER);
        expect(place.timing).toContain(`;parent=${CALLER}`);
        expect(place.logged).toBe(share === 0 ? undefined : TRACE);
      }
      const caller = { traceparent: [{ key: 'traceparent', value: `00-${TRACE}-${CALLER}-01` }] };
      const kept = Array.from({ length: 4000 }, () => placeInTrace(caller, 0.25));
      const share = kept.filter(({ sampled }) => sampled).length / kept.length;
      expect(Math.abs(share - 0.25)).toBeLessThan(0.06);
    });

    it('takes two for none, and hands on no state of others', async () => {
      const { send } = setUp();
      const one = `00-${TRACE}-${CALLER}-01`;
      const headers = { ...withKey, traceparent: [one, one], tracestate: 'ot=p:0' };
      const result = (await send({ uri: '/orders', headers })) as CloudFrontRequest;
      expect(result.headers.tracestate).toBeUndefined();
      expect(result.headers.traceparent).toHaveLength(1);
      expect(headerOf(result, 'traceparent')).not.toContain(TRACE);
    });

    it('starts one of which the share of the stack is recorded, whatever nonsense was sent', async () => {
      const [none, all] = [await traced(0, 'nonsense'), await traced(1)];
      expect([none.flags, none.logged, all.flags]).toEqual(['00', undefined, '01']);
      expect(all.logged).toBe(all.traceId);
      expect(all.timing).not.toContain('parent');
      const places = Array.from({ length: 4000 }, () => placeInTrace({}, 0.25));
      const share = places.filter(({ sampled }) => sampled).length / places.length;
      expect(Math.abs(share - 0.25)).toBeLessThan(0.06);
      expect(new Set(places.map(({ spanId }) => spanId)).size).toBe(places.length);
    });
  });

  it.each<[string, EventParts, string, string]>([
    ['no key', {}, '401', 'no-credential'],
    ['no key but a body to write', { method: 'POST', uri: '/orders' }, '401', 'no-credential'],
    ['a mistyped key', { headers: { 'x-api-key': `${KEY.key}x` } }, '401', 'malformed-key'],
    [
      'two keys',
      { headers: { 'x-api-key': KEY.key, Authorization: `Bearer ${KEY.key}` } },
      '400',
      'several-credentials',
    ],
    [
      'a key of another environment',
      { headers: { 'x-api-key': makeKey(KEY.keyId, 'prod').key } },
      '401',
      'other-environment',
    ],
    [
      'an unknown key',
      { headers: { 'x-api-key': makeKey('Unknown00000').key } },
      '401',
      'unknown-key',
    ],
    [
      'the right id with another secret',
      { headers: { 'x-api-key': makeKey(KEY.keyId, 'dev', 'y').key } },
      '401',
      'wrong-secret',
    ],
    ['a key without the scope', { method: 'POST', headers: withKey }, '403', 'scope'],
    ['a path without a rule', { uri: '/', headers: withKey }, '403', 'no-rule'],
    ['a path without a rule and without a key', { uri: '/' }, '401', 'no-credential'],
    [
      'a method without a rule',
      { method: 'PUT', uri: '/orders/1', headers: withKey },
      '403',
      'no-rule',
    ],
    ['a method in lower case', { method: 'get', headers: withKey }, '405', 'method'],
    ['an unknown method', { method: 'TRACE', headers: withKey }, '405', 'method'],
    ['a dot segment', { uri: '/docs/../orders', headers: withKey }, '400', 'path'],
    ['an encoded slash', { uri: '/docs%2f..%2forders', headers: withKey }, '400', 'path'],
  ])('refuses %s', async (_, parts, expected, reason) => {
    const { send, logged, state } = setUp();
    expect(status(await send(parts))).toBe(expected);
    expect(logged()).toMatchObject({ Decision: 'deny', Reason: reason });
    expect(logged()).not.toHaveProperty('KeyId');
    expect(state.lines).toHaveLength(1);
  });

  it.each<[string, Partial<DecisiveRecord>, string]>([
    ['a revoked key', { status: 'revoked' }, 'revoked'],
    ['an expired key', { expiresAt: NOW / 1000 - 1 }, 'expired'],
    ['a record with a bad owner', { owner: 'a b' }, 'bad-record'],
  ])('refuses %s', async (_, changes, reason) => {
    const { send, logged } = setUp({}, [makeRecord(KEY, changes)]);
    expect(status(await send({ headers: withKey }))).toBe('401');
    expect(logged()).toMatchObject({ Reason: reason, claimedKeyId: KEY.keyId });
  });

  it('refuses another record than the one that was asked for', async () => {
    const other = makeRecord(makeKey('Zz0000000000'));
    const { send, logged } = setUpHandler({}, [], () => other);
    expect(status(await send({ headers: withKey }))).toBe('401');
    expect(logged()).toMatchObject({ Reason: 'bad-record', claimedKeyId: KEY.keyId });
  });

  it('refuses 10,000 made-up keys, and one of another stack, without a look-up', async () => {
    const { send, state } = setUp();
    for (let i = 0; i < 10_000; i++) {
      const madeUp = KEY.key.slice(0, -6) + i.toString().padStart(6, '0');
      expect(status(await send({ headers: { 'x-api-key': madeUp } }))).toBe('401');
    }
    await send({ headers: { 'x-api-key': makeKey(KEY.keyId, 'prod').key } });
    expect(state.hosts).toEqual([]);
  });

  it('answers from the cache, and says so', async () => {
    const { send, logged, state } = setUp();
    await send({ headers: withKey });
    await send({ headers: withKey });
    expect(state.hosts).toHaveLength(1);
    expect(logged()).toMatchObject({ cache: 'hit', CacheHits: 1 });
  });

  it('answers 503 when the store is down, after trying twice', async () => {
    const { send, logged, state } = setUp({ regions: ['eu-central-1'] });
    state.down = true;
    const result = await send({ headers: withKey });
    expect(result).toMatchObject({ status: '503', headers: { 'retry-after': [{ value: '5' }] } });
    expect(state.hosts).toHaveLength(2);
    expect(logged()).toMatchObject({
      Reason: 'store-unavailable',
      claimedKeyId: KEY.keyId,
      failure: 'eu-central-1: ECONNRESET; eu-central-1: ECONNRESET',
    });
  });

  it('lets a known key live on while the store is down, but not past its expiry', async () => {
    const { send, logged, state } = setUp({}, [makeRecord(KEY, { expiresAt: NOW / 1000 + 60 })]);
    await send({ headers: withKey });
    state.down = true;
    state.now += 59_000;
    expect(status(await send({ headers: withKey }))).toBe('passed');
    expect(logged()).toMatchObject({ Decision: 'allow', Reason: 'grace', KeyId: KEY.keyId });
    state.now += 1000;
    expect(status(await send({ headers: withKey }))).toBe('401');
    expect(logged()).toMatchObject({ Decision: 'deny', Reason: 'expired' });
  });

  describe('a public path', () => {
    it('needs no key, and carries no credential or identity on', async () => {
      const { send, logged, state } = setUp();
      const headers = { ...withKey, 'X-Gatehouse-Owner': 'root@example.com' };
      const result = (await send({ uri: '/status', headers })) as CloudFrontRequest;
      expect(Object.keys(result.headers)).toEqual([
        ...['host', 'user-agent', 'accept', 'traceparent', 'x-gatehouse-edge-timing'],
      ]);
      expect(logged()).toMatchObject({ Decision: 'allow', Reason: 'public' });
      expect(status(await send({ uri: '/status', method: 'HEAD' }))).toBe('passed');
      expect(state.hosts).toEqual([]);
    });

    it.each<EventParts>([
      { uri: '/status', method: 'POST' },
      { uri: '/status/' },
      { uri: '/STATUS' },
      { uri: '/%73tatus' },
      { uri: '/status/orders' },
    ])('is not %j', async (parts) => {
      expect(status(await setUp().send(parts))).toBe('401');
    });
  });

  it('lets any key do what is for any key', async () => {
    const { send } = setUp({}, [makeRecord(KEY, { scopes: [] })]);
    expect(status(await send({ uri: '/openapi.json', headers: withKey }))).toBe('passed');
    expect(status(await send({ uri: '/openapi.json' }))).toBe('401');
    expect(status(await send({ uri: '/orders', headers: withKey }))).toBe('403');
  });

  it('lets a bound key in from its addresses alone, IPv4 and IPv6', async () => {
    const cidrs = ['203.0.113.0/24', '2001:db8:85a3::/48'];
    const { handler, logged } = setUp({}, [makeRecord(KEY, { cidrs })]);
    const from = async (clientIp: unknown) => {
      const event = viewerRequest({ headers: withKey });
      const request = event.Records[0]?.cf.request as { clientIp: unknown };
      request.clientIp = clientIp;
      return status(await handler(event));
    };
    expect(await from('203.0.113.178')).toBe('passed');
    expect(await from('2001:db8:85a3::8a2e:370:7334')).toBe('passed');
    for (const other of ['198.51.100.7', '2001:db8:85a4::1', '', undefined, 7, 'x']) {
      expect(await from(other)).toBe('403');
      expect(logged()).toMatchObject({ Reason: 'address', claimedKeyId: KEY.keyId });
    }
  });

  it('takes the address that CloudFront saw, whatever the client says of it', async () => {
    const { send } = setUp({}, [makeRecord(KEY, { cidrs: ['198.51.100.0/24'] })]);
    const headers = { ...withKey, 'X-Forwarded-For': '198.51.100.7', 'X-Real-Ip': '198.51.100.7' };
    expect(status(await send({ headers }))).toBe('403');
  });

  it('says in its answers what applies, under the id that is in its log', async () => {
    const { send, logged } = setUp();
    const result = await send({ method: 'PUT', uri: '/orders/1', headers: withKey });
    const { requestId } = logged();
    expect(result).toMatchObject({
      headers: {
        allow: [{ value: 'GET, HEAD, OPTIONS, POST, PATCH, DELETE' }],
        'x-request-id': [{ value: requestId }],
      },
    });
  });

  it('answers in the format of the workload', async () => {
    const { send } = setUp({ errors: 'problem' });
    expect(await send({})).toMatchObject({
      headers: { 'content-type': [{ value: 'application/problem+json' }] },
    });
  });

  describe('CORS', () => {
    const ORIGIN = 'https://app.example.com';
    const asked = (origin: string) => ({
      method: 'OPTIONS',
      uri: '/orders',
      headers: { Origin: origin, 'Access-Control-Request-Method': 'GET' },
    });
    const allowed = (result: ViewerResult) =>
      result.headers?.['access-control-allow-origin']?.[0]?.value;

    it('answers the preflight of an allowed origin', async () => {
      const { send, logged } = setUp({ corsOrigins: [ORIGIN] });
      const result = await send(asked(ORIGIN));
      expect([status(result), allowed(result)]).toEqual(['204', ORIGIN]);
      expect(logged()).toMatchObject({ Decision: 'allow', Reason: 'preflight' });
    });

    it('answers any origin when all are allowed', async () => {
      const { send } = setUp({ corsOrigins: ['*'] });
      expect(allowed(await send(asked('https://anywhere.example')))).toBe('*');
    });

    it.each([
      ['another origin', { corsOrigins: [ORIGIN] }, asked('https://evil.example')],
      ['no origin allowed', {}, asked(ORIGIN)],
      [
        'OPTIONS that is no preflight',
        { corsOrigins: [ORIGIN] },
        { method: 'OPTIONS', headers: { Origin: ORIGIN } },
      ],
      [
        'GET that looks like a preflight',
        { corsOrigins: [ORIGIN] },
        { ...asked(ORIGIN), method: 'GET' },
      ],
    ])('takes %s for a request like any other', async (_, settings, parts) => {
      expect(status(await setUp(settings).send(parts))).toBe('401');
    });

    it('lets an allowed page read a refusal, and no other page', async () => {
      const { send } = setUp({ corsOrigins: [ORIGIN] });
      expect(allowed(await send({ headers: { Origin: ORIGIN } }))).toBe(ORIGIN);
      expect(allowed(await send({ headers: { Origin: 'https://evil.example' } }))).toBeUndefined();
    });
  });
});
