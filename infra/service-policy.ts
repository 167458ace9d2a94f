// What the service may do on AWS: the users table by attribute, credentials encrypted and never read.
import { USERS_TABLE } from '../contracts/tables';
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
      Action: ['kms:Decrypt', 'kms:DescribeKey'],
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
      // The index does not hold credentials: reading all of it reads none.
      Sid: 'ListUsersByIndex',
      Effect: 'Allow',
      Action: ['dynamodb:Query', 'dynamodb:Scan'],
      Resource: index,
    },
    {
      Sid: 'WriteUsersAndReadNothingBack',
      Effect: 'Allow',
      Action: ['dynamodb:UpdateItem', 'dynamodb:DeleteItem', 'dynamodb:ConditionCheckItem'],
      Resource: grants.usersTableArn,
      Condition: {
        'ForAllValues:StringEquals': { 'dynamodb:Attributes': writable },
        StringEqualsIfExists: { 'dynamodb:ReturnValues': ['NONE'] },
      },
    },
    {
      Sid: 'DescribeUsers',
      Effect: 'Allow',
      Action: 'dynamodb:DescribeTable',
      Resource: grants.usersTableArn,
    },
  ];
}

/** Encrypt, never decrypt, and only for a named user. */
function sharedKey(grants: ServiceGrants): Statement {
  return {
    Sid: 'EncryptCredentials',
    Effect: 'Allow',
    Action: 'kms:Encrypt',
    Resource: grants.credentialsKeyArn,
    Condition: {
      'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['userId'] },
      Null: { 'kms:EncryptionContext:userId': 'false' },
    },
  };
}

/** A key of each user's own: made with the stack's tag, usable and deletable by that tag only. */
function perUserKeys(grants: ServiceGrants): Statement[] {
  const anyKey = `arn:aws:kms:${grants.region}:${grants.accountId}:key/*`;
  const ofThisStack = { 'aws:ResourceTag/gatehouse:stack': grants.stack };
  return [
    {
      // CreateKey takes no resource; the tag is what limits it.
      Sid: 'MakeUserKeys',
      Effect: 'Allow',
      Action: ['kms:CreateKey', 'kms:TagResource'],
      Resource: '*',
      Condition: { StringEquals: { 'aws:RequestTag/gatehouse:stack': grants.stack } },
    },
    {
      Sid: 'EncryptCredentials',
      Effect: 'Allow',
      Action: ['kms:Encrypt', 'kms:DescribeKey'],
      Resource: anyKey,
      Condition: { StringEquals: ofThisStack },
    },
    {
      Sid: 'ForgetUsers',
      Effect: 'Allow',
      Action: 'kms:ScheduleKeyDeletion',
      Resource: anyKey,
      Condition: { StringEquals: ofThisStack },
    },
  ];
}
