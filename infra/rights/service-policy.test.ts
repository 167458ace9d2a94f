// Tests of what the service may do, statement by statement.
import { USERS_TABLE } from '../../contracts/tables';
import { policyOf } from './policy-documents';
import { serviceStatements, type ServiceGrants } from './service-policy';

const TABLE = 'arn:aws:dynamodb:eu-central-1:123456789012:table/gh-users-1';
const CREDENTIALS_KEY = 'arn:aws:kms:eu-central-1:123456789012:key/credentials';
const GRANTS: ServiceGrants = {
  usersTableArn: TABLE,
  tablesKeyArn: 'arn:aws:kms:eu-central-1:123456789012:key/tables',
  credentialsKeyArn: CREDENTIALS_KEY,
  credentialKeys: 'shared',
  region: 'eu-central-1',
  accountId: '123456789012',
  stack: 'prod',
};

const bySid = (grants: ServiceGrants) =>
  Object.fromEntries(serviceStatements(grants).map((statement) => [statement.Sid, statement]));
const actionsOf = (grants: ServiceGrants): string[] =>
  serviceStatements(grants).flatMap(({ Action }) => Action);

describe('serviceStatements', () => {
  it('grants these actions in mode shared, and no others', () => {
    expect(actionsOf(GRANTS).sort()).toEqual([
      'dynamodb:DeleteItem',
      'dynamodb:GetItem',
      'dynamodb:Query',
      'dynamodb:Scan',
      'dynamodb:UpdateItem',
      'kms:Decrypt',
      'kms:Encrypt',
    ]);
  });

  it('lets no read name credentials, or ask for all attributes', () => {
    const { ReadUsersWithoutCredentials: read, ListUsersByIndex: list } = bySid(GRANTS);
    for (const statement of [read, list]) {
      expect(statement?.Condition).toEqual({
        'ForAllValues:StringEquals': { 'dynamodb:Attributes': USERS_TABLE.readableAttributes },
        StringEquals: { 'dynamodb:Select': 'SPECIFIC_ATTRIBUTES' },
      });
    }
    expect(USERS_TABLE.readableAttributes).not.toContain(USERS_TABLE.credentialsAttribute);
  });

  it('scans the index, never the table', () => {
    const scans = serviceStatements(GRANTS).filter(({ Action }) =>
      Action.includes('dynamodb:Scan'),
    );
    expect(scans.map(({ Resource }) => Resource)).toEqual([`${TABLE}/index/by-email`]);
  });

  it('lets a write return nothing', () => {
    expect(bySid(GRANTS).WriteUsersAndReadNothingBack).toMatchObject({
      Action: ['dynamodb:UpdateItem', 'dynamodb:DeleteItem'],
      Resource: TABLE,
      Condition: { StringEqualsIfExists: { 'dynamodb:ReturnValues': ['NONE'] } },
    });
  });

  it.each(['shared', 'per-user'] as const)(
    'never decrypts credentials, mode %s: the one Decrypt is the table at rest, through DynamoDB',
    (credentialKeys) => {
      const decrypts = serviceStatements({ ...GRANTS, credentialKeys }).filter(({ Action }) =>
        [Action].flat().some((action) => /Decrypt|GenerateDataKey|kms:\*/.test(action)),
      );
      expect(decrypts).toEqual([
        {
          Sid: 'TableAtRest',
          Effect: 'Allow',
          Action: 'kms:Decrypt',
          Resource: GRANTS.tablesKeyArn,
          Condition: {
            StringEquals: { 'kms:ViaService': 'dynamodb.eu-central-1.amazonaws.com' },
          },
        },
      ]);
    },
  );

  it('encrypts credentials under the stack’s key, with a user named in the context', () => {
    expect(bySid(GRANTS).EncryptCredentials).toEqual({
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

  it('makes, uses and forgets keys of users with the stack’s tag only, mode per-user', () => {
    const { MakeUserKeys, EncryptCredentials, ForgetUsers } = bySid({
      ...GRANTS,
      credentialKeys: 'per-user',
    });
    expect(MakeUserKeys?.Condition).toMatchObject({
      StringEquals: { 'aws:RequestTag/gatehouse:stack': 'prod' },
      Null: { 'aws:RequestTag/gatehouse:user': 'false' },
    });
    for (const statement of [EncryptCredentials, ForgetUsers]) {
      expect(statement?.Condition).toMatchObject({
        StringEquals: { 'aws:ResourceTag/gatehouse:stack': 'prod' },
        Null: { 'aws:ResourceTag/gatehouse:user': 'false' },
      });
    }
  });

  it('fits into an inline policy of 10,240 characters', () => {
    // IAM and STS quotas: role policy size.
    const text = policyOf(serviceStatements({ ...GRANTS, credentialKeys: 'per-user' }));
    expect(text.length).toBeLessThan(8000);
  });
});
