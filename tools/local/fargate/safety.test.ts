import type { AccessRule } from '../../../contracts/access';
import { ORIGIN_SECRET_HEADER } from '../../../contracts/headers';
import { answer } from '../http';
import { closeAll, serve } from '../testing/servers';
import { unguarded } from './safety';

afterEach(closeAll);

describe('unguarded', () => {
  const rules: AccessRule[] = [
    { methods: ['GET'], path: '/status', access: 'public' },
    { methods: ['GET'], path: '/orders/**', scope: 'orders:read' },
    { methods: ['POST'], path: '/orders', scope: 'orders:write' },
  ];
  const scopes = { 'orders:read': 'Read.', 'orders:write': 'Write.' };

  /** What is found of a program that answers each request by a status. */
  async function found(
    status: (request: { method: string; path: string; secret: unknown; scopes: unknown }) => number,
  ): Promise<string> {
    const { port } = await serve((request, response) => {
      const { method = '', url: path = '', headers } = request;
      const secret = headers[ORIGIN_SECRET_HEADER];
      answer(response, status({ method, path, secret, scopes: headers['x-gatehouse-scopes'] }), {});
    });
    return (await unguarded({ name: 'orders', rules, scopes }, port)).join();
  }

  it('finds nothing where every request is refused, and leaves public paths alone', async () => {
    expect(await found(({ path }) => (path === '/status' ? 200 : 401))).toBe('');
    expect(await found(() => 403)).toBe('');
    expect(await found(() => 404)).toBe('');
  });

  it('says which request is answered without the secret, or with any', async () => {
    expect(await found(() => 200)).toContain(
      'orders is not safe behind the gate: it answers GET /orders without the origin secret by 200',
    );
    expect(await found(({ secret }) => (secret === undefined ? 401 : 200))).toContain(
      'it answers GET /orders with a wrong origin secret by 200',
    );
  });

  it('is not content with an identity that anybody can make up', async () => {
    expect(
      await found(({ scopes: given }) => (given === 'orders:read orders:write' ? 200 : 401)),
    ).toContain('not safe');
  });

  it('finds a program that looks at the request first', async () => {
    expect(await found(({ method }) => (method === 'POST' ? 422 : 401))).toContain(
      'it answers POST /orders without the origin secret by 422',
    );
  });

  it('takes no answer for no way in', async () => {
    const { port, close } = await serve(() => undefined);
    await close();
    expect(await unguarded({ name: 'orders', rules, scopes }, port)).toEqual([]);
  });
});
