// Policy documents of the customer-managed keys.

/** Roles that the service runs under, by the names that Pulumi gives them. */
function serviceRoles(accountId: string): string[] {
  return ['task', 'fn'].map((kind) => `arn:aws:iam::${accountId}:role/*-${kind}-role-*`);
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
      // The service may make, tag and delete keys of users; never these.
      Sid: 'NotByTheService',
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Action: ['kms:ScheduleKeyDeletion', 'kms:TagResource', 'kms:UntagResource'],
      Resource: '*',
      Condition: { ArnLike: { 'aws:PrincipalArn': serviceRoles(accountId) } },
    },
  ];
}

/** Policy of a key that only roles of the account use. */
export function keyPolicy(accountId: string): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: stackKeyStatements(accountId) });
}
