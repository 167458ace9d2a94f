// Policy documents of the customer-managed keys.

/** Roles of the stack by what their names end in before Pulumi's suffix. */
const SERVICE_ROLES = ['task', 'fn'];
const ALL_ROLES = [...SERVICE_ROLES, 'exec', 'edge'];

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
    {
      Sid: 'AccountDecidesByIam',
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${accountId}:root` },
      Action: 'kms:*',
      Resource: '*',
    },
    {
      // A workload may make, tag and delete keys of its own; never these.
      Sid: 'NotByTheService',
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Action: ['kms:ScheduleKeyDeletion', 'kms:TagResource', 'kms:UntagResource'],
      Resource: '*',
      Condition: { ArnLike: { 'aws:PrincipalArn': rolesOf(accountId, SERVICE_ROLES) } },
    },
  ];
}

/**
 * Policy of a key that only roles of the account use.
 * @param isSealed Deny decryption to every role of the stack, and each way to it.
 */
export function keyPolicy(accountId: string, isSealed = false): string {
  const statements = [...stackKeyStatements(accountId), ...(isSealed ? [sealOf(accountId)] : [])];
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
}

function sealOf(accountId: string): object {
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
    Condition: { ArnLike: { 'aws:PrincipalArn': rolesOf(accountId, ALL_ROLES) } },
  };
}
