// The security group of tasks and the rules that tie it to the load balancer and to AWS's services.
import * as aws from '@pulumi/aws';
import type * as pulumi from '@pulumi/pulumi';
import type { EgressTarget } from '../network/network';

/** What {@link taskGroup} needs. */
export interface TaskGroupArgs {
  vpcId: pulumi.Input<string>;
  /** Group of the load balancer: the only one that may reach a task. */
  loadBalancerGroupId: pulumi.Input<string>;
  /** Port of the service. */
  port: number;
  /** What tasks may reach by HTTPS. */
  egressTargets: readonly EgressTarget[];
}

/** From the load balancer on one port, to AWS's services by HTTPS. */
export function taskGroup(
  name: string,
  args: TaskGroupArgs,
  parent: pulumi.Resource,
): aws.ec2.SecurityGroup {
  const group = new aws.ec2.SecurityGroup(
    `${name}-task-sg`,
    { vpcId: args.vpcId, description: 'Tasks: from the load balancer, to AWS services.' },
    { parent },
  );
  const ports = { ipProtocol: 'tcp', fromPort: args.port, toPort: args.port };
  new aws.vpc.SecurityGroupIngressRule(
    `${name}-task-from-lb`,
    {
      description: 'Requests from the load balancer.',
      securityGroupId: group.id,
      referencedSecurityGroupId: args.loadBalancerGroupId,
      ...ports,
    },
    { parent },
  );
  new aws.vpc.SecurityGroupEgressRule(
    `${name}-lb-to-task`,
    {
      description: 'Requests and health checks to tasks.',
      securityGroupId: args.loadBalancerGroupId,
      referencedSecurityGroupId: group.id,
      ...ports,
    },
    { parent },
  );
  for (const target of args.egressTargets) egressRule(`${name}-task`, group, target, parent);
  return group;
}

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
