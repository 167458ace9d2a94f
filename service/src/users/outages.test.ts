// DynamoDB that throttles, fails or is contended: retries first, then an honest answer.
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { AwsFault } from '../../../tools/local/aws/faults';
import { documentOf, newUser, startHarness, TABLE } from '../../testing/harness';
import type { Harness, UserBody } from '../../testing/harness';

describe('UserDirectory in an outage', () => {
  let harness: Harness;
  let serial = 0;
  const address = () => `user${(serial += 1)}@example.com`;
  const post = (attributes: object) =>
    harness.call('POST', '/users', newUser(attributes as Record<string, unknown>));
  const create = async (): Promise<UserBody> =>
    (await documentOf(await post({ email: address() }))).data;
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
  /** Fails calls of one operation: those for which `when` holds, all by default. */
  const fail = (operation: string, fault: AwsFault, when: () => boolean = () => true): void => {
    harness.aws.inject = (name) => (name === operation && when() ? fault : undefined);
  };

  beforeAll(async () => {
    harness = await startHarness();
  });
  afterEach(() => {
    harness.aws.inject = undefined;
  });
  afterAll(() => harness.close());

  it('survives throttling for a moment', async () => {
    let left = 2;
    fail('DynamoDB.TransactWriteItems', new AwsFault('ThrottlingException', 'slow down'), () => {
      left -= 1;
      return left >= 0;
    });
    expect((await post({ email: address() })).status).toBe(201);
  });

  it.each([
    // The SDK waits longer after throttling: one operation is enough.
    ['throttling', new AwsFault('ThrottlingException', 'slow down'), ['TransactWriteItems']],
    [
      'an internal error',
      new AwsFault('InternalServerError', 'sorry', 500),
      ['TransactWriteItems', 'GetItem', 'Scan'],
    ],
  ])(
    'answers 503 with Retry-After to lasting %s, and writes nothing',
    async (_, fault, operations) => {
      const before = await itemIds();
      for (const operation of operations) {
        fail(`DynamoDB.${operation}`, fault);
        const response =
          operation === 'TransactWriteItems'
            ? await post({ email: address() })
            : await harness.call(
                'GET',
                operation === 'Scan' ? '/users' : `/users/${crypto.randomUUID()}`,
              );
        expect([operation, response.status]).toEqual([operation, 503]);
        expect(response.headers.get('retry-after')).toMatch(/^\d+$/);
      }
      harness.aws.inject = undefined;
      expect(await itemIds()).toEqual(before);
    },
  );

  it('answers 500 to an error that does not pass by itself, and logs it with the request id', async () => {
    fail('DynamoDB.UpdateItem', new AwsFault('AccessDeniedException', 'no'));
    const user = await create();
    const headers = { 'x-request-id': 'find-me', 'x-amz-cf-id': 'front_id-1==' };
    const response = await patch(user, { name: 'X' }, headers);
    expect([response.status, await codeOf(response)]).toEqual([500, 'internal']);
    harness.runtime.logger.flush();
    const lines = harness.logs.join('').trimEnd().split('\n');
    const [failed, request] = lines
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ requestId }) => requestId === 'find-me');
    const facts = { route: '/users/:id', keyId: 'k3yUnderTest', cloudFrontId: 'front_id-1==' };
    const why = { code: 'internal', error: 'AccessDeniedException', awsStatus: 400 };
    expect(failed).toMatchObject({ message: 'request failed', level: 'error', ...facts, ...why });
    expect(request).toMatchObject({ message: 'request', status: 500, ...facts });
  });

  it('gives up when others keep holding the items, and tells those who lost the address', async () => {
    const conflict = new AwsFault('TransactionCanceledException', 'x', 400, {
      CancellationReasons: [{ Code: 'None' }, { Code: 'TransactionConflict' }],
    });
    fail('DynamoDB.TransactWriteItems', conflict);
    const response = await post({ email: address() });
    expect([response.status, await codeOf(response)]).toEqual([503, 'dependency_unavailable']);
    harness.aws.inject = undefined;
    const user = await create();
    fail('DynamoDB.TransactWriteItems', conflict);
    const taken = await post({ email: user.attributes['email'] });
    expect([taken.status, await codeOf(taken)]).toEqual([409, 'email_taken']);
    const removal = await harness.call('DELETE', user.links.self);
    expect(removal.status).toBe(503);
  });

  it('gives up on a user that others keep changing', async () => {
    const cancelled = new AwsFault('TransactionCanceledException', 'x', 400, {
      CancellationReasons: [{ Code: 'ConditionalCheckFailed' }, { Code: 'None' }],
    });
    const [user, moved, removed] = [await create(), await create(), await create()];
    harness.aws.inject = (name) =>
      ({
        'DynamoDB.UpdateItem': new AwsFault('ConditionalCheckFailedException', 'stale'),
        'DynamoDB.TransactWriteItems': cancelled,
      })[name];
    const answers = await Promise.all([
      patch(user, { name: 'X' }),
      patch(moved, { email: address() }),
      harness.call('DELETE', removed.links.self),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 503]);
    fail('DynamoDB.TransactWriteItems', new AwsFault('TransactionCanceledException', 'x'));
    expect((await patch(user, { email: address() })).status).toBe(500);
  });
});
