// What the service may do on AWS: the users table by attribute, credentials encrypted and never read.
import { CREDENTIALS_CONTEXT, USERS_TABLE } from '../../contracts/tables';
import type { Statement } from './policy-documents';

/** What {@link serviceStatements} names. */
export interface ServiceGrants {
  readonly usersTableArn: string;
  /** Key that encrypts the table at rest. */
  readonly tablesKeyArn: string;
  /** Key that encrypts credentials. */
  readonly credentialsKeyArn: string;
  readonly credentialKeys: 'shared' | 'per-user';
  readonly region: string;
  readonly accountId: string;
  readonly stack: string;
}

/** Statements of the role that the service runs under, in a container or in a function. */
export function serviceStatements(grants: ServiceGrants): Statement[] {
  return [
    ...tableStatements(grants),
    {
      Sid: 'TableAtRest',
      Effect: 'Allow',
      Action: 'kms:Decrypt',
      Resource: grants.tablesKeyArn,
      Condition: { StringEquals: { 'kms:ViaService': `dynamodb.${grants.region}.amazonaws.com` } },
    },
    ...(grants.credentialKeys === 'shared' ? [sharedKey(grants)] : perUserKeys(grants)),
  ];
}

/**
 * `dynamodb:Attributes` is checked on requests alone, so a read must say what it wants
 * (`SPECIFIC_ATTRIBUTES`) and a write must want nothing back (`NONE`).
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
 */
function tableStatements(grants: ServiceGrants): Statement[] {
  const index = `${grants.usersTableArn}/index/${USERS_TABLE.emailIndex.name}`;
  const readable = [...USERS_TABLE.readableAttributes];
  const writable = [...USERS_TABLE.writableAttributes];
  return [
    {
      Sid: 'ReadUsersWithoutCredentials',
      Effect: 'Allow',
      Action: ['dynamodb:GetItem'],
      Resource: grants.usersTableArn,
      Condition: {
        'ForAllValues:StringEquals': { 'dynamodb:Attributes': readable },
        StringEquals: { 'dynamodb:Select': 'SPECIFIC_ATTRIBUTES' },
      },
    },
    {
      // The index does not hold credentials; the export's scan is granted here, never on the table.
      Sid: 'ListUsersByIndex',
      Effect: 'Allow',
      Action: ['dynamodb:Query', 'dynamodb:Scan'],
      Resource: index,
      Condition: {
        'ForAllValues:StringEquals': { 'dynamodb:Attributes': readable },
        StringEquals: { 'dynamodb:Select': 'SPECIFIC_ATTRIBUTES' },
      },
    },
    {
      Sid: 'WriteUsersAndReadNothingBack',
      Effect: 'Allow',
      Action: ['dynamodb:UpdateItem', 'dynamodb:DeleteItem'],
      Resource: grants.usersTableArn,
      Condition: {
        'ForAllValues:StringEquals': { 'dynamodb:Attributes': writable },
        StringEqualsIfExists: { 'dynamodb:ReturnValues': ['NONE'] },
      },
    },
  ];
}

const { userKey, purposeKey, purpose } = CREDENTIALS_CONTEXT;

/** What the service must name in the encryption context; a grant to decrypt can name one user. */
const ENCRYPTION_CONTEXT = {
  'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': [purposeKey, userKey] },
  StringEquals: { [`kms:EncryptionContext:${purposeKey}`]: purpose },
  Null: { [`kms:EncryptionContext:${userKey}`]: 'false' },
};

/** Encrypt, never decrypt, and only for a named user. */
function sharedKey(grants: ServiceGrants): Statement {
  return {
    Sid: 'EncryptCredentials',
    Effect: 'Allow',
    Action: 'kms:Encrypt',
    Resource: grants.credentialsKeyArn,
    Condition: ENCRYPTION_CONTEXT,
  };
}

/**
 * A key of each user's own: made with the tags of the stack and of the user, used and deleted only
 * with both. The stack's own keys carry neither, and their policies refuse to be tagged so.
 */
function perUserKeys(grants: ServiceGrants): Statement[] {
  const anyKey = `arn:aws:kms:${grants.region}:${grants.accountId}:key/*`;
  const ofAUser = { 'aws:ResourceTag/gatehouse:user': 'false' };
  const ofThisStack = { 'aws:ResourceTag/gatehouse:stack': grants.stack };
  return [
    {
      // Both actions are asked of "*" when a key is made; its tags are what limits them.
      Sid: 'MakeUserKeys',
      Effect: 'Allow',
      Action: ['kms:CreateKey', 'kms:TagResource'],
      Resource: '*',
      Condition: {
        StringEquals: { 'aws:RequestTag/gatehouse:stack': grants.stack },
        Null: { 'aws:RequestTag/gatehouse:user': 'false' },
        'ForAllValues:StringEquals': { 'aws:TagKeys': ['gatehouse:stack', 'gatehouse:user'] },
      },
    },
    {
      Sid: 'EncryptCredentials',
      Effect: 'Allow',
      Action: 'kms:Encrypt',
      Resource: anyKey,
      Condition: {
        ...ENCRYPTION_CONTEXT,
        StringEquals: { ...ENCRYPTION_CONTEXT.StringEquals, ...ofThisStack },
        Null: { ...ENCRYPTION_CONTEXT.Null, ...ofAUser },
      },
    },
    {
      Sid: 'ForgetUsers',
      Effect: 'Allow',
      Action: 'kms:ScheduleKeyDeletion',
      Resource: anyKey,
      Condition: { StringEquals: ofThisStack, Null: ofAUser },
    },
  ];
}
