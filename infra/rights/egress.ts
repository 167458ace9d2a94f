// What whatever runs in the VPC may reach: destinations, and the rule that lets a group reach one.
import * as aws from '@pulumi/aws';
import type * as pulumi from '@pulumi/pulumi';

/** A destination that may be reached by HTTPS. */
export type EgressTarget =
  | { readonly kind: 'internet' }
  | { readonly kind: 'security-group'; readonly id: pulumi.Output<string> }
  | { readonly kind: 'prefix-list'; readonly id: pulumi.Output<string>; readonly of: string };

/** Lets a group reach one destination by HTTPS. */
export function egressRule(
  name: string,
  group: aws.ec2.SecurityGroup,
  target: EgressTarget,
  parent: pulumi.Resource,
): void {
  const suffix = target.kind === 'prefix-list' ? target.of : target.kind;
  new aws.vpc.SecurityGroupEgressRule(
    `${name}-to-${suffix}`,
    {
      description: `HTTPS to ${suffix}.`,
      securityGroupId: group.id,
      ...destinationOf(target),
      ipProtocol: 'tcp',
      fromPort: 443,
      toPort: 443,
    },
    { parent },
  );
}

function destinationOf(target: EgressTarget): Partial<aws.vpc.SecurityGroupEgressRuleArgs> {
  switch (target.kind) {
    case 'internet':
      return { cidrIpv4: '0.0.0.0/0' };
    case 'security-group':
      return { referencedSecurityGroupId: target.id };
    case 'prefix-list':
      return { prefixListId: target.id };
  }
}
