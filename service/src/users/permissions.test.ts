// What the service asks of AWS: no more than an IAM policy can hold it to, on any route.
import { CREDENTIALS_TABLE, USERS_TABLE } from './table';
import { userRights } from './rights';
import {
  CREDENTIALS,
  documentOf,
  newUser,
  STACK,
  startHarness,
  TABLE,
} from '../../testing/harness';
import { accessRequests, type TableCall } from '../../testing/iam';
import { evaluate, type AccessRequest } from '../../../tools/iam/evaluate';

type Request = TableCall & { Select?: string };

const arnOf = (table: string) => `arn:aws:dynamodb:us-east-1:123456789012:table/${table}`;

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
  // Those of the function that it invokes are among them.
  ['per-user', ['KMS.CreateKey', 'KMS.Encrypt', 'KMS.ScheduleKeyDeletion', 'Lambda.Invoke']],
])('the calls in mode %s', (mode, kmsCalls) => {
  let calls: [string, Request][];
  beforeAll(async () => {
    calls = await callsOfALife(mode);
  });
  const rights = () => [
    {
      Statement: userRights({
        stack: STACK,
        region: 'us-east-1',
        accountId: '123456789012',
        tables: { users: arnOf(TABLE), credentials: arnOf(CREDENTIALS) },
        keys: { credentials: 'arn:aws:kms:us-east-1:123456789012:key/seals' },
        environment: { CREDENTIAL_KEYS: mode },
      }),
    },
  ];
  const isAllowed = (request: AccessRequest) => evaluate(rights(), request).allowed;
  const asked = (operation: string, input: TableCall) =>
    accessRequests(operation, input, arnOf).map(isAllowed);
  const of = (...operations: string[]) =>
    calls.filter(([operation]) => operations.includes(operation)).map(([, input]) => input);
  const writes = () => [
    ...of('DynamoDB.UpdateItem'),
    ...of('DynamoDB.TransactWriteItems').flatMap((input) =>
      (input.TransactItems ?? []).flatMap((item) => Object.values(item)),
    ),
  ];

  it('are all allowed by what the service declares as its rights', () => {
    const denied = calls
      .filter(([operation]) => operation.startsWith('DynamoDB.'))
      .flatMap(([operation, input]) =>
        accessRequests(operation.replace('DynamoDB.', ''), input, arnOf),
      )
      .filter((request) => !isAllowed(request));
    expect(denied).toEqual([]);
  });

  it('could not be of those that get at a ciphertext', () => {
    const [item] = of('DynamoDB.TransactWriteItems').flatMap((input) =>
      (input.TransactItems ?? []).flatMap(({ Put }) => (Put === undefined ? [] : [Put])),
    );
    expect(item?.TableName).toBe(CREDENTIALS);
    const key = { TableName: CREDENTIALS, Key: { id: { S: 'x' } } };
    const names = { '#id': 'id', '#ciphertext': 'ciphertext' };
    const named = { ProjectionExpression: '#ciphertext', ExpressionAttributeNames: names };
    const attacks: [string, TableCall][] = [
      ['GetItem', { ...key, ...named }],
      ['Query', { TableName: CREDENTIALS, ...named }],
      ['Scan', { TableName: CREDENTIALS }],
      ['BatchGetItem', key],
      ['PartiQLSelect', key],
      ['DeleteItem', { ...key, ReturnValues: 'ALL_OLD' }],
      ['PutItem', { ...item, ReturnValues: 'ALL_OLD' }],
      // Outside of a transaction not even without an answer.
      ['PutItem', { ...item }],
      ['UpdateItem', { ...key, ExpressionAttributeNames: names }],
      ['TransactWriteItems', { TransactItems: [{ ConditionCheck: key }] }],
      ['TransactWriteItems', { TransactItems: [{ Update: key }] }],
      // A copy within the table of users, of what might be left there from before.
      [
        'UpdateItem',
        {
          TableName: TABLE,
          Key: { id: { S: 'x' } },
          ExpressionAttributeNames: { '#name': 'name', '#credentials': 'credentials' },
        },
      ],
    ];
    for (const [operation, input] of attacks) {
      expect([operation, ...asked(operation, input)]).toEqual([operation, false]);
    }
  });

  it('are of few kinds: no batch, no PartiQL, nothing that decrypts', () => {
    const operations = new Set(calls.map(([operation]) => operation));
    const dynamodb = ['GetItem', 'Query', 'Scan', 'TransactWriteItems', 'UpdateItem'];
    expect([...operations].sort()).toEqual([
      ...dynamodb.map((operation) => `DynamoDB.${operation}`),
      ...kmsCalls,
    ]);
    const kinds = of('DynamoDB.TransactWriteItems').flatMap((input) =>
      (input.TransactItems ?? []).flatMap((item) => Object.keys(item)),
    );
    expect([...new Set(kinds)].sort()).toEqual(['Delete', 'Put', 'Update']);
  });

  it('read named attributes of users only', () => {
    const reads = of('DynamoDB.GetItem', 'DynamoDB.Query', 'DynamoDB.Scan');
    for (const { TableName, ProjectionExpression, ExpressionAttributeNames = {} } of reads) {
      expect([TableName, ProjectionExpression]).toEqual([TABLE, expect.stringContaining('#')]);
      const names = Object.values(ExpressionAttributeNames);
      for (const name of names) expect(USERS_TABLE.attributes).toContain(name);
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
      const known: readonly string[] =
        write.TableName === CREDENTIALS ? CREDENTIALS_TABLE.attributes : USERS_TABLE.attributes;
      const names = Object.values(write.ExpressionAttributeNames ?? {});
      for (const name of [...names, ...Object.keys(write.Item ?? {})]) {
        expect(known).toContain(name);
      }
    }
  });
});
