// JSON:API 1.1, writing and errors: one test a MUST, by the numbers of docs/jsonapi.md.
import { documentOf, newUser, startHarness } from '../../testing/harness';
import type { Harness, UserBody } from '../../testing/harness';

describe('JSON:API 1.1 writing', () => {
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
  const patch = (data: object, path = user.links.self) => harness.call('PATCH', path, { data });
  const get = (path: string, headers = {}) => harness.call('GET', path, undefined, headers);
  const errorOf = async (response: Response) => (await documentOf(response)).errors[0];

  beforeAll(async () => {
    harness = await startHarness();
    user = await create();
  });
  afterAll(() => harness.close());

  describe('writing', () => {
    it('31: writes all or nothing', async () => {
      const other = await create();
      const response = await patch({
        type: 'users',
        id: user.id,
        attributes: { name: 'Changed', email: other.attributes['email'] },
      });
      expect(response.status).toBe(409);
      expect((await documentOf(await get(user.links.self))).data).toEqual(user);
    });

    it('34: answers 201 with the user and its address', async () => {
      const response = await harness.call('POST', '/users', newUser({ email: address() }));
      const { data } = await documentOf(response);
      expect(response.status).toBe(201);
      expect(response.headers.get('location')).toBe(data.links.self);
    });

    it('38, 39: changes what is given, keeps the rest, and answers with the user', async () => {
      const made = await create({ name: 'Before' });
      const response = await patch(
        { type: 'users', id: made.id, attributes: { name: 'After' } },
        made.links.self,
      );
      expect(response.status).toBe(200);
      const { data } = await documentOf(response);
      expect(data.attributes).toMatchObject({ name: 'After', email: made.attributes['email'] });
      expect(data.meta.version).toBe(2);
      const same = await patch({ type: 'users', id: made.id }, made.links.self);
      expect((await documentOf(same)).data).toEqual(data);
    });

    it.each([
      [32, {}, 400, 'invalid_document', ''],
      [32, { data: [] }, 400, 'invalid_document', '/data'],
      [32, { data: null }, 400, 'invalid_document', '/data'],
      [32, { data: { attributes: {} } }, 400, 'invalid_document', '/data'],
      [33, { data: { type: 'users', id: 'x' } }, 403, 'client_id_unsupported', '/data/id'],
      [
        33,
        { data: { type: 'users', attributes: { name: 'A', email: 'a@b.cd', updatedAt: 'x' } } },
        403,
        'unsupported_update',
        '/data/attributes/updatedAt',
      ],
      [37, { data: { type: 'cars' } }, 409, 'type_conflict', '/data/type'],
      [40, { data: { type: 'users', relationships: {} } }, 403, 'unsupported_update', null],
    ])('%i: POST refuses %j', async (_, document, status, code, pointer) => {
      const body =
        'data' in document && document.data !== null && !Array.isArray(document.data)
          ? { data: { attributes: { name: 'A', email: address() }, ...document.data } }
          : document;
      const response = await harness.call('POST', '/users', body);
      const error = await errorOf(response);
      expect([response.status, error?.code]).toEqual([status, code]);
      if (pointer !== null) expect(error?.source).toEqual({ pointer });
    });

    it.each([
      [38, { type: 'users' }, 400, 'invalid_document', '/data'],
      [38, { id: 'self' }, 400, 'invalid_document', '/data'],
      [
        40,
        { type: 'users', id: 'self', attributes: { createdAt: 'x' } },
        403,
        'unsupported_update',
        '/data/attributes/createdAt',
      ],
      [
        40,
        { type: 'users', id: 'self', relationships: {} },
        403,
        'unsupported_update',
        '/data/relationships',
      ],
      [42, { type: 'cars', id: 'self' }, 409, 'type_conflict', '/data/type'],
      [42, { type: 'users', id: 'other' }, 409, 'id_conflict', '/data/id'],
    ])('%i: PATCH refuses %j', async (_, data, status, code, pointer) => {
      const response = await patch({
        ...data,
        ...('id' in data && data.id === 'self' ? { id: user.id } : {}),
      });
      const error = await errorOf(response);
      expect([response.status, error?.code]).toEqual([status, code]);
      expect(error?.source).toEqual({ pointer });
    });

    it('41, 43: PATCH and DELETE of a missing user are 404; DELETE is 204 once', async () => {
      const made = await create();
      const response = await harness.call('DELETE', made.links.self);
      expect([response.status, await response.text()]).toEqual([204, '']);
      expect((await harness.call('DELETE', made.links.self)).status).toBe(404);
      const late = await patch({ type: 'users', id: made.id }, made.links.self);
      expect(late.status).toBe(404);
    });
  });

  describe('errors', () => {
    it('47-49: come as a list, each with members, the status a string', async () => {
      const response = await harness.call('POST', '/users', {
        data: { type: 'users', attributes: { name: '', email: 'x', credentials: 7 } },
      });
      expect(response.status).toBe(422);
      const { errors } = await documentOf(response);
      expect(errors.map(({ source }) => source?.['pointer'])).toEqual([
        '/data/attributes/name',
        '/data/attributes/email',
        '/data/attributes/credentials',
      ]);
      for (const error of errors) {
        expect(error).toMatchObject({ status: '422', code: 'invalid_attribute' });
      }
    });

    it('48: answers with the general status when the problems differ', async () => {
      const response = await harness.call('POST', '/users', {
        data: { type: 'cars', id: 'x', attributes: { name: '', email: 'a@example.com' } },
      });
      expect(response.status).toBe(400);
      expect((await documentOf(response)).errors.map(({ status }) => status)).toEqual([
        '409',
        '403',
        '422',
      ]);
    });

    it('50: points at the nearest parent that exists', async () => {
      const response = await harness.call('POST', '/users', { data: { type: 'users' } });
      expect((await errorOf(response))?.source).toEqual({ pointer: '/data' });
    });

    it('house: says Vary: Accept, and 400 to malformed JSON and an empty body', async () => {
      expect((await get('/users')).headers.get('vary')).toContain('Accept');
      for (const text of ['{', '', '{"a":"\u0000"}', 'nul']) {
        const response = await harness.call('POST', '/users', text);
        expect(response.status).toBe(400);
        expect((await errorOf(response))?.code).toBe('malformed_json');
        expect(response.headers.get('vary')).toContain('Accept');
      }
    });
  });
});
