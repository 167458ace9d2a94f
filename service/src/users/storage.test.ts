// Users in the table: uniqueness, versions and idempotency, on both embedded engines.
import { GetItemCommand, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { dynoxideBinary } from '../../../tools/local/aws/dynoxide';
import { documentOf, edgeHeaders, newUser, startHarness, TABLE } from '../../testing/harness';
import { JSON_API } from './jsonapi';
import { users } from '../app';
import { createRuntime } from '../kit/service';
import type { Body, Harness, UserBody } from '../../testing/harness';

type Engine = 'dynalite' | 'dynoxide';
const ENGINES: readonly Engine[] = ['dynalite', 'dynoxide'];

describe.each(ENGINES)('UserDirectory on %s', (engine) => {
  if (engine === 'dynoxide' && dynoxideBinary() === undefined) {
    it.skip('is not run: npm has no dynoxide binary for this platform', () => undefined);
    return;
  }
  let harness: Harness;
  let serial = 0;
  const address = () => `user${(serial += 1)}@example.com`;
  const post = (attributes: object, headers = {}) =>
    harness.call('POST', '/users', newUser(attributes as Record<string, unknown>), headers);
  const create = async (attributes: object = {}): Promise<UserBody> =>
    (await documentOf(await post({ email: address(), ...attributes }))).data;
  const patch = (user: UserBody, attributes: object, headers = {}) =>
    harness.call(
      'PATCH',
      user.links.self,
      { data: { type: 'users', id: user.id, attributes } },
      headers,
    );
  const codeOf = async (response: Response) => (await documentOf(response)).errors[0]?.code;
  const itemIds = async (): Promise<string[]> => {
    const { Items = [] } = await harness.dynamodb.send(new ScanCommand({ TableName: TABLE }));
    return Items.map((item) => item['id']?.S ?? '');
  };
  beforeAll(async () => {
    harness = await startHarness({ REQUEST_TIMEOUT_SECONDS: '120' }, { engine });
  });
  afterEach(() => {
    harness.aws.inject = undefined;
  });
  afterAll(() => harness.close());

  it('lets one of 1,000 simultaneous creates through, on two tasks and in whatever case', async () => {
    const email = address();
    const other = createRuntime(users, harness.env, () => undefined);
    const statuses = await Promise.all(
      Array.from({ length: 1000 }, async (_, at) => {
        const { app } = at % 2 === 0 ? harness.runtime : other;
        const body = newUser({ email: at % 4 < 2 ? email : email.toUpperCase() });
        const response = await app.fetch(
          new Request('http://localhost/users', {
            method: 'POST',
            headers: { ...edgeHeaders(), 'content-type': JSON_API },
            body: JSON.stringify(body),
          }),
        );
        return response.status;
      }),
    );
    other.close();
    const count = (status: number) => statuses.filter((other) => other === status).length;
    expect([count(201), count(409)]).toEqual([1, 999]);
  });

  it('frees the old address on change and holds the new one', async () => {
    const [first, second] = [address(), address()];
    const user = await create({ email: first });
    expect((await patch(user, { email: second })).status).toBe(200);
    expect((await post({ email: second })).status).toBe(409);
    expect((await post({ email: first })).status).toBe(201);
  });

  it('frees the address on deletion and leaves nothing behind', async () => {
    const before = await itemIds();
    const user = await create();
    await harness.call('DELETE', user.links.self);
    expect((await itemIds()).sort()).toEqual(before.sort());
    expect((await post({ email: user.attributes['email'] })).status).toBe(201);
  });

  it('writes nothing when the address is taken', async () => {
    const user = await create();
    const before = await itemIds();
    const response = await post({ email: user.attributes['email'] });
    expect(await codeOf(response)).toBe('email_taken');
    expect(await itemIds()).toEqual(before);
  });

  it('refuses a stale version, so that two writers cannot lose a change', async () => {
    const user = await create();
    const read = await harness.call('GET', user.links.self);
    const etag = read.headers.get('etag') ?? '';
    expect((await patch(user, { name: 'First' }, { 'if-match': etag })).status).toBe(200);
    for (const stale of [etag, `W/"2"`, 'nonsense']) {
      const response = await patch(user, { name: 'Second' }, { 'if-match': stale });
      expect([response.status, await codeOf(response)]).toEqual([412, 'version_mismatch']);
    }
    const gone = await harness.call('DELETE', user.links.self, undefined, { 'if-match': etag });
    expect(gone.status).toBe(412);
    expect((await patch(user, { name: 'Third' }, { 'if-match': '"7", "2"' })).status).toBe(200);
    expect((await patch(user, { name: 'Fourth' }, { 'if-match': '*' })).status).toBe(200);
  });

  it('applies all of several simultaneous changes without If-Match', async () => {
    const user = await create();
    const answers = await Promise.all(
      ['a', 'b', 'c', 'd'].map((name) => patch(user, { name, email: address() })),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const { data } = await documentOf(await harness.call('GET', user.links.self));
    expect(data.meta.version).toBe(5);
    expect(
      (await itemIds()).filter((id) => id === `email#${data.attributes['email']}`),
    ).toHaveLength(1);
  });

  it('applies each of 100 simultaneous changes without If-Match, on whichever task', async () => {
    const user = await create();
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, at) =>
        (at % 2 === 0 ? harness.call : harness.callAnother)('PATCH', user.links.self, {
          data: { type: 'users', id: user.id, attributes: { name: `Name ${at}` } },
        }),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const { data } = await documentOf(await harness.call('GET', user.links.self));
    expect(data.meta.version).toBe(101);
  });

  it('takes back what was read, and refuses what differs of what it sets itself', async () => {
    const user = await create();
    const { createdAt } = user.attributes;
    const whole = await patch(user, { ...user.attributes, name: 'Whole' });
    expect((await documentOf(whole)).data.attributes).toMatchObject({ name: 'Whole', createdAt });
    const stale = await patch(user, user.attributes);
    expect([stale.status, (await documentOf(stale)).errors]).toMatchObject([
      403,
      [{ code: 'unsupported_update', source: { pointer: '/data/attributes/updatedAt' } }],
    ]);
    const both = await patch(user, { createdAt: 1, updatedAt: null });
    expect((await documentOf(both)).errors).toHaveLength(2);
  });

  it('makes one user of the same request sent twice with an Idempotency-Key', async () => {
    const email = address();
    const headers = { 'idempotency-key': `key-${email}` };
    const answers = await Promise.all(
      [1, 2, 3].map(() => post({ email, credentials: 'x' }, headers)),
    );
    const bodies = await Promise.all(answers.map((answer) => documentOf<Body>(answer)));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(new Set(bodies.map(({ data }) => data.id)).size).toBe(1);
    const again = await post({ email, credentials: 'x' }, headers);
    expect([again.status, (await documentOf(again)).data.id]).toEqual([201, bodies[0]?.data.id]);
    const other = await post({ email, credentials: 'y' }, headers);
    expect([other.status, await codeOf(other)]).toEqual([422, 'idempotency_mismatch']);
    const anotherCaller = await post(
      { email: address() },
      { ...headers, 'x-gatehouse-key-id': 'another' },
    );
    expect(anotherCaller.status).toBe(201);
    await harness.call('DELETE', bodies[0]?.data.links.self ?? '');
    const late = await post({ email, credentials: 'x' }, headers);
    expect([late.status, await codeOf(late)]).toEqual([409, 'idempotency_in_use']);
  });

  it('refuses the second of two simultaneous requests that differ under one Idempotency-Key', async () => {
    const headers = { 'idempotency-key': `both-${address()}` };
    const answers = await Promise.all([1, 2].map(() => post({ email: address() }, headers)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 422]);
  });

  it('forgets an Idempotency-Key after its time, before TTL removes it', async () => {
    const headers = { 'idempotency-key': 'short-lived' };
    const email = address();
    await post({ email }, headers);
    const [id] = (await itemIds()).filter((other) => other.startsWith('idempotency#'));
    const records = (await itemIds()).filter((other) => other.startsWith('idempotency#'));
    expect(id).toBeDefined();
    for (const record of records) {
      const { Item } = await harness.dynamodb.send(
        new GetItemCommand({ TableName: TABLE, Key: { id: { S: record } } }),
      );
      await harness.dynamodb.send(
        new PutItemCommand({
          TableName: TABLE,
          Item: { ...Item, id: { S: record }, purgeAt: { N: '1' } },
        }),
      );
    }
    expect((await post({ email: address() }, headers)).status).toBe(201);
  });

  it('refuses an Idempotency-Key that is none', async () => {
    const response = await post({ email: address() }, { 'idempotency-key': 'two words' });
    expect(response.status).toBe(400);
  });

  it('reads on where a page of the index ends before it is full', async () => {
    await create();
    await create();
    let calls = 0;
    harness.aws.inject = (name, input) => {
      if (name === 'DynamoDB.Scan') {
        calls += 1;
        // As DynamoDB does at 1 MB: fewer items than asked for, and more to come.
        if (calls === 1) input['Limit'] = 1;
      }
      return undefined;
    };
    const response = await harness.call('GET', '/users?page[size]=2');
    const { data } = await documentOf<{ data: UserBody[] }>(response);
    expect([data.length, calls]).toEqual([2, 2]);
  });
});
