// Holds the rules of access to data to passing and failing cases.
import { DATA_ACCESS_RULES } from './data-access';
import { holdRules, resource } from './testing/cases';

const TABLE = 'arn:aws:dynamodb:eu-central-1:1:table/orders';
const KEY = 'arn:aws:kms:eu-central-1:1:key/seals';
const ANY_KEY = 'arn:aws:kms:eu-central-1:1:key/*';

const policy = (statement: object, name = 'gh-task-policy') =>
  resource(
    'aws:iam/rolePolicy:RolePolicy',
    { policy: JSON.stringify({ Statement: [{ Effect: 'Allow', ...statement }] }) },
    { name },
  );
const guarded = resource('aws:dynamodb/table:Table', {
  arn: TABLE,
  tags: { 'gatehouse:readable': 'id name' },
});
const read = (attributes: string[]) => ({
  Action: ['dynamodb:GetItem'],
  Condition: {
    StringEquals: { 'dynamodb:Select': 'SPECIFIC_ATTRIBUTES' },
    'ForAllValues:StringEquals': { 'dynamodb:Attributes': attributes },
  },
});
const writeOnly = resource('aws:dynamodb/table:Table', {
  arn: TABLE,
  tags: { 'gatehouse:write-only': 'true' },
});

describe('DATA_ACCESS_RULES', () => {
  holdRules(DATA_ACCESS_RULES, {
    'no-decryption-under-every-key': {
      passes: {
        'encryption alone': [policy({ Action: ['kms:Encrypt'], Resource: ANY_KEY })],
        'decryption under a named key': [policy({ Action: 'kms:Decrypt', Resource: KEY })],
        'decryption of what a context names': [
          policy({
            Action: 'kms:Decrypt',
            Resource: ANY_KEY,
            Condition: { StringEquals: { 'kms:EncryptionContext:SecretARN': ['arn'] } },
          }),
        ],
      },
      fails: {
        'decryption under everything': [
          [policy({ Action: 'kms:Decrypt', Resource: '*' })],
          'kms:Decrypt under *',
        ],
        'decryption under every key, through a service': [
          [
            policy({
              Action: ['kms:Encrypt', 'kms:decrypt', 'kms:ReEncryptFrom'],
              Resource: [KEY, ANY_KEY],
              Condition: { StringEquals: { 'kms:ViaService': 'secretsmanager' } },
            }),
          ],
          `kms:decrypt, kms:ReEncryptFrom under ${ANY_KEY}`,
        ],
      },
    },
    'no-key-grants': {
      passes: {
        'a grant for a service of AWS': [
          policy({
            Action: 'kms:CreateGrant',
            Resource: KEY,
            Condition: { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
          }),
        ],
      },
      fails: {
        'a grant to anybody': [
          [policy({ Action: 'kms:CreateGrant', Resource: KEY })],
          'CreateGrant',
        ],
        'a say in the key policy': [
          [policy({ Action: ['kms:PutKeyPolicy'], Resource: KEY })],
          'PutKeyPolicy',
        ],
      },
    },
    'key-use-and-life-apart': {
      passes: {
        'a role that uses keys': [
          policy({ Action: ['kms:Encrypt', 'kms:Decrypt'], Resource: KEY }),
        ],
        'a role that makes and ends them': [
          policy({ Action: ['kms:CreateKey', 'kms:ScheduleKeyDeletion'], Resource: '*' }),
        ],
        'a denial of the one beside the other': [
          resource('aws:iam/rolePolicy:RolePolicy', {
            policy: JSON.stringify({
              Statement: [
                { Effect: 'Allow', Action: 'kms:Encrypt', Resource: KEY },
                { Effect: 'Deny', Action: 'kms:CreateKey', Resource: '*' },
              ],
            }),
          }),
        ],
      },
      fails: {
        'a role that encrypts and ends keys': [
          [policy({ Action: ['kms:Encrypt', 'kms:ScheduleKeyDeletion'], Resource: ANY_KEY })],
          'uses keys and allows kms:ScheduleKeyDeletion',
        ],
        'a role that decrypts and tags them': [
          [policy({ Action: ['kms:decrypt', 'kms:TagResource'], Resource: ANY_KEY })],
          'kms:TagResource',
        ],
      },
    },
    'reads-named-attributes': {
      passes: {
        'what may be read': [guarded, policy({ ...read(['id', 'name']), Resource: TABLE })],
        'a table that says nothing': [
          resource('aws:dynamodb/table:Table', { arn: TABLE }),
          policy({ Action: 'dynamodb:GetItem', Resource: TABLE }),
        ],
        'a table whose ARN is not known yet': [
          resource('aws:dynamodb/table:Table', { tags: { 'gatehouse:readable': 'id' } }),
          policy({ Action: 'dynamodb:GetItem', Resource: TABLE }),
        ],
        'what may be read, by an ARN that AWS made up': [
          { ...guarded, inputs: { tags: guarded.inputs.tags }, outputs: { arn: TABLE } },
          policy({ ...read(['id']), Resource: TABLE }),
        ],
        'a write': [guarded, policy({ Action: 'dynamodb:PutItem', Resource: TABLE })],
        'another table': [
          guarded,
          policy({
            Action: 'dynamodb:GetItem',
            Resource: 'arn:aws:dynamodb:eu-central-1:1:table/x',
          }),
        ],
      },
      fails: {
        'a read of everything': [
          [guarded, policy({ Action: 'dynamodb:GetItem', Resource: TABLE })],
          'reads gh-thing beyond id name',
        ],
        'one attribute more': [
          [guarded, policy({ ...read(['id', 'sealed']), Resource: `${TABLE}/index/by-name` })],
          'beyond id name',
        ],
        'no attribute named': [[guarded, policy({ ...read([]), Resource: TABLE })], 'beyond'],
      },
    },
    'write-only-table-not-read': {
      passes: {
        'whole items in transactions': [
          writeOnly,
          policy({
            Action: ['dynamodb:PutItem', 'dynamodb:DeleteItem'],
            Resource: TABLE,
            Condition: {
              'ForAnyValue:StringEquals': { 'dynamodb:EnclosingOperation': ['TransactWriteItems'] },
            },
          }),
        ],
        'writes that return nothing': [
          writeOnly,
          policy({
            Action: 'dynamodb:UpdateItem',
            Resource: TABLE,
            Condition: { StringEqualsIfExists: { 'dynamodb:ReturnValues': ['NONE'] } },
          }),
        ],
        'writes that the same policy lets return nothing': [
          writeOnly,
          resource('aws:iam/rolePolicy:RolePolicy', {
            policy: JSON.stringify({
              Statement: [
                { Effect: 'Allow', Action: 'dynamodb:PutItem', Resource: TABLE },
                {
                  Effect: 'Deny',
                  Action: 'dynamodb:PutItem',
                  Resource: [TABLE],
                  Condition: {
                    'ForAnyValue:StringNotEquals': { 'dynamodb:ReturnValues': ['NONE'] },
                  },
                },
              ],
            }),
          }),
        ],
        'a batch, which can return nothing': [
          writeOnly,
          policy({ Action: 'dynamodb:BatchWriteItem', Resource: TABLE }),
        ],
        'a read of a table that is not so': [
          resource('aws:dynamodb/table:Table', { arn: TABLE }),
          policy({ Action: 'dynamodb:GetItem', Resource: TABLE }),
        ],
      },
      fails: {
        'a read of any kind': [
          [
            writeOnly,
            policy({ Action: ['dynamodb:getitem', 'dynamodb:PartiQLDelete'], Resource: TABLE }),
          ],
          'allows dynamodb:getitem, dynamodb:PartiQLDelete on gh-thing, which is written only',
        ],
        'a question about what is in it': [
          [writeOnly, policy({ Action: 'dynamodb:ConditionCheckItem', Resource: [TABLE] })],
          'allows dynamodb:ConditionCheckItem',
        ],
        'a write that returns what was there': [
          [writeOnly, policy({ Action: 'dynamodb:DeleteItem', Resource: TABLE })],
          'allows dynamodb:DeleteItem on gh-thing to return what it held',
        ],
      },
    },
  });
});
