// Rules of containers and their images: no root, nothing to write to, no secret in sight, pinned and scanned.
import { FARGATE_MEMORY } from '../contracts/aws-limits';
import { at, list, parsed, textOf } from './inputs';
import { type PolicyResource, resourceRule, type Rule, unless } from './rule';

const TASK = 'aws:ecs/taskDefinition:TaskDefinition';

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
  repositoryIsScanned,
];
