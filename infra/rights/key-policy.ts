// Policy documents of the customer-managed keys.

/** Roles of the stack by what their names end in before Pulumi's suffix. */
const SERVICE_ROLES = ['task', 'fn'];
const FUNCTION_ROLES = ['helper'];
const ALL_ROLES = [...SERVICE_ROLES, 'exec', 'edge', 'check'];

function rolesOf(accountId: string, kinds: readonly string[]): string[] {
  return kinds.map((kind) => `arn:aws:iam::${accountId}:role/*-${kind}-role-*`);
}

/**
 * What the policy of every key of the stack starts with. The account decides by IAM who uses the key:
 * AWS's own default, and the one that cannot lock everybody out. Roles of the stack get what they
 * need in their own policies.
 * https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
 */
export function stackKeyStatements(accountId: string): object[] {
  return [
    accountDecides(accountId),
    // A function may make, tag and delete keys of its own; never these.
    noLifeCycleFor(accountId, [...SERVICE_ROLES, ...FUNCTION_ROLES]),
  ];
}

function accountDecides(accountId: string): object {
  return {
    Sid: 'AccountDecidesByIam',
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${accountId}:root` },
    Action: 'kms:*',
    Resource: '*',
  };
}

function noLifeCycleFor(accountId: string, kinds: readonly string[]): object {
  return {
    Sid: 'NotByTheService',
    Effect: 'Deny',
    Principal: { AWS: '*' },
    Action: ['kms:ScheduleKeyDeletion', 'kms:TagResource', 'kms:UntagResource'],
    Resource: '*',
    Condition: { ArnLike: { 'aws:PrincipalArn': rolesOf(accountId, kinds) } },
  };
}

/**
 * Policy of a key that only roles of the account use.
 * @param isSealed Deny decryption to every role of the stack, and each way to it.
 */
export function keyPolicy(accountId: string, isSealed = false): string {
  const statements = [
    ...stackKeyStatements(accountId),
    ...(isSealed ? [sealOf(accountId, [...ALL_ROLES, ...FUNCTION_ROLES])] : []),
  ];
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
}

/**
 * Policy of a key that a function of the workload makes: sealed, and its end is that function's to say.
 * The seal leaves the function out, whose own rights do not decrypt: KMS makes no key whose policy
 * denies the maker to change it (CreateKey, the lockout safety check).
 * https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html
 */
export function functionKeyPolicy(accountId: string): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      accountDecides(accountId),
      noLifeCycleFor(accountId, SERVICE_ROLES),
      sealOf(accountId, ALL_ROLES),
    ],
  });
}

function sealOf(accountId: string, kinds: readonly string[]): object {
  return {
    Sid: 'SealedFromTheStack',
    Effect: 'Deny',
    Principal: { AWS: '*' },
    Action: [
      'kms:Decrypt',
      'kms:ReEncryptFrom',
      'kms:ReEncryptTo',
      'kms:CreateGrant',
      'kms:PutKeyPolicy',
    ],
    Resource: '*',
    Condition: { ArnLike: { 'aws:PrincipalArn': rolesOf(accountId, kinds) } },
  };
}
