// What each role of a stack can do and what it can't, in sentences, each with the request that decides it; long because it is one list.
import { PER_USER_SENTENCES } from './per-user-roles';
import {
  type RoleSentence,
  TASK,
  EXECUTION,
  EDGE,
  CHECK,
  FLOW,
  SHIFT,
  arn,
  key,
  users,
  credentials,
  apiKeys,
  region,
  reading,
  everything,
  ciphertext,
  inTransaction,
  forUser,
} from './sentences';

/** The sentences for a stack on Fargate with the users directory. */
export const ROLE_SENTENCES: readonly RoleSentence[] = [
  {
    role: TASK,
    can: true,
    what: 'read named attributes of a user',
    request: (recording) => ({
      action: 'dynamodb:GetItem',
      resource: users(recording),
      context: reading(['id', 'email', 'name']),
    }),
  },
  {
    role: TASK,
    can: true,
    what: 'write the ciphertext of credentials in a transaction',
    request: (recording) => ({
      action: 'dynamodb:PutItem',
      resource: credentials(recording),
      context: { ...ciphertext, ...inTransaction },
    }),
  },
  ...(
    [
      ['read a ciphertext', 'GetItem', { ...ciphertext, ...reading(['id']) }],
      ['query ciphertexts', 'Query', reading(['id'])],
      ['scan ciphertexts', 'Scan', everything],
      ['read ciphertexts in a batch', 'BatchGetItem', everything],
      ['read ciphertexts by PartiQL', 'PartiQLSelect', {}],
      ['ask whether a condition on a ciphertext is true', 'ConditionCheckItem', inTransaction],
      [
        'copy a ciphertext into another attribute',
        'UpdateItem',
        { ...ciphertext, ...inTransaction },
      ],
      ['overwrite a ciphertext outside of a transaction', 'PutItem', ciphertext],
      [
        'get a ciphertext back from what deletes it',
        'DeleteItem',
        { 'dynamodb:Attributes': ['id'], 'dynamodb:ReturnValues': 'ALL_OLD' },
      ],
    ] as const
  ).map(([what, action, context]): RoleSentence => ({
    role: TASK,
    can: false,
    what,
    request: (recording) => ({
      action: `dynamodb:${action}`,
      resource: credentials(recording),
      context,
    }),
  })),
  {
    role: TASK,
    can: false,
    what: 'read all attributes of a user',
    request: (recording) => ({
      action: 'dynamodb:GetItem',
      resource: users(recording),
      context: everything,
    }),
  },
  {
    role: TASK,
    can: false,
    what: 'scan the table of users itself, past the index that leaves helper items out',
    request: (recording) => ({
      action: 'dynamodb:Scan',
      resource: users(recording),
      context: reading(['id']),
    }),
  },
  {
    role: TASK,
    can: true,
    what: 'scan the index of users for an export',
    request: (recording) => ({
      action: 'dynamodb:Scan',
      resource: `${users(recording)}/index/by-email`,
      context: reading(['id', 'email']),
    }),
  },
  {
    role: TASK,
    can: true,
    what: 'encrypt credentials for a named user',
    request: (recording) => ({
      action: 'kms:Encrypt',
      resource: key('gh-credentials')(recording),
      context: forUser,
    }),
  },
  {
    role: TASK,
    can: false,
    what: 'encrypt without naming a user',
    request: (recording) => ({
      action: 'kms:Encrypt',
      resource: key('gh-credentials')(recording),
      context: {
        'kms:EncryptionContextKeys': ['purpose'],
        'kms:EncryptionContext:purpose': 'credentials',
      },
    }),
  },
  {
    role: TASK,
    can: false,
    what: 'decrypt what it encrypted',
    request: (recording) => ({
      action: 'kms:Decrypt',
      resource: key('gh-credentials')(recording),
      context: forUser,
    }),
  },
  {
    role: TASK,
    can: false,
    what: 'decrypt with the key of the tables by itself, past DynamoDB',
    request: (recording) => ({ action: 'kms:Decrypt', resource: key('gh-tables')(recording) }),
  },
  {
    role: TASK,
    can: false,
    what: 'read API keys',
    request: (recording) => ({
      action: 'dynamodb:GetItem',
      resource: apiKeys(recording),
      context: reading(['keyId']),
    }),
  },
  {
    role: TASK,
    can: false,
    what: 'grant itself anything',
    request: () => ({ action: 'iam:PutRolePolicy', resource: '*' }),
  },
  {
    role: TASK,
    can: false,
    what: 'make a log group, so that none that was deleted comes back',
    request: () => ({ action: 'logs:CreateLogGroup', resource: '*' }),
  },
  {
    role: EXECUTION,
    can: true,
    what: 'read the origin secret',
    request: (recording) => ({
      action: 'secretsmanager:GetSecretValue',
      resource: arn(recording, 'aws:secretsmanager/secret:Secret', 'gh-origin'),
    }),
  },
  {
    role: EXECUTION,
    can: false,
    what: 'read any other secret',
    request: (recording) => ({
      action: 'secretsmanager:GetSecretValue',
      resource: `arn:aws:secretsmanager:${region(recording)}:123456789012:secret:other-AbCdEf`,
    }),
  },
  {
    role: EXECUTION,
    can: false,
    what: 'read a user',
    request: (recording) => ({
      action: 'dynamodb:GetItem',
      resource: users(recording),
      context: reading(['id']),
    }),
  },
  {
    role: EDGE,
    can: true,
    what: 'read the decisive part of an API key',
    request: (recording) => ({
      action: 'dynamodb:GetItem',
      resource: apiKeys(recording),
      context: reading(['keyId', 'hash', 'scopes']),
    }),
  },
  {
    role: EDGE,
    can: false,
    what: 'list API keys',
    request: (recording) => ({
      action: 'dynamodb:Scan',
      resource: apiKeys(recording),
      context: reading(['keyId']),
    }),
  },
  {
    role: EDGE,
    can: false,
    what: 'write an API key',
    request: (recording) => ({ action: 'dynamodb:PutItem', resource: apiKeys(recording) }),
  },
  {
    role: EDGE,
    can: false,
    what: 'read the audit trail and the notes of an API key',
    request: (recording) => ({
      action: 'dynamodb:GetItem',
      resource: apiKeys(recording),
      context: everything,
    }),
  },
  {
    role: EDGE,
    can: false,
    what: 'read a user',
    request: (recording) => ({
      action: 'dynamodb:GetItem',
      resource: users(recording),
      context: reading(['id']),
    }),
  },
  {
    role: CHECK,
    can: true,
    what: 'read whose an API key is and when it ends',
    request: (recording) => ({
      action: 'dynamodb:Scan',
      resource: apiKeys(recording),
      context: reading(['keyId', 'owner', 'expiresAt']),
    }),
  },
  {
    role: CHECK,
    can: false,
    what: 'read the hash of an API key',
    request: (recording) => ({
      action: 'dynamodb:Scan',
      resource: apiKeys(recording),
      context: reading(['keyId', 'hash']),
    }),
  },
  {
    role: CHECK,
    can: false,
    what: 'write an API key',
    request: (recording) => ({ action: 'dynamodb:PutItem', resource: apiKeys(recording) }),
  },
  {
    role: CHECK,
    can: false,
    what: 'read a user',
    request: (recording) => ({
      action: 'dynamodb:Scan',
      resource: users(recording),
      context: reading(['id']),
    }),
  },
  {
    role: CHECK,
    can: false,
    what: 'send mail, unless `gatehouse:mailFrom` names a sender',
    request: () => ({ action: 'ses:SendEmail', resource: '*' }),
  },
  {
    role: FLOW,
    can: true,
    what: 'write the flow log',
    request: (recording) => ({
      action: 'logs:PutLogEvents',
      resource: `${arn(recording, 'aws:cloudwatch/logGroup:LogGroup', 'gh-flow-logs')}:x`,
    }),
  },
  {
    role: FLOW,
    can: false,
    what: "write the service's log",
    request: (recording) => ({
      action: 'logs:PutLogEvents',
      resource: `${arn(recording, 'aws:cloudwatch/logGroup:LogGroup', 'gh-service-logs')}:x`,
    }),
  },
  {
    role: SHIFT,
    can: true,
    what: "change the weights of the stack's own listener rule",
    request: (recording) => ({
      action: 'elasticloadbalancing:ModifyRule',
      resource: arn(recording, 'aws:lb/listenerRule:ListenerRule', 'gh-rule'),
    }),
  },
  {
    role: SHIFT,
    can: true,
    what: 'register tasks in the target group of the next revision',
    request: (recording) => ({
      action: 'elasticloadbalancing:RegisterTargets',
      resource: arn(recording, 'aws:lb/targetGroup:TargetGroup', 'gh-tg-b'),
    }),
  },
  {
    role: SHIFT,
    can: false,
    what: 'change a rule of another load balancer',
    request: (recording) => ({
      action: 'elasticloadbalancing:ModifyRule',
      resource: `arn:aws:elasticloadbalancing:${region(recording)}:123456789012:listener-rule/app/other/1/2/3`,
    }),
  },
  {
    role: SHIFT,
    can: false,
    what: 'take tasks out of the target group of another service',
    request: (recording) => ({
      action: 'elasticloadbalancing:DeregisterTargets',
      resource: `arn:aws:elasticloadbalancing:${region(recording)}:123456789012:targetgroup/other/1`,
    }),
  },
  {
    role: SHIFT,
    can: false,
    what: 'delete a listener, a rule or a target group',
    request: (recording) => ({
      action: 'elasticloadbalancing:DeleteRule',
      resource: arn(recording, 'aws:lb/listenerRule:ListenerRule', 'gh-rule'),
    }),
  },
];

/** docs/rights.md: the sentences by role. */
export function rightsPage(): string {
  return `<!-- Generated by "npm run settings" from tools/iam/roles.ts, whose test asks an IAM evaluator. -->

# What each role can do

Of a stack on Fargate with the users directory. Each line is a request that a test puts to an evaluator of IAM
documents, conditions included, with the policies that the program makes; \`npm run plan -- --against REF\` says what a
change of the program gives or takes.

${byRole(ROLE_SENTENCES, '##')}

## With a key for each user

With \`CREDENTIAL_KEYS: per-user\` a function keeps the keys of users, in a role of its own. The service has the rights
above but for the one to encrypt, and besides:

${byRole(PER_USER_SENTENCES, '###')}
`;
}

function byRole(sentences: readonly RoleSentence[], heading: string): string {
  const list = (role: string, can: boolean): string[] =>
    sentences
      .filter((each) => each.role === role && each.can === can)
      .map(({ what }) => `- ${can ? 'can' : "can't"} ${what}`);
  return [...new Set(sentences.map(({ role }) => role))]
    .map(
      (role) =>
        `${heading} ${role}\n\n${[...list(role, true), '', ...list(role, false)].join('\n')}`,
    )
    .join('\n\n');
}
