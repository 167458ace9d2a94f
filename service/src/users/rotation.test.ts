// A change of the origin secret, step by step: no request, cursor or repeated create is lost on the way.
import {
  edgeHeaders,
  documentOf,
  ORIGIN_SECRET,
  startHarness,
  type Harness,
} from '../../testing/harness';
import { createRuntime } from '../kit/service';
import { users } from '../app';

const FIRST = ORIGIN_SECRET;
const SECOND = 'the-second-secret-of-the-origin-x';
const THIRD = 'the-third-secret-of-the-origin-xy';

let harness: Harness;
interface Task {
  readonly runtime: ReturnType<typeof createRuntime>;
  readonly send: (
    secret: string,
    path: string,
    body?: object,
    more?: Record<string, string>,
  ) => Promise<Response>;
}

let tasks: Task[];
beforeAll(async () => {
  harness = await startHarness();
  tasks = [];
});
afterAll(async () => {
  for (const { runtime } of tasks) runtime.close();
  await harness.close();
});

/** A task that knows these secrets, the newest first. */
function task(...[newest, previous]: string[]): Task {
  const env = {
    ...harness.env,
    ORIGIN_SECRET: newest,
    ...(previous === undefined ? {} : { ORIGIN_SECRET_PREVIOUS: previous }),
  };
  const runtime = createRuntime(users, env, () => undefined);
  const send: Task['send'] = async (secret, path, body, more = {}) =>
    runtime.app.request(path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        ...edgeHeaders(),
        'x-gatehouse-origin-secret': secret,
        ...(body === undefined ? {} : { 'content-type': 'application/vnd.api+json' }),
        ...more,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const made = { runtime, send };
  tasks.push(made);
  return made;
}

const user = (email: string) => ({ data: { type: 'users', attributes: { name: 'Ada', email } } });

describe('a service with two origin secrets', () => {
  it('takes either, and no other', async () => {
    const { send } = task(SECOND, FIRST);
    const statuses = [FIRST, SECOND, THIRD, ''].map(
      async (secret) => (await send(secret, '/users')).status,
    );
    expect(await Promise.all(statuses)).toEqual([200, 200, 401, 401]);
  });

  it('takes the first no more once it is two behind', async () => {
    const { send } = task(THIRD, SECOND);
    expect((await send(FIRST, '/users')).status).toBe(401);
    expect((await send(SECOND, '/users')).status).toBe(200);
  });

  it('opens cursors of old and new tasks on either, before and after CloudFront has changed', async () => {
    const [old, renewed] = [task(FIRST), task(SECOND, FIRST)];
    for (const email of ['a@example.com', 'b@example.com']) {
      expect((await old.send(FIRST, '/users', user(email))).status).toBe(201);
    }
    const next = async ({ send }: Task, secret: string): Promise<string> => {
      const { links } = await documentOf<{ links: { next: string } }>(
        await send(secret, '/users?page[size]=1'),
      );
      return links.next;
    };
    const status = async ({ send }: Task, secret: string, path: string): Promise<number> =>
      (await send(secret, path)).status;
    expect(await status(renewed, FIRST, await next(old, FIRST))).toBe(200);
    expect(await status(old, FIRST, await next(renewed, FIRST))).toBe(200);
    expect(await status(renewed, SECOND, await next(old, FIRST))).toBe(200);
    expect(await status(renewed, FIRST, await next(renewed, SECOND))).toBe(200);
  });

  it('knows a create again that was sent before CloudFront had changed', async () => {
    const { send } = task(SECOND, FIRST);
    const again = { 'idempotency-key': 'rotation' };
    const first = await documentOf(await send(FIRST, '/users', user('c@example.com'), again));
    const second = await send(SECOND, '/users', user('c@example.com'), again);
    expect([second.status, await documentOf(second)]).toEqual([201, first]);
    const other = await send(SECOND, '/users', user('d@example.com'), again);
    expect(other.status).toBe(422);
  });
});
