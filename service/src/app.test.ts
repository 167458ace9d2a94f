// The app as its callers see it: users, identity, errors.
import { documentOf, edgeHeaders, newUser, startHarness } from '../testing/harness';
import type { Body, Harness, UserBody } from '../testing/harness';

describe('createApp', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await startHarness();
  });
  afterAll(() => harness.close());

  it('creates a user, reads it back and lists it, without its credentials', async () => {
    const created = await harness.call('POST', '/users', newUser({ credentials: 'hunter2!' }));
    expect(created.status).toBe(201);
    expect(created.headers.get('content-type')).toBe('application/vnd.api+json');
    const { data } = await documentOf(created);
    expect(created.headers.get('location')).toBe(data.links.self);
    const read = await harness.call('GET', data.links.self);
    expect(read.status).toBe(200);
    const body = await documentOf(read);
    expect(body.data).toEqual(data);
    expect(Object.keys(body.data.attributes)).toEqual(['name', 'email', 'createdAt', 'updatedAt']);
    const list = await documentOf<Omit<Body, 'data'> & { data: UserBody[] }>(
      await harness.call('GET', '/users'),
    );
    expect(list.data).toEqual([data]);
    expect(list.links['next']).toBeNull();
  });

  it('answers health without identity, and readiness by the table', async () => {
    const { app } = harness.runtime;
    expect((await app.request('/healthz')).status).toBe(200);
    expect((await app.request('/readyz')).status).toBe(200);
  });

  it.each([
    ['no headers at all', {}],
    ['a wrong origin secret', { ...edgeHeaders(), 'x-gatehouse-origin-secret': 'guessed' }],
    ['no key id', { ...edgeHeaders(), 'x-gatehouse-key-id': '' }],
  ])('answers 401 for %s', async (_, headers) => {
    const response = await harness.runtime.app.request('/users', { headers });
    expect(response.status).toBe(401);
    expect((await documentOf(response)).errors[0]?.code).toBe('unauthenticated');
  });

  it('answers 403 when the key lacks the scope', async () => {
    const response = await harness.call('POST', '/users', newUser(), edgeHeaders('users:read'));
    expect(response.status).toBe(403);
    expect((await documentOf(response)).errors[0]?.code).toBe('missing_scope');
  });

  it('lets in no request when it knows no origin secret', async () => {
    const alone = await startHarness({ ORIGIN_SECRET: '' });
    try {
      expect((await alone.call('GET', '/users')).status).toBe(401);
    } finally {
      await alone.close();
    }
  });
});
