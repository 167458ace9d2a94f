// Holds the rules of permissions to passing and failing cases.
import { IAM_RULES } from './iam';
import { holdRules, resource } from './testing/cases';

const TABLE = 'arn:aws:dynamodb:eu-central-1:1:table/orders';

const policy = (statement: object, name = 'gh-task-policy') =>
  resource(
    'aws:iam/rolePolicy:RolePolicy',
    { policy: JSON.stringify({ Statement: [{ Effect: 'Allow', ...statement }] }) },
    { name },
  );
const interfaces = (denial: object) =>
  resource('aws:iam/rolePolicy:RolePolicy', {
    policy: JSON.stringify({
      Statement: [
        { Effect: 'Allow', Action: ['ec2:CreateNetworkInterface'], Resource: '*' },
        { Effect: 'Deny', Action: ['ec2:CreateNetworkInterface'], Resource: '*', ...denial },
      ],
    }),
  });
const bucketPolicy = (statement: object) =>
  resource('aws:s3/bucketPolicy:BucketPolicy', {
    policy: JSON.stringify({
      Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn', ...statement }],
    }),
  });
const role = (statement: object) =>
  resource('aws:iam/role:Role', {
    assumeRolePolicy: JSON.stringify({ Statement: [{ Effect: 'Allow', ...statement }] }),
  });
const oidc = (condition?: object) =>
  role({
    Principal: { Federated: 'arn:oidc' },
    ...(condition === undefined ? {} : { Condition: condition }),
  });
const subject = (sub: string) =>
  oidc({ StringEquals: { 'token.actions.githubusercontent.com:sub': sub } });

describe('IAM_RULES', () => {
  holdRules(IAM_RULES, {
    'no-wildcard-action': {
      passes: {
        'named actions': [policy({ Action: ['dynamodb:GetItem'], Resource: TABLE })],
        'a denial of everything': [policy({ Effect: 'Deny', Action: '*', Resource: '*' })],
      },
      fails: {
        'all of a service': [[policy({ Action: 'dynamodb:*', Resource: TABLE })], 'dynamodb:*'],
        'a prefix': [[policy({ Action: ['s3:Get*'], Resource: 'arn' })], 's3:Get*'],
        'all but some': [[policy({ NotAction: 'iam:*', Resource: 'arn' })], 'NotAction'],
      },
    },
    'no-wildcard-resource': {
      passes: {
        'a table': [policy({ Action: 'dynamodb:GetItem', Resource: [TABLE] })],
        'actions that take no resource': [
          policy({ Action: ['ecr:GetAuthorizationToken', 'xray:PutTraceSegments'], Resource: '*' }),
        ],
        "a function's interfaces, which are denied to its code": [
          interfaces({ Condition: { ArnLike: { 'lambda:SourceFunctionArn': 'arn' } } }),
        ],
        'keys by their tag': [
          policy({
            Action: 'kms:ScheduleKeyDeletion',
            Resource: '*',
            Condition: { StringEquals: { 'aws:ResourceTag/gatehouse:stack': 'dev' } },
          }),
        ],
      },
      fails: {
        'every table': [
          [policy({ Action: 'dynamodb:GetItem', Resource: '*' })],
          'on every resource',
        ],
        'all but some': [
          [policy({ Action: 'dynamodb:GetItem', NotResource: TABLE })],
          'on every resource',
        ],
        "a function's interfaces for its code as well": [
          [interfaces({})],
          'ec2:CreateNetworkInterface on every resource',
        ],
        'a condition on something else': [
          [policy({ Action: 'kms:Encrypt', Resource: '*', Condition: { Bool: { a: 'true' } } })],
          'kms:Encrypt on every resource',
        ],
      },
    },
    'no-privilege-escalation': {
      passes: {
        'no say in permissions': [policy({ Action: 'dynamodb:GetItem', Resource: TABLE })],
        'the deploy role': [policy({ Action: 'iam:PassRole', Resource: 'arn' }, 'gh-ci-policy')],
      },
      fails: {
        'passing a role': [[policy({ Action: 'iam:PassRole', Resource: 'arn' })], 'iam:PassRole'],
        'assuming one': [[policy({ Action: 'sts:AssumeRole', Resource: 'arn' })], 'sts:AssumeRole'],
      },
    },
    'trust-named': {
      passes: {
        'a service': [role({ Principal: { Service: 'ecs-tasks.amazonaws.com' } })],
        'one branch of one repository': [subject('repo:owner/name:ref:refs/heads/main')],
        'an environment of one repository': [subject('repo:owner/name:environment:prod')],
      },
      fails: {
        everybody: [[role({ Principal: '*' })], 'by everybody'],
        'every account': [[role({ Principal: { AWS: '*' } })], 'by everybody'],
        'any repository': [[oidc()], 'by any repository'],
        'any repository of an owner': [
          [subject('repo:owner/*:ref:refs/heads/main')],
          'any repository',
        ],
        'any branch': [[subject('repo:owner/name:*')], 'any repository'],
      },
    },
    'no-managed-policy': {
      passes: {
        'a narrow one': [
          resource('aws:iam/rolePolicyAttachment:RolePolicyAttachment', {
            policyArn: 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole',
          }),
        ],
        'a role with none': [resource('aws:iam/role:Role', {})],
      },
      fails: {
        administration: [
          [
            resource('aws:iam/rolePolicyAttachment:RolePolicyAttachment', {
              policyArn: 'arn:aws:iam::aws:policy/AdministratorAccess',
            }),
          ],
          'has arn:aws:iam::aws:policy/AdministratorAccess',
        ],
        'all of a service, in the role': [
          [
            resource('aws:iam/role:Role', {
              managedPolicyArns: ['arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess'],
            }),
          ],
          'AmazonDynamoDBFullAccess',
        ],
      },
    },
    'resource-policy-not-public': {
      passes: {
        'a service': [bucketPolicy({ Principal: { Service: 'logs.amazonaws.com' } })],
        'everybody on a condition': [
          bucketPolicy({
            Principal: '*',
            Condition: { StringEquals: { 'aws:SourceAccount': '1' } },
          }),
        ],
        'a denial to everybody': [bucketPolicy({ Effect: 'Deny', Principal: '*' })],
      },
      fails: {
        everybody: [[bucketPolicy({ Principal: '*' })], 'open to everybody'],
        'everybody by another name': [
          [bucketPolicy({ Principal: { AWS: ['*'] } })],
          'open to everybody',
        ],
      },
    },
  });
});
