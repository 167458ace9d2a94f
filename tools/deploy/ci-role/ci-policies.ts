// What the roles of CI may do, and who may take them: pure documents, tested by the evaluator.
import type { PolicyStatement } from '../../iam/evaluate';

interface Document {
  readonly Version: string;
  readonly Statement: (PolicyStatement & { readonly Principal?: unknown })[];
}

/** Reads of what callers have stored: nobody needs them to deploy. */
const DATA = [
  'dynamodb:BatchGetItem',
  'dynamodb:GetItem',
  'dynamodb:GetRecords',
  'dynamodb:PartiQL*',
  'dynamodb:Query',
  'dynamodb:Scan',
];

/** IAM prefixes of every service of which the program makes something; a test holds it to that. */
export const SERVICES = [
  'acm',
  'apigateway',
  'application-autoscaling',
  'cloudfront',
  'cloudwatch',
  'dynamodb',
  'ec2',
  'ecr',
  'ecs',
  'elasticloadbalancing',
  'kms',
  'lambda',
  'logs',
  'route53',
  's3',
  'secretsmanager',
  'servicequotas',
  'sns',
  'tag',
  'wafv2',
];

/** Roles that the program makes begin with its name; those of CI do, too, and are taken out below. */
const ROLES = 'arn:aws:iam::*:role/gh-*';
const CI_ROLES = 'arn:aws:iam::*:role/gh-ci-*';

/**
 * Only a job of this repository, on this branch or in this environment, for AWS.
 * https://docs.github.com/en/actions/concepts/security/openid-connect
 */
export function trustPolicy(providerArn: string, subject: string): Document {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Federated: providerArn },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: {
          StringEquals: {
            'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
            'token.actions.githubusercontent.com:sub': subject,
          },
        },
      },
    ],
  };
}

/** Besides AWS's ReadOnlyAccess: no data, no objects but the state, and the lock of the state. */
export function lookPolicy({ stateBucket }: { readonly stateBucket?: string }): Document {
  const objects = stateBucket === undefined ? undefined : `arn:aws:s3:::${stateBucket}/*`;
  return {
    Version: '2012-10-17',
    Statement: [
      {
        // A refresh reads the secret that the program itself made.
        Sid: 'OriginSecret',
        Effect: 'Allow',
        Action: 'secretsmanager:GetSecretValue',
        Resource: 'arn:aws:secretsmanager:*:*:secret:gh-origin-*',
      },
      { Sid: 'NoDataOfCallers', Effect: 'Deny', Action: DATA, Resource: '*' },
      {
        Sid: 'NoObjectsButTheState',
        Effect: 'Deny',
        Action: ['s3:GetObject', 's3:GetObjectVersion'],
        ...(objects === undefined ? { Resource: '*' } : { NotResource: objects }),
      },
      ...stateStatements(stateBucket),
    ],
  };
}

/** Everything that the program makes, and nothing that would widen the role itself. */
export function deployPolicy({ stateBucket }: { readonly stateBucket?: string }): Document {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'WhatTheProgramMakes',
        Effect: 'Allow',
        Action: SERVICES.map((service) => `${service}:*`),
        Resource: '*',
      },
      {
        Sid: 'RolesOfTheStack',
        Effect: 'Allow',
        Action: [
          'iam:CreateRole',
          'iam:DeleteRole',
          'iam:DeleteRolePolicy',
          'iam:GetRole',
          'iam:GetRolePolicy',
          'iam:ListAttachedRolePolicies',
          'iam:ListInstanceProfilesForRole',
          'iam:ListRolePolicies',
          'iam:PutRolePolicy',
          'iam:TagRole',
          'iam:UntagRole',
          'iam:UpdateAssumeRolePolicy',
          'iam:UpdateRole',
          'iam:UpdateRoleDescription',
        ],
        Resource: ROLES,
      },
      {
        // Lambda in a VPC needs one; AWS's other managed policies would be a way to become anybody.
        Sid: 'ManagedPolicyOfLambda',
        Effect: 'Allow',
        Action: ['iam:AttachRolePolicy', 'iam:DetachRolePolicy'],
        Resource: ROLES,
        Condition: {
          ArnLike: { 'iam:PolicyARN': 'arn:aws:iam::aws:policy/service-role/AWSLambda*' },
        },
      },
      {
        Sid: 'HandRolesToTheirServices',
        Effect: 'Allow',
        Action: 'iam:PassRole',
        Resource: ROLES,
        Condition: {
          StringEquals: {
            'iam:PassedToService': [
              'ecs.amazonaws.com',
              'ecs-tasks.amazonaws.com',
              'lambda.amazonaws.com',
              'edgelambda.amazonaws.com',
              'vpc-flow-logs.amazonaws.com',
            ],
          },
        },
      },
      {
        // A sweep looks whether somebody left it to a schedule, and takes that back.
        Sid: 'SchedulesOfSweeps',
        Effect: 'Allow',
        Action: ['scheduler:GetSchedule', 'scheduler:DeleteSchedule'],
        Resource: 'arn:aws:scheduler:*:*:schedule/default/gh-later-*',
      },
      {
        Sid: 'RolesThatServicesMakeOnce',
        Effect: 'Allow',
        Action: ['iam:CreateServiceLinkedRole', 'iam:GetRole'],
        Resource: 'arn:aws:iam::*:role/aws-service-role/*',
      },
      { Sid: 'NoDataOfCallers', Effect: 'Deny', Action: DATA, Resource: '*' },
      {
        // Or it could widen itself, and be taken from anywhere.
        Sid: 'NotItself',
        Effect: 'Deny',
        Action: 'iam:*',
        Resource: [CI_ROLES, 'arn:aws:iam::*:oidc-provider/*'],
      },
      ...stateStatements(stateBucket),
    ],
  };
}

function stateStatements(stateBucket: string | undefined): PolicyStatement[] {
  return stateBucket === undefined
    ? []
    : [
        {
          Sid: 'State',
          Effect: 'Allow',
          Action: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
          Resource: `arn:aws:s3:::${stateBucket}/*`,
        },
        {
          Sid: 'StateBucket',
          Effect: 'Allow',
          Action: ['s3:ListBucket', 's3:GetBucketLocation'],
          Resource: `arn:aws:s3:::${stateBucket}`,
        },
      ];
}
