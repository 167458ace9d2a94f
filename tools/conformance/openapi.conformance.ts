// The API through the edge, asked by its own OpenAPI document: every answer is one that is described.
import fc from 'fast-check';
import { startLocal } from '../local/testing/command';
import type { LocalCommand, Ready } from '../local/testing/command';
import { inlined, misfit, valuesOf, type Schema } from './schemas';

interface Operation {
  readonly security?: readonly object[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: 'query' | 'header' | 'path';
    readonly required?: boolean;
    readonly schema: Schema;
  }[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: Schema }>>;
  };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }>
  >;
}

type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>;

const RUNS = 60;
const BODYLESS = ['get', 'head'];

let platform: LocalCommand;
let ready: Ready;
let operations: { name: string; method: string; path: string; operation: Operation }[];
let userIds: string[];

beforeAll(async () => {
  platform = startLocal(['--json']);
  ready = await platform.ready();
  const answer = await fetch(`${ready.edge}/openapi.json`, { headers: { 'x-api-key': ready.key } });
  const document = (await answer.json()) as { paths: Paths };
  operations = Object.entries(inlined(document.paths, document)).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...{ method, path, operation },
      name: `${method.toUpperCase()} ${path}`,
    })),
  );
  userIds = await Promise.all([1, 2, 3].map((number) => makeUser(`conformance-${number}`)));
});

afterAll(async () => {
  platform?.child.kill('SIGTERM');
  await platform?.ended;
});

async function makeUser(name: string): Promise<string> {
  const answer = await fetch(`${ready.edge}/users`, {
    method: 'POST',
    headers: { 'x-api-key': ready.key, 'content-type': 'application/vnd.api+json' },
    body: JSON.stringify({
      data: { type: 'users', attributes: { name, email: `${name}@example.com` } },
    }),
  });
  return ((await answer.json()) as { data: { id: string } }).data.id;
}

interface Asked {
  readonly path: string;
  readonly init: RequestInit;
}

/** Requests of an operation: parameters and bodies of its schemas, ids of users that there are. */
function requestsOf(method: string, path: string, operation: Operation): fc.Arbitrary<Asked> {
  const parameters = operation.parameters ?? [];
  const [[mediaType, body] = []] = Object.entries(operation.requestBody?.content ?? {});
  return fc
    .record({
      ids: fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...userIds) }, fc.uuid()),
      values: fc.tuple(
        ...parameters.map(({ schema, required }) =>
          required === true
            ? valuesOf(schema)
            : fc.option(valuesOf(schema), { nil: undefined, freq: 1 }),
        ),
      ),
      content: body === undefined ? fc.constant(undefined) : valuesOf(body.schema),
      own: fc.boolean(),
    })
    .map(({ ids, values, content, own }) => {
      const query = new URLSearchParams();
      const headers: Record<string, string> = { 'x-api-key': ready.key };
      parameters.forEach(({ name, in: place }, index) => {
        const value = values[index];
        if (value === undefined) return;
        const text = typeof value === 'string' ? value : JSON.stringify(value);
        if (place === 'query') query.append(name, text);
        // What no header can hold is no request.
        if (place === 'header' && /^[\x21-\x7e]+$/.test(text)) headers[name] = text;
      });
      if (mediaType !== undefined) headers['content-type'] = mediaType;
      const target =
        path.replace(/\{[^}]+\}/, ids) + (query.size === 0 ? '' : `?${query.toString()}`);
      return {
        path: target,
        init: {
          ...{ method: method.toUpperCase(), headers },
          ...(content === undefined || BODYLESS.includes(method)
            ? {}
            : { body: JSON.stringify(own ? withId(content, ids) : content) }),
        },
      };
    });
}

/** A change names its user twice; by chance it never would. */
function withId(content: unknown, id: string): unknown {
  const { data } = { ...(content as { data?: unknown }) };
  if (typeof data !== 'object' || data === null || !('id' in data)) return content;
  return { ...(content as object), data: { ...data, id } };
}

/** @throws Error when the operation does not describe the answer. */
async function requireDescribed(name: string, { responses }: Operation, answer: Response) {
  const text = await answer.text();
  const described = responses[answer.status];
  const told = `${name} answers ${answer.status}, `;
  if (described === undefined) throw new Error(`${told}which is not described: ${text}`);
  const type = answer.headers.get('content-type')?.split(';')[0];
  if (described.content === undefined) {
    if (text !== '') throw new Error(`${told}and a body that is not described: ${text}`);
    return;
  }
  const media = type === undefined ? undefined : described.content[type];
  if (media === undefined) throw new Error(`${told}with the type ${type}, not described: ${text}`);
  if (type === undefined || !/[/+]json$/.test(type)) return;
  const wrong = misfit(media.schema, JSON.parse(text));
  if (wrong !== undefined) throw new Error(`${told}with another form: ${wrong}\n${text}`);
}

describe('the OpenAPI document, through the edge', () => {
  it('describes operations', () => {
    expect(operations.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['GET /users', 'POST /users', 'PATCH /users/{id}', 'GET /docs']),
    );
  });

  it('describes every answer to requests of its schemas', async () => {
    const seen = new Map<string, number>();
    for (const { name, method, path, operation } of operations) {
      if (operation.security === undefined) continue;
      await fc.assert(
        fc.asyncProperty(requestsOf(method, path, operation), async (asked) => {
          const answer = await fetch(`${ready.edge}${asked.path}`, asked.init);
          seen.set(`${name} ${answer.status}`, (seen.get(`${name} ${answer.status}`) ?? 0) + 1);
          expect(answer.status).toBeLessThan(500);
          await requireDescribed(name, operation, answer);
        }),
        {
          numRuns:
            operation.parameters === undefined && operation.requestBody === undefined ? 3 : RUNS,
        },
      );
    }
    // Requests that were all refused would show nothing.
    for (const answered of ['GET /users 200', 'POST /users 201', 'PATCH /users/{id} 200']) {
      expect([...seen.keys()]).toContain(answered);
    }
  });

  it.each([
    ['no key', 401, () => ({})],
    ['a key that is none', 401, () => ({ 'x-api-key': 'nonsense' })],
    ['two keys', 400, () => ({ 'x-api-key': ready.key, authorization: `Bearer ${ready.key}` })],
  ])('describes what is answered to %s', async (_, status, headers) => {
    for (const { name, method, path, operation } of operations) {
      if (operation.security === undefined) continue;
      const answer = await fetch(`${ready.edge}${path.replace('{id}', userIds[0] ?? '')}`, {
        ...{ method: method.toUpperCase(), headers: headers() },
      });
      expect([name, answer.status]).toEqual([name, status]);
      await requireDescribed(name, operation, answer);
    }
  });

  it('keeps from callers what is for the load balancer', async () => {
    const closed = operations.filter(({ operation }) => operation.security === undefined);
    expect(closed.map(({ name }) => name)).toEqual(['GET /healthz', 'GET /readyz']);
    const secured = operations.find(({ name }) => name === 'GET /users');
    for (const { path } of closed) {
      const answer = await fetch(`${ready.edge}${path}`, { headers: { 'x-api-key': ready.key } });
      expect(answer.status).toBe(403);
      await requireDescribed('GET /users', secured!.operation, answer);
    }
  });
});
