// The security group of tasks and the rules that tie it to the load balancer and to AWS's services.
import * as aws from '@pulumi/aws';
import type * as pulumi from '@pulumi/pulumi';
import { egressRule, type EgressTarget } from '../rights/egress';

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
