// Tests of what the service may do, statement by statement.
import type { WorkloadResources } from '../../../contracts/workload';
import { userRights } from './rights';
import { CREDENTIALS_TABLE, USERS_TABLE } from './table';

const TABLE = 'arn:aws:dynamodb:eu-central-1:123456789012:table/gh-users-1';
const CREDENTIALS = 'arn:aws:dynamodb:eu-central-1:123456789012:table/gh-credentials-1';
const CREDENTIALS_KEY = 'arn:aws:kms:eu-central-1:123456789012:key/credentials';
const SHARED: WorkloadResources = {
  tables: { users: TABLE, credentials: CREDENTIALS },
  keys: { credentials: CREDENTIALS_KEY },
  environment: {},
  region: 'eu-central-1',
  accountId: '123456789012',
  stack: 'prod',
};
const PER_USER = { ...SHARED, environment: { CREDENTIAL_KEYS: 'per-user' } };

const bySid = (resources: WorkloadResources) =>
  Object.fromEntries(userRights(resources).map((statement) => [statement.Sid, statement]));
const actionsOf = (resources: WorkloadResources): string[] =>
  userRights(resources).flatMap(({ Effect, Action }) => (Effect === 'Allow' ? Action : []));

describe('userRights', () => {
  it('grants these actions in mode shared, and no others', () => {
    expect(actionsOf(SHARED).sort()).toEqual([
      'dynamodb:DeleteItem',
      'dynamodb:DeleteItem',
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
      'dynamodb:Scan',
      'dynamodb:UpdateItem',
      'kms:Encrypt',
    ]);
  });

  it('lets no read ask for all attributes', () => {
    const { ReadUsers: read, ListUsersByIndex: list } = bySid(SHARED);
    for (const statement of [read, list]) {
      expect(statement?.Condition).toEqual({
        'ForAllValues:StringEquals': { 'dynamodb:Attributes': USERS_TABLE.attributes },
        StringEquals: { 'dynamodb:Select': 'SPECIFIC_ATTRIBUTES' },
      });
    }
  });

  it('scans the index, never the table', () => {
    const scans = userRights(SHARED).filter(({ Action }) => Action.includes('dynamodb:Scan'));
    expect(scans.map(({ Resource }) => Resource)).toEqual([`${TABLE}/index/by-email`]);
  });

  it('lets a write return nothing', () => {
    expect(bySid(SHARED).WriteUsersAndReadNothingBack).toMatchObject({
      Action: ['dynamodb:UpdateItem', 'dynamodb:DeleteItem'],
      Resource: TABLE,
      Condition: { StringEqualsIfExists: { 'dynamodb:ReturnValues': ['NONE'] } },
    });
  });

  it('writes credentials in transactions alone, and has no other action on their table', () => {
    const statements = userRights(SHARED).filter(({ Resource }) => Resource === CREDENTIALS);
    expect(statements).toEqual([
      {
        Sid: 'WriteCredentialsInTransactions',
        Effect: 'Allow',
        Action: ['dynamodb:PutItem', 'dynamodb:DeleteItem'],
        Resource: CREDENTIALS,
        Condition: {
          'ForAllValues:StringEquals': { 'dynamodb:Attributes': CREDENTIALS_TABLE.attributes },
          'ForAnyValue:StringEquals': { 'dynamodb:EnclosingOperation': ['TransactWriteItems'] },
        },
      },
    ]);
  });

  it.each([
    ['shared', SHARED],
    ['per-user', PER_USER],
  ])('never decrypts, mode %s', (_mode, resources) => {
    const decrypts = actionsOf(resources).filter((action) =>
      /Decrypt|GenerateDataKey|kms:\*/.test(action),
    );
    expect(decrypts).toEqual([]);
  });

  it('says which declaration is missing', () => {
    expect(() => userRights({ ...SHARED, keys: {} })).toThrow('The platform made no credentials');
  });

  it('encrypts credentials under the stack’s key, with a user named in the context', () => {
    expect(bySid(SHARED).EncryptCredentials).toEqual({
      Sid: 'EncryptCredentials',
      Effect: 'Allow',
      Action: 'kms:Encrypt',
      Resource: CREDENTIALS_KEY,
      Condition: {
        'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['purpose', 'user'] },
        StringEquals: { 'kms:EncryptionContext:purpose': 'credentials' },
        Null: { 'kms:EncryptionContext:user': 'false' },
      },
    });
  });

  it('encrypts under keys of users with the stack’s tag only, mode per-user', () => {
    const { EncryptCredentials } = bySid(PER_USER);
    expect(EncryptCredentials?.Condition).toMatchObject({
      StringEquals: { 'aws:ResourceTag/gatehouse:stack': 'prod' },
      Null: { 'aws:ResourceTag/gatehouse:user': 'false' },
    });
    expect(actionsOf(PER_USER).sort()).toEqual(actionsOf(SHARED).sort());
  });

  it('fits into an inline policy of 10,240 characters', () => {
    // IAM and STS quotas: role policy size.
    const text = JSON.stringify(userRights(PER_USER));
    expect(text.length).toBeLessThan(8000);
  });
});
