// What the directory may do on AWS: users by attribute, credentials encrypted, written and never read.
import type { Statement, WorkloadResources } from '../../../contracts/workload';
import {
  CREDENTIALS_CONTEXT,
  CREDENTIALS_TABLE,
  STACK_TAG_KEY,
  USER_TAG_KEY,
  USERS_TABLE,
} from './table';

/** Statements of the role that the service runs under. */
export function userRights(resources: WorkloadResources): Statement[] {
  const isPerUser = resources.environment.CREDENTIAL_KEYS === 'per-user';
  return [
    ...usersStatements(arnOf(resources.tables, 'users')),
    credentialsStatement(arnOf(resources.tables, 'credentials')),
    isPerUser ? userKeys(resources) : sharedKey(arnOf(resources.keys, 'credentials')),
    ...NEVER,
  ];
}

function arnOf(arns: Readonly<Record<string, string>>, name: string): string {
  const arn = arns[name];
  if (arn === undefined)
    throw new Error(`The platform made no ${name}: service/workload.ts declares it.`);
  return arn;
}

/**
 * `dynamodb:Attributes` is checked on requests alone, so a read must say what it wants
 * (`SPECIFIC_ATTRIBUTES`) and a write must want nothing back (`NONE`).
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
 */
function usersStatements(table: string): Statement[] {
  const index = `${table}/index/${USERS_TABLE.emailIndex.name}`;
  const attributes = [...USERS_TABLE.attributes];
  return [
    {
      Sid: 'ReadUsers',
      Effect: 'Allow',
      Action: ['dynamodb:GetItem'],
      Resource: table,
      Condition: {
        'ForAllValues:StringEquals': { 'dynamodb:Attributes': attributes },
        StringEquals: { 'dynamodb:Select': 'SPECIFIC_ATTRIBUTES' },
      },
    },
    {
      // Helper items are not in the index; the export's scan is granted here, never on the table.
      Sid: 'ListUsersByIndex',
      Effect: 'Allow',
      Action: ['dynamodb:Query', 'dynamodb:Scan'],
      Resource: index,
      Condition: {
        'ForAllValues:StringEquals': { 'dynamodb:Attributes': attributes },
        StringEquals: { 'dynamodb:Select': 'SPECIFIC_ATTRIBUTES' },
      },
    },
    {
      Sid: 'WriteUsersAndReadNothingBack',
      Effect: 'Allow',
      Action: ['dynamodb:UpdateItem', 'dynamodb:DeleteItem'],
      Resource: table,
      Condition: {
        'ForAllValues:StringEquals': { 'dynamodb:Attributes': attributes },
        StringEqualsIfExists: { 'dynamodb:ReturnValues': ['NONE'] },
      },
    },
  ];
}

/**
 * Whole items in transactions alone: those hand nothing back, where a single write could by its
 * `ReturnValues`. There is no read, and no update that could copy.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
 */
function credentialsStatement(table: string): Statement {
  return {
    Sid: 'WriteCredentialsInTransactions',
    Effect: 'Allow',
    Action: ['dynamodb:PutItem', 'dynamodb:DeleteItem'],
    Resource: table,
    Condition: {
      'ForAllValues:StringEquals': { 'dynamodb:Attributes': [...CREDENTIALS_TABLE.attributes] },
      'ForAnyValue:StringEquals': { 'dynamodb:EnclosingOperation': ['TransactWriteItems'] },
    },
  };
}

const { userKey, purposeKey, purpose } = CREDENTIALS_CONTEXT;

/** What the service must name in the encryption context; a grant to decrypt can name one user. */
const ENCRYPTION_CONTEXT = {
  'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': [purposeKey, userKey] },
  StringEquals: { [`kms:EncryptionContext:${purposeKey}`]: purpose },
  Null: { [`kms:EncryptionContext:${userKey}`]: 'false' },
};

/** Encrypt, never decrypt, and only for a named user. */
function sharedKey(key: string): Statement {
  return {
    Sid: 'EncryptCredentials',
    Effect: 'Allow',
    Action: 'kms:Encrypt',
    Resource: key,
    Condition: ENCRYPTION_CONTEXT,
  };
}

/** Keys of users, which carry the tags of the stack and of the user. The stack's own carry neither. */
function keysOfUsers({ region, accountId, stack }: WorkloadResources) {
  return {
    arn: `arn:aws:kms:${region}:${accountId}:key/*`,
    ofThisStack: { [`aws:ResourceTag/${STACK_TAG_KEY}`]: stack },
    ofAUser: { [`aws:ResourceTag/${USER_TAG_KEY}`]: 'false' },
  };
}

/** Encrypt under a key of a user's own. */
function userKeys(resources: WorkloadResources): Statement {
  const { arn, ofThisStack, ofAUser } = keysOfUsers(resources);
  return {
    Sid: 'EncryptCredentials',
    Effect: 'Allow',
    Action: 'kms:Encrypt',
    Resource: arn,
    Condition: {
      ...ENCRYPTION_CONTEXT,
      StringEquals: { ...ENCRYPTION_CONTEXT.StringEquals, ...ofThisStack },
      Null: { ...ENCRYPTION_CONTEXT.Null, ...ofAUser },
    },
  };
}

/** Whatever else the role is given: no plaintext, and no say in keys. */
const NEVER: readonly Statement[] = [
  {
    // DynamoDB and Secrets Manager decrypt for the role what they hold at rest.
    Sid: 'NeverDecryptByItself',
    Effect: 'Deny',
    Action: ['kms:Decrypt', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'],
    Resource: '*',
    Condition: { Null: { 'kms:ViaService': 'true' } },
  },
  {
    Sid: 'NeverDecideOnKeys',
    Effect: 'Deny',
    Action: [
      'kms:CreateGrant',
      'kms:CreateKey',
      'kms:PutKeyPolicy',
      'kms:ScheduleKeyDeletion',
      'kms:TagResource',
      'kms:UntagResource',
    ],
    Resource: '*',
  },
];

/**
 * Statements of the function that keeps users' keys: it makes them with the tags of the stack and of the
 * user, and ends those that have both. It neither encrypts nor decrypts.
 */
export function keyKeeperRights(resources: WorkloadResources): Statement[] {
  const { arn, ofThisStack, ofAUser } = keysOfUsers(resources);
  return [
    {
      // Both actions are asked of "*" when a key is made; its tags are what limits them.
      Sid: 'MakeUserKeys',
      Effect: 'Allow',
      Action: ['kms:CreateKey', 'kms:TagResource'],
      Resource: '*',
      Condition: {
        StringEquals: { [`aws:RequestTag/${STACK_TAG_KEY}`]: resources.stack },
        Null: { [`aws:RequestTag/${USER_TAG_KEY}`]: 'false' },
        'ForAllValues:StringEquals': { 'aws:TagKeys': [STACK_TAG_KEY, USER_TAG_KEY] },
      },
    },
    {
      Sid: 'ForgetUsers',
      Effect: 'Allow',
      Action: 'kms:ScheduleKeyDeletion',
      Resource: arn,
      Condition: { StringEquals: ofThisStack, Null: ofAUser },
    },
  ];
}
