// What roles can do besides with a key for each user, in sentences: the service, and the function that keeps keys.
import {
  type RoleSentence,
  TASK,
  KEEPER,
  arn,
  key,
  users,
  reading,
  forUser,
  userKey,
  tagged,
} from './sentences';

/** What is different with a key for each user. */
export const PER_USER_SENTENCES: readonly RoleSentence[] = [
  {
    role: TASK,
    can: true,
    what: 'encrypt credentials under the key of a user of this stack',
    request: (recording) => {
      const { resource, context } = userKey(recording);
      return { action: 'kms:Encrypt', resource, context: { ...context, ...forUser } };
    },
  },
  {
    role: TASK,
    can: true,
    what: 'call the function that keeps keys',
    request: (recording) => ({
      action: 'lambda:InvokeFunction',
      resource: arn(recording, 'aws:lambda/function:Function', 'gh-key-keeper-helper'),
    }),
  },
  {
    role: TASK,
    can: false,
    what: 'call another function',
    request: (recording) => ({
      action: 'lambda:InvokeFunction',
      resource: arn(recording, 'aws:lambda/function:Function', 'gh-edge-fn'),
    }),
  },
  {
    role: TASK,
    can: false,
    what: 'make a key',
    request: (recording) => ({
      action: 'kms:CreateKey',
      resource: '*',
      context: tagged(recording),
    }),
  },
  ...(
    [
      ['tag a key as that of a user', 'TagResource'],
      ['end the key of a user', 'ScheduleKeyDeletion'],
      ['decrypt under the key of a user', 'Decrypt'],
      ['encrypt anew what is under the key of a user', 'ReEncryptFrom'],
      ['hand the use of a key on', 'CreateGrant'],
      ['say who may use a key', 'PutKeyPolicy'],
    ] as const
  ).map(([what, action]): RoleSentence => ({
    role: TASK,
    can: false,
    what,
    request: (recording) => {
      const { resource, context } = userKey(recording);
      return {
        action: `kms:${action}`,
        resource,
        context: { ...context, ...forUser, ...tagged(recording) },
      };
    },
  })),
  {
    role: KEEPER,
    can: true,
    what: 'make a key with the tags of this stack and of a user',
    request: (recording) => ({
      action: 'kms:CreateKey',
      resource: '*',
      context: tagged(recording),
    }),
  },
  {
    role: KEEPER,
    can: true,
    what: 'schedule the end of the key of a user of this stack',
    request: (recording) => ({ action: 'kms:ScheduleKeyDeletion', ...userKey(recording) }),
  },
  {
    role: KEEPER,
    can: false,
    what: 'end the key of a user of another stack',
    request: (recording) => ({ action: 'kms:ScheduleKeyDeletion', ...userKey(recording, 'other') }),
  },
  {
    role: KEEPER,
    can: false,
    what: 'end a key of the stack itself',
    request: (recording) => ({
      action: 'kms:ScheduleKeyDeletion',
      resource: key('gh-tables')(recording),
    }),
  },
  {
    role: KEEPER,
    can: false,
    what: 'make a key without the tags of this stack',
    request: () => ({ action: 'kms:CreateKey', resource: '*' }),
  },
  ...(['Encrypt', 'Decrypt', 'CreateGrant', 'PutKeyPolicy'] as const).map(
    (action): RoleSentence => ({
      role: KEEPER,
      can: false,
      what: `do kms:${action} with the key of a user`,
      request: (recording) => {
        const { resource, context } = userKey(recording);
        return { action: `kms:${action}`, resource, context: { ...context, ...forUser } };
      },
    }),
  ),
  {
    role: KEEPER,
    can: false,
    what: 'read a user',
    request: (recording) => ({
      action: 'dynamodb:GetItem',
      resource: users(recording),
      context: reading(['id']),
    }),
  },
];
