// Fuzzes the edge's handler with viewer requests: nothing passes without the key, nothing leaks, nothing throws.
import fc from 'fast-check';
import { EDGE_TIMING_HEADER } from '../../contracts/headers';
import { ALLOWED_METHODS } from '../../contracts/access';
import { viewerRequest, type EventParts } from '../../edge/testing/events';
import { isAnswer, setUpHandler, status } from '../../edge/testing/handler';
import { makeKey, makeRecord } from '../../edge/testing/keys';
import { fuzzer, require, type Target } from './target';

const KEY = makeKey();
const OTHER = makeKey('Other0000000');
/** The secret and what follows it. */
const SECRET_END = KEY.key.slice(-49);
const BASIC = Buffer.from(`${KEY.keyId}:${SECRET_END}`).toString('base64');

/** The parts of a request, or what stands in the place of the whole event. */
interface EdgeInput {
  readonly event?: unknown;
  readonly parts?: EventParts;
}

const names = fc.oneof(
  fc.constantFrom(
    ...['x-api-key', 'X-Api-Key', 'authorization', 'X-Gatehouse-Owner', 'x_gatehouse_scopes'],
    ...['x-gatehouse-origin-secret', ' x-gatehouse-key-id', 'origin', 'content-length', 'host'],
    ...['access-control-request-method', '__proto__', 'constructor'],
  ),
  fc.string({ minLength: 1, maxLength: 12 }),
);
const credentials = fc.constantFrom(
  ...[KEY.key, ` ${KEY.key}`, `Bearer ${KEY.key}`, `Bearer  ${KEY.key}`, `bearer ${OTHER.key}`],
  ...[`Basic ${BASIC}`, 'Basic !', 'Bearer'],
  ...[KEY.key.slice(0, -1), OTHER.key, `${KEY.key},${KEY.key}`, 'https://app.example.com'],
);
const value = fc.oneof(credentials, fc.string({ maxLength: 20 }), fc.string({ unit: 'binary' }));
const segment = fc.oneof(
  fc.constantFrom('orders', 'status', 'users', '.', '..', '', '%2e%2e', '%2F', '%00', '\\', '%c0'),
  fc.string({ maxLength: 6 }),
);
const parts: fc.Arbitrary<EventParts> = fc.record(
  {
    method: fc.oneof(fc.constantFrom(...ALLOWED_METHODS), fc.string({ maxLength: 8 })),
    uri: fc.oneof(
      fc.array(segment, { maxLength: 5 }).map((segments) => `/${segments.join('/')}`),
      fc.string(),
    ),
    querystring: fc.string(),
    headers: fc.dictionary(names, fc.oneof(value, fc.array(value, { maxLength: 3 })), {
      maxKeys: 5,
    }),
  },
  { requiredKeys: [] },
);
const inputs: fc.Arbitrary<EdgeInput> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ parts }) },
  { weight: 1, arbitrary: fc.record({ event: fc.jsonValue() }) },
  {
    weight: 1,
    arbitrary: fc.jsonValue().map((request) => ({ event: { Records: [{ cf: { request } }] } })),
  },
);

const STATUSES = ['204', '400', '401', '403', '405', '503'];
const IDENTITY = ['x-gatehouse-key-id', 'x-gatehouse-owner', 'x-gatehouse-scopes'];

/** Header names that an origin, or what stands before it, could take for the platform's own. */
const TRUSTED = /^(x[-_]gatehouse|x[-_]api[-_]key|authorization)/;

export const edge: Target = {
  name: 'edge',
  about: 'viewer requests, at the edge function',
  open: () => {
    const { handler, state } = setUpHandler({ corsOrigins: ['https://app.example.com'] }, [
      makeRecord(KEY, { scopes: ['orders:read', 'orders:write'] }),
    ]);
    const check = async ({ event, parts: sent = {} }: EdgeInput) => {
      state.lines.length = 0;
      const result = await handler(event === undefined ? viewerRequest(sent) : event);
      for (const line of state.lines) {
        require(typeof JSON.parse(line) === 'object', 'a log line is no JSON object');
        require(!line.includes(SECRET_END), 'the key is in the log');
      }
      if (isAnswer(result)) {
        require(STATUSES.includes(status(result)), `the edge answers ${status(result)}`);
        require(!JSON.stringify(result).includes(SECRET_END), 'the key is in the answer');
        return;
      }
      const timing = result.headers[EDGE_TIMING_HEADER] ?? [];
      require(timing.length <= 1, 'a timing that is not the edge’s own is passed on');
      const own = Object.keys(result.headers)
        .map((name) => name.trim().toLowerCase())
        .filter((name) => TRUSTED.test(name) && name !== EDGE_TIMING_HEADER);
      if (own.length === 0) {
        require(result.uri === '/status', `${result.uri} passes without an identity`);
        return;
      }
      require(own.sort().join() ===
        IDENTITY.join(), `the origin would get ${own.join()} of what it trusts`);
      require(JSON.stringify(sent).includes(SECRET_END) ||
        JSON.stringify(sent).includes(BASIC), 'a request without the key passes with an identity');
      require(result.headers['x-gatehouse-owner']?.[0]?.value ===
        'team@example.com', 'the owner is not the one of the key');
    };
    return Promise.resolve(fuzzer(inputs, check));
  },
};
