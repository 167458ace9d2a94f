// Rules of ECS services: private, deployments that turn back, and room to scale.
import { at, list, textOf } from './inputs';
import { type PolicyResource, resourceRule, type Rule, unless } from './rule';

const SERVICE = 'aws:ecs/service:Service';
const LISTENER_RULE = 'aws:lb/listenerRule:ListenerRule';

const serviceIsPrivate = resourceRule({
  name: 'service-private',
  description: 'Tasks have no public address and no shell for outsiders (ECS.2, Exec off).',
  types: [SERVICE],
  faults: ({ inputs }) => [
    ...unless(
      at(inputs, 'networkConfiguration', 'assignPublicIp') === false,
      'may give its tasks public addresses. Set assignPublicIp to false.',
    ),
    ...unless(
      inputs.enableExecuteCommand !== true,
      'lets people run commands in its tasks. Switch enableExecuteCommand off.',
    ),
  ],
});

const deploymentTurnsBack = resourceRule({
  name: 'deployment-rolls-back',
  description:
    'A deployment that fails or raises alarms turns back, and never resets the number of tasks.',
  types: [SERVICE],
  faults: ({ inputs, options }) => [
    ...unless(
      // ECS has the breaker for rolling deployments alone.
      shiftsRequests(inputs) ||
        (at(inputs, 'deploymentCircuitBreaker', 'enable') === true &&
          at(inputs, 'deploymentCircuitBreaker', 'rollback') === true),
      'keeps a failed deployment. Enable deploymentCircuitBreaker with rollback.',
    ),
    ...unless(
      !shiftsRequests(inputs) || isAbleToShift(inputs),
      'has nothing to shift requests by. Give its load balancer another target group, a listener rule and a role (advancedConfiguration).',
    ),
    ...unless(
      at(inputs, 'alarms', 'enable') === true &&
        at(inputs, 'alarms', 'rollback') === true &&
        list(at(inputs, 'alarms', 'alarmNames')).length > 0,
      'heeds no alarm while it deploys. Set alarms with rollback.',
    ),
    ...unless(
      options?.ignoreChanges === undefined || options.ignoreChanges.includes('desiredCount'),
      'would reset the number of tasks that autoscaling chose. Add desiredCount to ignoreChanges.',
    ),
  ],
});

/** Two revisions side by side, each in a target group of its own. */
function shiftsRequests(inputs: PolicyResource['inputs']): boolean {
  return ['CANARY', 'BLUE_GREEN', 'LINEAR'].includes(
    String(at(inputs, 'deploymentConfiguration', 'strategy')),
  );
}

function isAbleToShift(inputs: PolicyResource['inputs']): boolean {
  const balancers = list(inputs.loadBalancers);
  return (
    balancers.length > 0 &&
    balancers.every((balancer) => {
      const shift = at(balancer, 'advancedConfiguration');
      const alternate = at(shift, 'alternateTargetGroupArn');
      return (
        alternate !== at(balancer, 'targetGroupArn') &&
        [alternate, at(shift, 'productionListenerRule'), at(shift, 'roleArn')].every(
          (arn) => textOf(arn) !== undefined,
        )
      );
    })
  );
}

const weightsAreLeftAlone = resourceRule({
  name: 'weights-left-to-ecs',
  description:
    'Weights that ECS shifts during a deployment are never written back by an update (pulumi-aws#5771).',
  types: [LISTENER_RULE],
  faults: ({ inputs, options }) => {
    const isWeighted = list(inputs.actions).some(
      (action) => list(at(action, 'forward', 'targetGroups')).length > 1,
    );
    const ignored = options?.ignoreChanges;
    return unless(
      !isWeighted || ignored === undefined || ignored.includes('actions'),
      'would move callers to a revision that is gone. Add "actions" to ignoreChanges; paths with wildcards are not followed.',
    );
  },
});

const clusterHasInsights = resourceRule({
  name: 'container-insights',
  description:
    'Clusters have Container Insights (ECS.12): task counts and scaling are read from it.',
  // A stack that saves its price scales by healthy tasks (scalingTaskCount), which is legal.
  level: 'advisory',
  types: ['aws:ecs/cluster:Cluster'],
  faults: ({ inputs }) =>
    unless(
      list(inputs.settings).some(
        (setting) =>
          at(setting, 'name') === 'containerInsights' &&
          ['enabled', 'enhanced'].includes(String(at(setting, 'value'))),
      ),
      'has no Container Insights. Set containerInsights to "enabled".',
    ),
});

const scalingHasRoom = resourceRule({
  name: 'scaling-bounds',
  description: 'The fewest tasks are at least one and no more than the most.',
  types: ['aws:appautoscaling/target:Target'],
  faults: ({ inputs }) =>
    unless(
      Number(inputs.minCapacity) >= 1 && Number(inputs.minCapacity) <= Number(inputs.maxCapacity),
      `scales from ${String(inputs.minCapacity)} to ${String(inputs.maxCapacity)}. Let the first be at least 1 and at most the second.`,
    ),
});

/** All rules of ECS services, their clusters and their scaling. */
export const ECS_SERVICE_RULES: readonly Rule[] = [
  serviceIsPrivate,
  deploymentTurnsBack,
  weightsAreLeftAlone,
  clusterHasInsights,
  scalingHasRoom,
];
