// What the service asks of AWS: no more than an IAM policy can hold it to, on any route.
import { USERS_TABLE } from './table';
import { documentOf, newUser, startHarness } from '../../testing/harness';

interface Request {
  IndexName?: string;
  Select?: string;
  ProjectionExpression?: string;
  ReturnValues?: string;
  ReturnValuesOnConditionCheckFailure?: string;
  ExpressionAttributeNames?: Record<string, string>;
  TransactItems?: Record<string, Request>[];
}

/** Every call of a life of two users, as `Service.Operation` and input. */
async function callsOfALife(credentialKeys: string): Promise<[string, Request][]> {
  const harness = await startHarness({ CREDENTIAL_KEYS: credentialKeys });
  const calls: [string, Request][] = [];
  harness.aws.inject = (operation, input) => {
    calls.push([operation, input]);
    return undefined;
  };
  const headers = { 'idempotency-key': 'once' };
  const body = newUser({ credentials: 'x' });
  const { data } = await documentOf(await harness.call('POST', '/users', body, headers));
  await harness.call('POST', '/users', body, headers);
  for (const attributes of [{ name: 'B' }, { email: 'b@example.com', credentials: 'y' }]) {
    const change = { data: { type: 'users', id: data.id, attributes } };
    expect((await harness.call('PATCH', data.links.self, change)).status).toBe(200);
  }
  for (const path of [data.links.self, '/users?filter[email]=b@example.com', '/users', '/readyz']) {
    expect((await harness.call('GET', path)).status).toBe(200);
  }
  await (await harness.call('GET', '/users/export')).text();
  expect((await harness.call('DELETE', data.links.self)).status).toBe(204);
  await harness.close();
  return calls;
}

describe.each([
  ['shared', ['KMS.Encrypt']],
  ['per-user', ['KMS.CreateKey', 'KMS.Encrypt', 'KMS.ScheduleKeyDeletion']],
])('the calls in mode %s', (mode, kmsCalls) => {
  let calls: [string, Request][];
  beforeAll(async () => {
    calls = await callsOfALife(mode);
  });
  const of = (...operations: string[]) =>
    calls.filter(([operation]) => operations.includes(operation)).map(([, input]) => input);
  const writes = () => [
    ...of('DynamoDB.UpdateItem'),
    ...of('DynamoDB.TransactWriteItems').flatMap((input) =>
      (input.TransactItems ?? []).flatMap((item) => Object.values(item)),
    ),
  ];

  it('are of few kinds: no PutItem, no batch, no PartiQL, nothing that decrypts', () => {
    const operations = new Set(calls.map(([operation]) => operation));
    const dynamodb = ['GetItem', 'Query', 'Scan', 'TransactWriteItems', 'UpdateItem'];
    expect([...operations].sort()).toEqual([
      ...dynamodb.map((operation) => `DynamoDB.${operation}`),
      ...kmsCalls,
    ]);
    const kinds = of('DynamoDB.TransactWriteItems').flatMap((input) =>
      (input.TransactItems ?? []).flatMap((item) => Object.keys(item)),
    );
    expect([...new Set(kinds)].sort()).toEqual(['Delete', 'Update']);
  });

  it('read named attributes only, credentials never among them', () => {
    const reads = of('DynamoDB.GetItem', 'DynamoDB.Query', 'DynamoDB.Scan');
    for (const { ProjectionExpression, ExpressionAttributeNames = {} } of reads) {
      expect(ProjectionExpression).toBeTruthy();
      const names = Object.values(ExpressionAttributeNames);
      expect(names).not.toContain(USERS_TABLE.credentialsAttribute);
      for (const name of names) expect(USERS_TABLE.readableAttributes).toContain(name);
    }
  });

  it('query and scan the index only', () => {
    for (const { IndexName, Select } of of('DynamoDB.Query', 'DynamoDB.Scan')) {
      expect([IndexName, Select]).toEqual([USERS_TABLE.emailIndex.name, 'SPECIFIC_ATTRIBUTES']);
    }
  });

  it('write known attributes only and want nothing back, on failure neither', () => {
    expect(writes().length).toBeGreaterThan(4);
    for (const write of writes()) {
      expect(['NONE', undefined]).toContain(write.ReturnValues);
      expect(write.ReturnValuesOnConditionCheckFailure).toBeUndefined();
      for (const name of Object.values(write.ExpressionAttributeNames ?? {})) {
        expect(USERS_TABLE.writableAttributes).toContain(name);
      }
    }
  });
});
