// Rules of containers: no root, nothing to write to, no secret in sight, and a deployment that turns back.
import { FARGATE_MEMORY } from '../contracts/aws-limits';
import { at, list, parsed, textOf } from './inputs';
import { type PolicyResource, resourceRule, type Rule, unless } from './rule';

const TASK = 'aws:ecs/taskDefinition:TaskDefinition';
const SERVICE = 'aws:ecs/service:Service';
const LISTENER_RULE = 'aws:lb/listenerRule:ListenerRule';

/** Applies a check to every container of a task definition; its name leads each fault. */
function eachContainer(
  resource: PolicyResource,
  faultsOf: (container: unknown) => string[],
): string[] {
  return list(parsed(resource.inputs.containerDefinitions)).flatMap((container) =>
    faultsOf(container).map((fault) => `container ${String(at(container, 'name'))} ${fault}`),
  );
}

const containerIsConfined = resourceRule({
  name: 'container-confined',
  description:
    'Every container, sidecars too, has a read-only root, a user that is not root and no privilege or capability (ECS.4, .5, .20).',
  types: [TASK],
  faults: (resource) =>
    eachContainer(resource, (container) => [
      ...unless(
        at(container, 'readonlyRootFilesystem') === true,
        'may write to its root file system. Set readonlyRootFilesystem.',
      ),
      ...unless(
        isUserOtherThanRoot(at(container, 'user')),
        `runs as ${textOf(at(container, 'user')) ?? 'the user of its image'}. Name a user that is not root.`,
      ),
      ...unless(at(container, 'privileged') !== true, 'is privileged. Take that away.'),
      ...unless(
        list(at(container, 'linuxParameters', 'capabilities', 'add')).length === 0,
        'adds capabilities of the kernel. Take them away.',
      ),
    ]),
});

function isUserOtherThanRoot(user: unknown): boolean {
  const [name] = (textOf(user) ?? '').split(':');
  return name !== undefined && !['', '0', 'root'].includes(name);
}

/** Names of what nobody else may know, by their own account. */
const SECRET_NAME = /(SECRET|PASSW|TOKEN|PRIVATE_KEY|ACCESS_KEY|API_KEY|_KEY$)/i;
/** What services hand out as secrets looks like this, whatever its name: Stripe, AWS, GitHub, Slack, PEM. */
const SECRET_VALUE =
  /^(sk|rk|pk)_(live|test)_|^(AKIA|ASIA)[A-Z0-9]{16}$|^gh[pousr]_|^github_pat_|^xox[abp]-|-----BEGIN .*PRIVATE KEY/;

const noSecretInEnvironment = resourceRule({
  name: 'no-secret-in-environment',
  description: 'Secrets come from Secrets Manager or SSM, never by plain environment (ECS.8).',
  types: [TASK],
  faults: (resource) =>
    eachContainer(resource, (container) =>
      list(at(container, 'environment'))
        .filter(
          (variable) =>
            SECRET_NAME.test(String(at(variable, 'name'))) ||
            SECRET_VALUE.test(String(at(variable, 'value'))),
        )
        .map((variable) => String(at(variable, 'name')))
        .map((name) => `has ${name} in its environment. Put it under secrets with valueFrom.`),
    ),
});

const containerLogs = resourceRule({
  name: 'container-logs',
  description: 'Every container has a log configuration (ECS.9).',
  types: [TASK],
  faults: (resource) =>
    eachContainer(resource, (container) =>
      unless(
        textOf(at(container, 'logConfiguration', 'logDriver')) !== undefined,
        'logs nowhere. Give it a logConfiguration.',
      ),
    ),
});

const imageIsPinned = resourceRule({
  name: 'image-by-digest',
  description: 'Every image is named by its digest: what was tested is what runs.',
  types: [TASK],
  faults: (resource) =>
    eachContainer(resource, (container) =>
      unless(
        /@sha256:[0-9a-f]{64}$/.test(String(at(container, 'image'))),
        `has the image ${String(at(container, 'image'))}. Name it by digest (@sha256:…).`,
      ),
    ),
});

const healthCheckNeedsNoShell = resourceRule({
  name: 'health-check-without-shell',
  description: 'Health checks run a program and not a shell: distroless images have none.',
  types: [TASK],
  faults: (resource) =>
    eachContainer(resource, (container) =>
      unless(
        at(container, 'healthCheck', 'command', 0) !== 'CMD-SHELL',
        'asks a shell for its health. Use ["CMD", program, …].',
      ),
    ),
});

const taskFitsFargate = resourceRule({
  name: 'fargate-size',
  description: 'CPU and memory are a pair that Fargate offers, and the platform is named (ECS.21).',
  types: [TASK],
  faults: ({ inputs }) => {
    const offered = FARGATE_MEMORY[String(inputs.cpu)];
    return [
      ...unless(
        offered?.includes(Number(inputs.memory)) === true,
        offered === undefined
          ? `asks for ${String(inputs.cpu)} CPU units. Fargate has ${Object.keys(FARGATE_MEMORY).join(', ')}.`
          : `asks for ${String(inputs.memory)} MiB with ${String(inputs.cpu)} CPU units. Fargate has ${offered.join(', ')} MiB for them.`,
      ),
      ...unless(
        textOf(at(inputs, 'runtimePlatform', 'operatingSystemFamily')) !== undefined,
        'leaves its platform open. Set runtimePlatform.operatingSystemFamily.',
      ),
      ...unless(
        textOf(inputs.taskRoleArn) !== undefined &&
          textOf(inputs.executionRoleArn) !== undefined &&
          inputs.taskRoleArn !== inputs.executionRoleArn,
        'has no role of its own beside the execution role. Give it two (CKV_AWS_249).',
      ),
    ];
  },
});

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

const repositoryIsScanned = resourceRule({
  name: 'repository-hardened',
  description: 'Image repositories scan on push and move no tag but those of builds (ECR.1, .2).',
  types: ['aws:ecr/repository:Repository'],
  faults: ({ inputs }) => [
    ...unless(
      at(inputs, 'imageScanningConfiguration', 'scanOnPush') === true,
      'scans no image. Set imageScanningConfiguration.scanOnPush.',
    ),
    ...unless(
      inputs.imageTagMutability === 'IMMUTABLE' || movesOnlyNamedTags(inputs),
      'lets tags move. Set imageTagMutability to "IMMUTABLE", or name what may be pushed again by its first letters.',
    ),
  ],
});

/** Immutable but for tags of some beginning, as those of builds whose digests are what runs. */
function movesOnlyNamedTags(inputs: PolicyResource['inputs']): boolean {
  return (
    inputs.imageTagMutability === 'IMMUTABLE_WITH_EXCLUSION' &&
    list(inputs.imageTagMutabilityExclusionFilters).every((filter) =>
      /^[\w.-]/.test(String(at(filter, 'filter'))),
    )
  );
}

/** All rules of containers. */
export const CONTAINER_RULES: readonly Rule[] = [
  containerIsConfined,
  noSecretInEnvironment,
  containerLogs,
  imageIsPinned,
  healthCheckNeedsNoShell,
  taskFitsFargate,
  serviceIsPrivate,
  deploymentTurnsBack,
  weightsAreLeftAlone,
  clusterHasInsights,
  scalingHasRoom,
  repositoryIsScanned,
];
