// Fuzzes the users API in process: whatever comes, the answer is one that its OpenAPI document describes.
import fc from 'fast-check';
import { edgeHeaders, newUser, startHarness } from '../../service/testing/harness';
import { JSON_API } from '../../service/src/users/jsonapi';
import { mutations, fuzzer, require, type Fuzzer, type Target } from './target';

/** A request as the edge passes it on; the body's bytes as Latin-1. */
interface ServiceInput {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

const SECRET = 'planted-secret-4711';
const USER = newUser({ email: 'fuzz@example.com', credentials: SECRET });
const KNOWN_ID = '$ID';
/** Answers for which the API has a code; 503 is for what it depends on, and nothing is down here. */
const STATUSES = [200, 201, 204, 400, 401, 403, 404, 405, 406, 409, 412, 413, 415, 422, 428];
const MEDIA_TYPES = [JSON_API, 'application/x-ndjson', 'application/json', 'text/html'];

const textOf = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('latin1');

const TOKENS = ['"', '{', '}', '[', ']', ':', ',', 'null', 'true', '1e999', '\\u0000', '\\ud800'];
const odd = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', ' ', '\u200b', 'ada@example.com/evil?x', 'ΑΣ@x.example', SECRET, 'users'),
);
const document = fc
  .record({
    type: fc.oneof(
      { weight: 9, arbitrary: fc.constant<unknown>('users') },
      { weight: 1, arbitrary: odd },
    ),
    id: fc.oneof(fc.constant<unknown>(undefined), fc.constant(KNOWN_ID), odd),
    attributes: fc.oneof(
      {
        weight: 9,
        arbitrary: fc.dictionary(
          fc.constantFrom('name', 'email', 'credentials', 'createdAt', 'version', '__proto__'),
          odd,
        ),
      },
      { weight: 1, arbitrary: odd },
    ),
  })
  .map((data) => textOf({ data }));
const email = fc.emailAddress().map((address) => textOf(newUser({ email: address })));
const body = fc.oneof(
  document,
  email,
  mutations([JSON.stringify(USER)], TOKENS).map((text) => Buffer.from(text).toString('latin1')),
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
  fc.integer({ min: 1, max: 3000 }).map((depth) => '['.repeat(depth)),
);
const mediaType = fc.oneof(
  { weight: 6, arbitrary: fc.constant(JSON_API) },
  {
    weight: 2,
    arbitrary: mutations(
      [JSON_API, '*/*'],
      [';', 'ext="', '"', 'q=0', ',', 'profile=x', '*', '/', ' '],
    ),
  },
);
const header = fc.oneof(
  fc.tuple(fc.constantFrom('content-type', 'accept'), mediaType),
  fc.tuple(
    fc.constantFrom('if-match', 'if-none-match', 'idempotency-key', 'x-request-id', 'traceparent'),
    fc.oneof(
      fc.constantFrom('*', '"1"', 'W/"1"', '"1", "2"', '"', ','),
      fc.string({ maxLength: 12 }),
    ),
  ),
);
const parameter = fc
  .tuple(
    fc.oneof(
      fc.constantFrom(
        'page[size]',
        'page[after]',
        'filter[email]',
        'fields[users]',
        'segments',
        'sort',
      ),
      fc.string({ maxLength: 6 }),
    ),
    fc.oneof(
      fc.constantFrom('1', '0', '100', '-1', '1e3', 'name', 'fuzz@example.com', ''),
      fc.string(),
    ),
    fc.boolean(),
  )
  .map(([name, value, encoded]) =>
    encoded ? `${encodeURIComponent(name)}=${encodeURIComponent(value)}` : `${name}=${value}`,
  );
const path = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('/users', `/users/${KNOWN_ID}`, '/users/export') },
  { weight: 1, arbitrary: fc.string({ maxLength: 12 }).map((text) => `/users/${text}`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('/openapi.json', '/docs', '/healthz', '/', '//', '/users/'),
  },
  { weight: 1, arbitrary: fc.webPath() },
);
const inputs: fc.Arbitrary<ServiceInput> = fc
  .record({
    method: fc.constantFrom(
      'GET',
      'HEAD',
      'POST',
      'POST',
      'PATCH',
      'PATCH',
      'DELETE',
      'PUT',
      'OPTIONS',
    ),
    path,
    query: fc.array(parameter, { maxLength: 3 }),
    headers: fc.array(header, { maxLength: 3 }).map((pairs) => Object.fromEntries(pairs)),
    body: fc.option(body, { nil: undefined }),
  })
  .map(({ method, path: plain, query, headers, body: content }) => ({
    ...{ method, headers },
    path: query.length === 0 ? plain : `${plain}?${query.join('&')}`,
    ...(content === undefined || ['GET', 'HEAD', 'OPTIONS'].includes(method)
      ? {}
      : { body: content }),
  }));

type ErrorList = readonly { readonly status?: string }[];

/** Several errors may differ, and are answered by the status that fits all (JSON:API, "Errors"). */
function isErrorList(errors: ErrorList | undefined, answered: number): boolean {
  const [hundred] = String(answered);
  return (
    errors !== undefined &&
    errors.length > 0 &&
    errors.every(({ status }) => status?.startsWith(hundred as string) === true)
  );
}

/** An answer without names and addresses: a request may have made the secret's text one of them. */
function withoutOwnWords(text: string): string {
  const own = ['name', 'email'];
  return text
    .split('\n')
    .map((line) => {
      try {
        return JSON.stringify(JSON.parse(line), (key, value: unknown) =>
          own.includes(key) ? undefined : value,
        );
      } catch {
        return line;
      }
    })
    .join('\n');
}

/** A request, or nothing when HTTP itself does not allow it. */
function requestOf({ method, path: target, headers, body: content }: ServiceInput, id: string) {
  try {
    return new Request(`http://localhost${target.replaceAll(KNOWN_ID, id)}`, {
      method,
      headers: {
        ...(content === undefined ? {} : { 'content-type': JSON_API }),
        ...headers,
        ...edgeHeaders(),
      },
      ...(content === undefined
        ? {}
        : { body: Buffer.from(content.replaceAll(KNOWN_ID, id), 'latin1') }),
    });
  } catch {
    return undefined;
  }
}

export const service: Target = {
  name: 'service',
  about: 'requests with bodies, queries and headers, at the users API',
  open: async (): Promise<Fuzzer> => {
    const harness = await startHarness({ LOG_LEVEL: 'error' });
    let id = '';
    /** A user that is there, though a request before may have deleted it. */
    const makeUser = async () => {
      const address = `${crypto.randomUUID()}@example.com`;
      const made = await harness.call(
        'POST',
        '/users',
        newUser({ email: address, credentials: SECRET }),
      );
      ({ id } = ((await made.json()) as { data: { id: string } }).data);
    };
    const check = async (input: ServiceInput) => {
      if (id === '') await makeUser();
      const request = requestOf(input, id);
      if (request === undefined) return;
      harness.logs.length = 0;
      const response = await harness.runtime.app.fetch(request);
      const text = await response.text();
      const told = `${input.method} ${input.path} answers ${response.status}`;
      if (response.status === 204) id = '';
      require(STATUSES.includes(response.status), `${told}: ${text.slice(0, 200)}`);
      const type = response.headers.get('content-type')?.split(';')[0];
      require(type === undefined
        ? text === ''
        : MEDIA_TYPES.includes(type), `${told} with the content type ${type}`);
      if (response.status >= 400 && text !== '') {
        const { errors } = JSON.parse(text) as { errors?: ErrorList };
        require(isErrorList(
          errors,
          response.status,
        ), `${told} with another document: ${text.slice(0, 200)}`);
      }
      // An error may quote what was sent; a user never shows it.
      require(!response.ok ||
        !withoutOwnWords(text).includes(SECRET), `${told} and shows credentials`);
      for (const line of harness.logs) {
        require(!line.includes(SECRET), `${told} and logs credentials`);
      }
    };
    return fuzzer(inputs, check, () => harness.close());
  },
};
