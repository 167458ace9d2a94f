// JSON:API 1.1, reading: one test a MUST, by the numbers of docs/jsonapi.md.
import { documentOf, edgeHeaders, newUser, startHarness } from '../../testing/harness';
import type { Body, Harness, UserBody } from '../../testing/harness';
import { JSON_API, parseMediaType } from './jsonapi';

type Collection = Omit<Body, 'data'> & { data: UserBody[] };

describe('JSON:API 1.1 reading', () => {
  let harness: Harness;
  let user: UserBody;
  let serial = 0;
  const address = () => `user${(serial += 1)}@example.com`;
  const create = async (attributes: object = {}): Promise<UserBody> => {
    const response = await harness.call(
      'POST',
      '/users',
      newUser({ email: address(), ...attributes }),
    );
    return (await documentOf(response)).data;
  };
  const get = (path: string, headers = {}) => harness.call('GET', path, undefined, headers);
  const errorOf = async (response: Response) => (await documentOf(response)).errors[0];

  beforeAll(async () => {
    harness = await startHarness();
    user = await create();
  });
  afterAll(() => harness.close());

  describe('negotiation', () => {
    it('1-3: answers in the media type, without parameters, errors too', async () => {
      for (const path of ['/users', user.links.self, '/users/none', '/users?sort=name']) {
        expect((await get(path)).headers.get('content-type')).toBe(JSON_API);
      }
    });

    it.each([
      [4, `${JSON_API}; charset=utf-8`],
      [5, `${JSON_API}; ext="https://jsonapi.org/ext/atomic"`],
      ['house', 'application/json'],
      ['house', ''],
    ])('%s: answers 415 to the Content-Type "%s"', async (_, type) => {
      const response = await harness.call('POST', '/users', newUser(), { 'content-type': type });
      expect(response.status).toBe(415);
      expect((await errorOf(response))?.source).toEqual({ header: 'Content-Type' });
    });

    it.each([
      [6, `${JSON_API}; charset=utf-8`],
      [6, `*/*, ${JSON_API};version=1, ${JSON_API}; a="b,c;d"`],
      [7, `${JSON_API}; ext="https://example.com/x", ${JSON_API};ext=y;q=0.5`],
    ])('%i: answers 406 to Accept "%s"', async (_, accept) => {
      expect((await get('/users', { accept })).status).toBe(406);
    });

    it.each([
      [6, `${JSON_API}; charset=utf-8, ${JSON_API}`],
      [6, `${JSON_API};q=0.8`],
      [7, `${JSON_API};ext="x", ${JSON_API}`],
      [8, `${JSON_API}; profile="https://example.com/unknown"`],
      ['house', '*/*'],
      ['house', 'application/json'],
    ])('%s: serves Accept "%s"', async (_, accept) => {
      const response = await get('/users', { accept });
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe(JSON_API);
    });

    it('8: ignores an unknown profile of a request body', async () => {
      const type = `${JSON_API}; profile="https://example.com/unknown https://example.com/b"`;
      const body = newUser({ email: address() });
      expect((await harness.call('POST', '/users', body, { 'content-type': type })).status).toBe(
        201,
      );
    });

    it('parses quoted parameters, escapes and a parameter without value', () => {
      const type = parseMediaType('Text/Plain; A="x;\\"=y" ; b ;; =; q=1');
      expect(type.name).toBe('text/plain');
      expect(type.parameters).toEqual([
        ['a', 'x;"=y'],
        ['b', ''],
        ['', ''],
        ['q', '1'],
      ]);
    });
  });

  describe('document', () => {
    it('9-12, 14-22: has the members that the specification allows and no others', async () => {
      const one = await documentOf(await get(user.links.self));
      const many = await documentOf<Collection>(await get('/users?page[size]=1'));
      const failed = await documentOf(await get('/users/none'));
      expect(Object.keys(one).sort()).toEqual(['data', 'jsonapi', 'links']);
      expect(Object.keys(many).sort()).toEqual(['data', 'jsonapi', 'links']);
      expect(Object.keys(failed).sort()).toEqual(['errors', 'jsonapi', 'meta']);
      expect(Array.isArray(many.data)).toBe(true);
      expect(one).toMatchObject({ jsonapi: { version: '1.1' } });
      expect(Object.keys(one.data)).toEqual(['type', 'id', 'attributes', 'links', 'meta']);
      expect(one.data).toMatchObject({ type: 'users', id: expect.any(String) as string });
      expect(one.data.attributes).not.toHaveProperty('id');
      expect(one.data.attributes).not.toHaveProperty('type');
    });

    it('13, 18, 22: ignores unknown members, @-members and jsonapi.ext', async () => {
      const response = await harness.call('POST', '/users', {
        '@context': 'x',
        jsonapi: { version: '9', ext: ['https://example.com/x'] },
        other: [],
        data: {
          ...newUser({ email: address(), '@note': 1, shoeSize: 43 }).data,
          '@id': 3,
          meta: { a: 1 },
        },
      });
      expect(response.status).toBe(201);
      const { attributes } = (await documentOf(response)).data;
      expect(Object.keys(attributes)).toEqual(['name', 'email', 'createdAt', 'updatedAt']);
    });

    it('16: lists each user once', async () => {
      const { data } = await documentOf<Collection>(await get('/users?page[size]=100'));
      expect(new Set(data.map(({ id }) => id)).size).toBe(data.length);
    });
  });

  describe('fetching', () => {
    it('23: GET on every self link returns that thing', async () => {
      const list = await documentOf<Collection>(await get('/users?page[size]=2'));
      expect((await documentOf(await get(list.data[0]?.links.self ?? ''))).data).toEqual(
        list.data[0],
      );
      expect(await documentOf(await get(list.links['self'] ?? ''))).toMatchObject({
        data: list.data,
      });
    });

    it('24: answers 200 and [] for an empty collection', async () => {
      const response = await get('/users?filter[email]=nobody@example.com');
      expect(response.status).toBe(200);
      expect((await documentOf<Collection>(response)).data).toEqual([]);
    });

    it('25: answers 404 for what is not there, helper items included', async () => {
      const email = user.attributes['email'];
      for (const id of ['none', '00000000-0000-4000-8000-000000000000', `email%23${email}`]) {
        const response = await get(`/users/${id}`);
        expect([id, response.status]).toEqual([id, 404]);
      }
    });

    it('26: answers HEAD without a body and 405 with Allow for other methods', async () => {
      const head = await harness.runtime.app.request('/users', {
        method: 'HEAD',
        headers: edgeHeaders(),
      });
      expect([head.status, await head.text()]).toEqual([200, '']);
      const put = await harness.call('PUT', user.links.self, { data: null });
      expect([put.status, put.headers.get('allow')]).toEqual([405, 'GET, HEAD, PATCH, DELETE']);
    });

    it.each([
      [27, 'include=friends', 'include'],
      [27, 'include=', 'include'],
      [29, 'sort=name', 'sort'],
      [45, 'unknown=1', 'unknown'],
      ['house', 'camelCase=1', 'camelCase'],
      ['house', 'page[number]=1', 'page[number]'],
      ['house', 'filter[name]=x', 'filter[name]'],
      ['house', 'fields[cars]=x', 'fields[cars]'],
      ['house', 'page[size]=0', 'page[size]'],
      ['house', 'page[size]=101', 'page[size]'],
      ['house', 'page[size]=1&page[size]=2', 'page[size]'],
      ['house', 'page[size]=ten', 'page[size]'],
      ['house', 'page[after]=AAAA', 'page[after]'],
      ['house', 'page[after]=AAAA&filter[email]=a@b.cd', 'page[after]'],
      ['house', 'fields[users]=credentials', 'fields[users]'],
      ['house', 'filter[email]=nonsense', 'filter[email]'],
    ])('%s: answers 400 to ?%s', async (_, query, parameter) => {
      const response = await get(`/users?${query}`);
      expect(response.status).toBe(400);
      expect((await errorOf(response))?.source).toEqual({ parameter });
    });

    it('28: returns the fields asked for and nothing else', async () => {
      const fieldsOf = async (query: string) => {
        const { data } = await documentOf(await get(`${user.links.self}?${query}`));
        return Object.keys(data.attributes);
      };
      expect(await fieldsOf('fields[users]=email,name')).toEqual(['email', 'name']);
      expect(await fieldsOf('fields[users]=')).toEqual([]);
    });

    it('30: pages through all users in a stable order, the last page without next', async () => {
      for (let made = 0; made < 5; made += 1) await create();
      const seen: string[] = [];
      let next: string | null = '/users?page[size]=2';
      while (next !== null) {
        const page: Collection = await documentOf<Collection>(await get(next));
        expect(page.data.length).toBeLessThanOrEqual(2);
        expect(page.data.length).toBeGreaterThan(0);
        seen.push(...page.data.map(({ id }) => id));
        next = page.links['next'] ?? null;
      }
      const all = await documentOf<Collection>(await get('/users?page[size]=100'));
      expect(seen).toEqual(all.data.map(({ id }) => id));
    });

    it('30: refuses a cursor that was changed', async () => {
      const page = await documentOf<Collection>(await get('/users?page[size]=1'));
      const cursor = new URL(page.links['next'] ?? '', 'http://x').searchParams.get('page[after]');
      const forged = `${cursor?.startsWith('A') ? 'B' : 'A'}${cursor?.slice(1)}`;
      expect((await get(`/users?page[after]=${forged}`)).status).toBe(400);
      expect((await get(`/users?page[after]=${cursor}`)).status).toBe(200);
      for (const odd of [
        `${cursor}=`,
        `${cursor}!`,
        `${cursor}%20`,
        `%20${cursor}`,
        `${cursor}A`,
      ]) {
        expect([odd, (await get(`/users?page[after]=${odd}`)).status]).toEqual([odd, 400]);
      }
      const beside = await get(`/users?page[after]=${cursor}&filter[email]=a@b.cd`);
      expect(beside.status).toBe(400);
    });

    it('44: has no parameter of its own that the specification could come to use', async () => {
      const { paths } = await documentOf<{
        paths: Record<string, Record<string, { parameters?: { name: string; in: string }[] }>>;
      }>(await get('/openapi.json'));
      const names = ['/users', '/users/{id}'].flatMap((path) =>
        Object.values(paths[path] ?? {}).flatMap(({ parameters = [] }) =>
          parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name),
        ),
      );
      expect(new Set(names)).toEqual(
        new Set(['page[size]', 'page[after]', 'filter[email]', 'fields[users]']),
      );
    });

    it('46: takes brackets encoded and not, and filters by an address in another case', async () => {
      const email = (user.attributes['email'] ?? '').toUpperCase();
      for (const query of [`filter[email]=${email}`, `filter%5Bemail%5D=${email}`]) {
        const { data } = await documentOf<Collection>(await get(`/users?${query}`));
        expect(data.map(({ id }) => id)).toEqual([user.id]);
      }
    });
  });
});
