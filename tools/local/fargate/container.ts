// Reads the recorded task definition: what the workload's container gets, and what a task may use.
import { randomBytes } from 'node:crypto';
import { all, one } from '../../../recorder/query';
import type { RecordedResource, Recording } from '../../../recorder/record';

export interface ContainerDescription {
  environment: Record<string, string>;
  /** Secrets whose values the stack knows, by variable. */
  secrets: Record<string, string>;
  /** Variables of secrets that are kept elsewhere: nothing here knows them. */
  unknownSecrets: string[];
  /** CPU of a task, in vCPU. */
  vcpu: number;
  memoryMib: number;
  /** Seconds from SIGTERM to SIGKILL. */
  stopTimeoutSeconds: number;
}

interface Definition {
  name: string;
  environment?: { name: string; value: string }[];
  secrets?: { name: string; valueFrom: string }[];
  stopTimeout?: number;
}

/** Name of the workload's container in the task definition; the other one is the collector's. */
const CONTAINER = 'service';
/** ECS's default (task definition parameters, stopTimeout). */
const STOP_TIMEOUT_SECONDS = 30;
const CPU_UNITS_A_VCPU = 1024;

/** @throws Error when the stack runs no such container. */
export function readContainer({ resources }: Recording): ContainerDescription {
  const { inputs } = one(resources, 'aws:ecs/taskDefinition:TaskDefinition');
  const definitions = JSON.parse(String(inputs.containerDefinitions)) as Definition[];
  const container = definitions.find(({ name }) => name === CONTAINER);
  if (container === undefined) {
    throw new Error(`The task definition of the stack has no container named "${CONTAINER}".`);
  }
  const secrets = (container.secrets ?? []).map(
    ({ name, valueFrom }) => [name, secretValue(resources, valueFrom)] as const,
  );
  return {
    environment: Object.fromEntries(
      (container.environment ?? []).map(({ name, value }) => [name, value]),
    ),
    secrets: Object.fromEntries(
      secrets.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    ),
    unknownSecrets: secrets.filter(([, value]) => value === undefined).map(([name]) => name),
    vcpu: Number(inputs.cpu) / CPU_UNITS_A_VCPU,
    memoryMib: Number(inputs.memory),
    stopTimeoutSeconds: container.stopTimeout ?? STOP_TIMEOUT_SECONDS,
  };
}

/**
 * The container's variables as a process here gets them. A secret that the stack does not know is
 * taken from `LOCAL_<NAME>`, and made up without it.
 */
export function containerEnvironment(
  { environment, secrets, unknownSecrets }: ContainerDescription,
  env: NodeJS.ProcessEnv,
): Record<string, string> {
  const made = unknownSecrets.map((name) => [
    name,
    env[`LOCAL_${name}`] ?? randomBytes(16).toString('hex'),
  ]);
  return { ...environment, ...secrets, ...(Object.fromEntries(made) as Record<string, string>) };
}

function secretValue(
  resources: readonly RecordedResource[],
  valueFrom: string,
): string | undefined {
  const version = all(resources, 'aws:secretsmanager/secretVersion:SecretVersion').find(
    ({ inputs }) => valueFrom.startsWith(String(inputs.secretId)),
  );
  const parameter = all(resources, 'aws:ssm/parameter:Parameter').find(
    ({ outputs }) => outputs.arn === valueFrom,
  );
  const value = version?.inputs.secretString ?? parameter?.inputs.value;
  return typeof value === 'string' ? value : undefined;
}
