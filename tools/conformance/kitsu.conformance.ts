// A JSON:API client that knows nothing of this API: kitsu creates, pages, changes and deletes through the edge.
import Kitsu from 'kitsu';
import { startLocal } from '../local/testing/command';
import type { LocalCommand, Ready } from '../local/testing/command';

interface User {
  id: string;
  type: string;
  name: string;
  email: string;
  createdAt: string;
}
interface Answer<T> {
  data: T;
  links?: { next: string | null };
  status: number;
}

let platform: LocalCommand;
let ready: Ready;
let client: Kitsu;

beforeAll(async () => {
  platform = startLocal(['--json']);
  ready = await platform.ready();
  client = new Kitsu({ baseURL: ready.edge, headers: { 'x-api-key': ready.key } });
});

afterAll(async () => {
  platform?.child.kill('SIGTERM');
  await platform?.ended;
});

const create = async (name: string) =>
  (await client.create('users', {
    name,
    email: `${name}@example.com`,
    credentials: 'planted-4711',
  })) as Answer<User>;

describe('kitsu', () => {
  it('creates, reads, changes and deletes a user', async () => {
    const { data: made } = await create('ada');
    expect(made).toMatchObject({ type: 'users', name: 'ada', email: 'ada@example.com' });
    expect(JSON.stringify(made)).not.toContain('planted');
    const changed = (await client.update('users', { id: made.id, name: 'Ada L' })) as Answer<User>;
    expect(changed.data).toMatchObject({ id: made.id, name: 'Ada L', email: 'ada@example.com' });
    const { data: read } = (await client.get(`users/${made.id}`)) as Answer<User>;
    expect(read).toMatchObject({ name: 'Ada L', createdAt: made.createdAt });
    await client.remove('users', made.id);
    await expect(client.get(`users/${made.id}`)).rejects.toMatchObject({
      errors: [{ status: '404', code: 'not_found' }],
    });
  });

  it('saves a whole resource as it was read', async () => {
    const { data: made } = await create('grace');
    const { data: read } = (await client.get(`users/${made.id}`)) as Answer<User>;
    const { id, name, email, createdAt } = { ...read, name: 'Grace H' };
    const saved = (await client.update('users', { id, name, email, createdAt })) as Answer<User>;
    expect(saved.data).toMatchObject({ name: 'Grace H', createdAt: made.createdAt });
    await client.remove('users', id);
  });

  it('pages through all users by the links, and narrows fields', async () => {
    const made = await Promise.all(
      Array.from({ length: 7 }, (_, index) => create(`page-${index}`)),
    );
    const seen: User[] = [];
    let after: string | null = null;
    do {
      const page = { size: 3, ...(after === null ? {} : { after }) };
      const params = { page, fields: { users: 'name' } };
      const answer = (await client.get('users', { params })) as Answer<User[]>;
      seen.push(...answer.data);
      const next: string | null = answer.links?.next ?? null;
      after = next === null ? null : new URL(next, ready.edge).searchParams.get('page[after]');
    } while (after !== null);
    expect(seen.map(({ id }) => id).sort()).toEqual(made.map(({ data }) => data.id).sort());
    expect(seen.every(({ name, email }) => name.startsWith('page-') && email === undefined)).toBe(
      true,
    );
  });

  it('reads errors', async () => {
    await expect(client.create('users', { name: 'x', email: 'no address' })).rejects.toMatchObject({
      errors: [{ status: '422', source: { pointer: '/data/attributes/email' } }],
    });
    const stranger = new Kitsu({ baseURL: ready.edge });
    await expect(stranger.get('users')).rejects.toMatchObject({
      errors: [{ status: '401', code: 'unauthenticated' }],
    });
  });
});
