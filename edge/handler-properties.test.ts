// Properties of the handler: no client header survives that the origin trusts, nothing makes it throw.
import type { CloudFrontRequest } from 'aws-lambda';
import fc from 'fast-check';
import { ALLOWED_METHODS } from '../contracts/access';
import { viewerRequest } from './testing/events';
import { isAnswer, setUpHandler, status } from './testing/handler';
import { makeKey, makeRecord } from './testing/keys';

const KEY = makeKey();
const RECORD = makeRecord(KEY);

const withKey = { 'x-api-key': KEY.key };

describe('createHandler, whatever comes', () => {
  const PLATFORM = ['edge-timing', 'key-id', 'owner', 'scopes'].map(
    (name) => `x-gatehouse-${name}`,
  );
  const names = fc.constantFrom(
    ...['x-gatehouse-edge-timing', 'X_Gatehouse_Edge_Timing'],
    ...['X-Gatehouse-Owner', 'x_gatehouse_owner', 'X-GATEHOUSE-ORIGIN-SECRET', 'x-gatehouse-'],
    ...['x-gatehouse_scopes', ' x-gatehouse-key-id', 'Authorization', 'X_Api_Key', 'accept'],
  );

  it('leaves no client header that the origin trusts, and no key', async () => {
    const { send } = setUpHandler({}, [
      makeRecord(KEY, { scopes: ['orders:read', 'orders:write'] }),
    ]);
    const headers = fc.dictionary(names, fc.constantFrom('evil', '', 'orders:write'));
    await fc.assert(
      fc.asyncProperty(headers, fc.constantFrom(...ALLOWED_METHODS), async (sent, method) => {
        const result = await send({ method, headers: { ...sent, ...withKey } });
        if (!isAnswer(result)) {
          const names = Object.keys(result.headers).map((name) => name.trim().toLowerCase());
          const ours = names.filter((name) => /^(x[-_]gatehouse|x[-_]api|auth)/.test(name));
          expect(ours.sort()).toEqual(PLATFORM);
          expect(result.headers['x-gatehouse-owner']).toHaveLength(1);
          expect(result.headers['x-gatehouse-edge-timing']?.[0]?.value).toMatch(/^\d+;dur=/);
          expect(JSON.stringify(result)).not.toContain(KEY.key.slice(-49));
        }
      }),
    );
  });

  it('allows no request without the key', async () => {
    const { send, state } = setUpHandler({ corsOrigins: ['*'] }, [RECORD]);
    const values = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(KEY.key.slice(0, -1), `Bearer ${makeKey('Other0000000').key}`),
    );
    const parts = fc.record({
      method: fc.oneof(fc.constantFrom(...ALLOWED_METHODS), fc.string()),
      uri: fc.oneof(fc.webPath(), fc.string()),
      querystring: fc.string(),
      headers: fc.dictionary(fc.oneof(names, fc.constant('x-api-key'), fc.string()), values),
    });
    await fc.assert(
      fc.asyncProperty(parts, async (sent) => {
        fc.pre(sent.uri !== '/status');
        expect(isAnswer(await send(sent))).toBe(true);
        expect(state.lines.join('')).not.toContain(KEY.key.slice(-49));
      }),
    );
  });

  it('never throws, and refuses what is no event', async () => {
    const { handler, state } = setUpHandler({}, [RECORD]);
    const request = viewerRequest().Records[0]?.cf.request;
    const events = fc.oneof(
      fc.anything(),
      fc.anything().map((Records) => ({ Records })),
      fc.anything().map((record) => ({ Records: [record] })),
      fc.anything().map((cf) => ({ Records: [{ cf }] })),
      fc.anything().map((config) => ({ Records: [{ cf: { config, request } }] })),
      fc.anything().map((headers) => ({
        Records: [{ cf: { request: { ...request, headers } } }],
      })),
      fc.anything().map((value) => ({
        Records: [{ cf: { request: { ...request, headers: { 'x-api-key': value } } } }],
      })),
    );
    await fc.assert(
      fc.asyncProperty(events, async (event) => {
        expect(isAnswer(await handler(event))).toBe(true);
      }),
      { numRuns: 500 },
    );
    expect(state.lines.every((line) => typeof JSON.parse(line) === 'object')).toBe(true);
  });

  it.each([
    ['no event', undefined],
    ['no records', { Records: [] }],
    ['a header without values', event({ 'x-api-key': null })],
    ['a header value that is no text', event({ 'x-api-key': [{ value: 7 }] })],
    ['a header entry that is nothing', event({ 'x-api-key': [null] })],
    ['no headers', event(undefined)],
  ])('answers 503 to %s', async (_, sent) => {
    const { handler, logged } = setUpHandler({}, [RECORD]);
    expect(status(await handler(sent))).toBe('503');
    expect(logged()).toMatchObject({ Reason: 'internal', failure: 'no viewer request' });
  });

  it.each([
    [new RangeError('with a secret in its message'), 'RangeError'],
    ['no error at all', 'unknown failure'],
  ])('answers 503 when it fails itself, and does not log the message', async (thrown, failure) => {
    const { handler, logged } = setUpHandler({}, [RECORD]);
    const sent = viewerRequest({ headers: withKey });
    const request = sent.Records[0]?.cf.request as CloudFrontRequest;
    let reads = 0;
    Object.defineProperty(request, 'uri', {
      get: () => {
        reads += 1;
        if (reads > 1) {
          // eslint-disable-next-line @typescript-eslint/only-throw-error -- that is the case
          throw thrown;
        }
        return '/orders';
      },
    });
    expect(status(await handler(sent))).toBe('503');
    expect(logged()).toMatchObject({ Reason: 'internal', failure });
  });
});

/** An event with these headers, whatever they are. */
function event(headers: unknown) {
  return { Records: [{ cf: { request: { method: 'GET', uri: '/', headers } } }] };
}
