// How an ECS service meets its load balancer: one target group, or two between which ECS shifts requests.
import type * as aws from '@pulumi/aws';
import type * as pulumi from '@pulumi/pulumi';
import type { TrafficShift } from './load-balancer';
import { shiftRole } from './shift-role';

/** What tasks register with. */
export interface BalancingArgs {
  targetGroupArn: pulumi.Input<string>;
  listener: aws.lb.Listener;
  /** What ECS shifts requests by, where two revisions serve side by side. */
  shift: TrafficShift | undefined;
  /** Port of the container. */
  port: number;
}

/** Where tasks register; with two revisions, also where the next one does and by what rule it is reached. */
export function balancing(
  name: string,
  { targetGroupArn, listener, shift, port }: BalancingArgs,
  parent: pulumi.Resource,
): { balancer: aws.types.input.ecs.ServiceLoadBalancer; needs: pulumi.Resource[] } {
  const balancer = { targetGroupArn, containerName: 'service', containerPort: port };
  if (shift === undefined) return { balancer, needs: [listener] };
  const { alternate, rule } = shift;
  const role = shiftRole(
    name,
    {
      listenerArn: listener.arn,
      ruleArn: rule.arn,
      targetGroupArns: [targetGroupArn, alternate.arn],
    },
    parent,
  );
  return {
    balancer: {
      ...balancer,
      advancedConfiguration: {
        alternateTargetGroupArn: alternate.arn,
        productionListenerRule: rule.arn,
        roleArn: role.arn,
      },
    },
    needs: [listener, rule, role.policy],
  };
}
