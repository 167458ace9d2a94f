// Holds the rules of stored data, and of what must outlive a mistake, to passing and failing cases.
import { SEALED_TAG } from '../contracts/tags';
import { DATA_RULES } from './data';
import { STATEFUL_RULES } from './stateful';
import { holdRules, resource } from './testing/cases';

const SEALED = ['kms:Decrypt', 'kms:ReEncryptFrom', 'kms:CreateGrant', 'kms:PutKeyPolicy'];
const KEY_ARN = 'arn:aws:kms:eu-central-1:123456789012:key/1';
const goodTable = {
  billingMode: 'PAY_PER_REQUEST',
  pointInTimeRecovery: { enabled: true },
  serverSideEncryption: { enabled: true, kmsKeyArn: KEY_ARN },
};
const table = (inputs: object = {}) =>
  resource('aws:dynamodb/table:Table', { ...goodTable, ...inputs });
const replica = (inputs: object = {}) =>
  table({
    replicas: [
      { regionName: 'eu-west-1', pointInTimeRecovery: true, kmsKeyArn: KEY_ARN, ...inputs },
    ],
  });
const key = (inputs: object = {}) => resource('aws:kms/key:Key', { ...inputs });
const policy = (statement: object) => JSON.stringify({ Statement: [statement] });
const secret = (inputs: object = {}) => resource('aws:secretsmanager/secret:Secret', { ...inputs });

describe('DATA_RULES', () => {
  holdRules(DATA_RULES, {
    'table-on-demand': {
      passes: { 'an on-demand table': [table()] },
      fails: { 'a provisioned one': [[table({ billingMode: 'PROVISIONED' })], 'PAY_PER_REQUEST'] },
    },
    'table-point-in-time-recovery': {
      passes: { 'a table': [table()], 'a replica': [replica()] },
      fails: {
        'a table without': [[table({ pointInTimeRecovery: { enabled: false } })], 'point-in-time'],
        'a replica without': [[replica({ pointInTimeRecovery: false })], 'replica in eu-west-1'],
      },
    },
    'table-customer-key': {
      passes: { 'a table': [table()], 'a replica': [replica()] },
      fails: {
        'a key of AWS': [[table({ serverSideEncryption: undefined })], 'key of AWS'],
        'encryption without a key': [
          [table({ serverSideEncryption: { enabled: true } })],
          'key of AWS',
        ],
        'a replica without': [[replica({ kmsKeyArn: undefined })], 'replica in eu-west-1'],
      },
    },
    'key-rotation': {
      passes: { 'a rotating key': [key({ enableKeyRotation: true })] },
      fails: { 'one that does not': [[key()], 'never rotates'] },
    },
    'key-deletion-window': {
      passes: { '30 days': [key({ deletionWindowInDays: 30 })], 'the default of 30': [key()] },
      fails: { 'a week': [[key({ deletionWindowInDays: 7 })], 'after 7 days'] },
    },
    'key-not-public': {
      passes: {
        'the account': [
          key({ policy: policy({ Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::1:root' } }) }),
        ],
        'everybody under a condition': [
          key({ policy: policy({ Effect: 'Allow', Principal: '*', Condition: { Bool: {} } }) }),
        ],
        'no policy of its own': [key()],
        'a policy that is no JSON, which AWS refuses': [key({ policy: 'not JSON' })],
      },
      fails: {
        everybody: [[key({ policy: policy({ Effect: 'Allow', Principal: '*' }) })], 'by everybody'],
        'every account': [
          [key({ policy: policy({ Effect: 'Allow', Principal: { AWS: '*' } }) })],
          'by everybody',
        ],
      },
    },
    'sealed-key': {
      passes: {
        'a denial of every way to plaintext': [
          key({
            tags: { [SEALED_TAG]: 'true' },
            policy: policy({ Effect: 'Deny', Action: SEALED }),
          }),
        ],
        'a key that is not sealed': [key()],
      },
      fails: {
        'no policy of its own': [[key({ tags: { [SEALED_TAG]: 'true' } })], 'kms:Decrypt'],
        'a denial with a gap': [
          [
            key({
              tags: { [SEALED_TAG]: 'true' },
              policy: policy({ Effect: 'Deny', Action: SEALED.slice(1) }),
            }),
          ],
          'does not deny kms:Decrypt. Deny',
        ],
      },
    },
    'secret-customer-key': {
      passes: { 'a key of one’s own': [secret({ kmsKeyId: KEY_ARN })] },
      fails: { 'a key of AWS': [[secret()], 'key of AWS'] },
    },
  });
});

describe('STATEFUL_RULES', () => {
  const kept = { protect: true };
  const isProtected = { deletionProtectionEnabled: true };
  const stateful = (type: string, inputs: object, options: { protect: boolean }) =>
    resource(type, { ...inputs }, { options });
  const TABLE = 'aws:dynamodb/table:Table';

  holdRules(STATEFUL_RULES, {
    'protections-agree': {
      passes: {
        both: [stateful(TABLE, isProtected, kept)],
        neither: [stateful(TABLE, {}, { protect: false }), table()],
        'a key, which AWS protects by its window': [stateful('aws:kms/key:Key', {}, kept)],
      },
      fails: {
        'AWS alone': [[stateful(TABLE, isProtected, { protect: false })], 'not by Pulumi'],
        'Pulumi alone': [[stateful('aws:lb/loadBalancer:LoadBalancer', {}, kept)], 'not by AWS'],
      },
    },
    'stateful-protected': {
      passes: { 'a protected table': [stateful(TABLE, isProtected, kept)] },
      fails: { 'one that goes with the stack': [[table()], 'deleted with the stack'] },
    },
  });
});
