// The documented policy of an issuer, held against the calls that each command makes.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { evaluate, type AccessRequest } from '../iam/evaluate';
import { startKeysTable, type TestTable } from './testing/keys-table';
import { runTestKeys } from './testing/run-keys';

const TABLE = 'arn:aws:dynamodb:eu-central-1:123456789012:table/keys-test';
const KEY_ARN = 'arn:aws:kms:eu-central-1:123456789012:key/tables';

/** The document as somebody fills it in. */
function issuerPolicy(): string {
  const page = readFileSync(join(__dirname, '../../docs/api-keys.md'), 'utf8');
  const [, json = ''] = /<!-- issuer-policy -->\s+```json\n([^]*?)```/.exec(page) ?? [];
  return json
    .replaceAll('REGION', 'eu-central-1')
    .replaceAll('ACCOUNT_ID', '123456789012')
    .replaceAll('KEYS_TABLE', 'keys-test')
    .replaceAll('TABLES_KEY_ARN', KEY_ARN);
}

interface Input {
  TransactItems?: { Put: { Item: object } }[];
}

/** What IAM is asked about a call of DynamoDB: a transaction is asked about write by write. */
function accessRequests(operation: string, { TransactItems = [] }: Input): AccessRequest[] {
  if (operation !== 'TransactWriteItems') {
    return [{ action: `dynamodb:${operation}`, resource: TABLE }];
  }
  return TransactItems.map(({ Put }) => ({
    action: 'dynamodb:PutItem',
    resource: TABLE,
    context: {
      'dynamodb:EnclosingOperation': operation,
      'dynamodb:Attributes': Object.keys(Put.Item),
    },
  }));
}

const allows = (request: AccessRequest) => evaluate([issuerPolicy()], request).allowed;

describe('the documented policy of an issuer', () => {
  let test: TestTable;
  beforeAll(async () => {
    test = await startKeysTable();
  });
  afterAll(() => test.close());

  /** Runs a command, and says of each call that it makes whether the policy allows it. */
  async function allowed(...args: string[]): Promise<{ calls: boolean[]; out: string }> {
    const requests: AccessRequest[] = [];
    test.aws.inject = (operation, input) => {
      requests.push(...accessRequests(operation.replace(/^.*\./, ''), input));
      return undefined;
    };
    const options = { table: test, console: 'http://127.0.0.1:1', now: Date.now() };
    const { code, out } = await runTestKeys([...args, '--json'], options);
    test.aws.inject = undefined;
    expect([args[0], code]).toEqual([args[0], 0]);
    return { calls: requests.map(allows), out };
  }

  const ISSUE = ['issue', '--owner', 'a@example.com', '--scope', 'users:read', '--name', 'x'];

  it('allows every call of issue, and of each other command at least one not', async () => {
    const { calls, out } = await allowed(...ISSUE, '--allow-cidr', '203.0.113.0/24');
    expect(calls).toEqual([true, true]);
    const { id } = JSON.parse(out) as { id: string };
    for (const args of [['list'], ['show', id], ['rotate', id], ['revoke', id, '--yes']]) {
      expect((await allowed(...args)).calls).toContain(false);
    }
  });

  it.each<[string, AccessRequest]>([
    ['a write of its own', { action: 'dynamodb:PutItem', resource: TABLE }],
    [
      'writing that a key is revoked',
      {
        action: 'dynamodb:PutItem',
        resource: TABLE,
        context: {
          'dynamodb:EnclosingOperation': 'TransactWriteItems',
          'dynamodb:Attributes': ['keyId', 'item', 'status', 'revokedAt'],
        },
      },
    ],
    ...['GetItem', 'Scan', 'Query', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'].map(
      (name): [string, AccessRequest] => [name, { action: `dynamodb:${name}`, resource: TABLE }],
    ),
    [
      'another table',
      {
        action: 'dynamodb:PutItem',
        resource: `${TABLE}-2`,
        context: {
          'dynamodb:EnclosingOperation': 'TransactWriteItems',
          'dynamodb:Attributes': ['keyId'],
        },
      },
    ],
    ['decryption for itself', { action: 'kms:Decrypt', resource: KEY_ARN }],
    ['the rights of others', { action: 'iam:PutUserPolicy', resource: '*' }],
  ])('does not allow %s', (_, request) => {
    expect(allows(request)).toBe(false);
  });

  it('lets DynamoDB use the key of the tables', () => {
    const context = { 'kms:ViaService': 'dynamodb.eu-central-1.amazonaws.com' };
    expect(allows({ action: 'kms:Decrypt', resource: KEY_ARN, context })).toBe(true);
  });
});
