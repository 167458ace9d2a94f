// The role by which ECS shifts requests between two target groups, and no others.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { assumedBy, policyOf } from '../rights/policy-documents';
import type { Role } from './task-roles';

/** What ECS may shift requests between. */
export interface ShiftGrants {
  listenerArn: pulumi.Input<string>;
  ruleArn: pulumi.Input<string>;
  targetGroupArns: pulumi.Input<string>[];
}

/**
 * The rights of AWS's own AmazonECSInfrastructureRolePolicyForLoadBalancers, which has them for
 * every application load balancer of the account, on those of this stack.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/AmazonECSInfrastructureRolePolicyForLoadBalancers.html
 */
export function shiftRole(name: string, grants: ShiftGrants, parent: pulumi.Resource): Role {
  const role = new aws.iam.Role(
    `${name}-shift-role`,
    {
      description: 'ECS: shifts requests between two revisions.',
      assumeRolePolicy: assumedBy('ecs.amazonaws.com'),
    },
    { parent },
  );
  const { listenerArn, ruleArn, targetGroupArns } = grants;
  const policy = pulumi
    .all([listenerArn, ruleArn, pulumi.all(targetGroupArns)])
    .apply(([listener, rule, groups]) =>
      policyOf([
        {
          Sid: 'SeeWeightsAndTargets',
          Effect: 'Allow',
          Action: [
            'elasticloadbalancing:DescribeListeners',
            'elasticloadbalancing:DescribeRules',
            'elasticloadbalancing:DescribeTargetGroups',
            'elasticloadbalancing:DescribeTargetHealth',
          ],
          // They take no resource.
          Resource: '*',
        },
        {
          Sid: 'ShiftRequests',
          Effect: 'Allow',
          Action: 'elasticloadbalancing:ModifyRule',
          Resource: rule,
        },
        {
          Sid: 'ShiftRequestsWithoutRule',
          Effect: 'Allow',
          Action: 'elasticloadbalancing:ModifyListener',
          Resource: listener,
        },
        {
          Sid: 'RegisterTasks',
          Effect: 'Allow',
          Action: [
            'elasticloadbalancing:RegisterTargets',
            'elasticloadbalancing:DeregisterTargets',
          ],
          Resource: groups,
        },
      ]),
    );
  return {
    arn: role.arn,
    policy: new aws.iam.RolePolicy(`${name}-shift-policy`, { role: role.id, policy }, { parent }),
  };
}
