// What the telemetry is about: service, process and, on ECS, the task.
import { randomUUID } from 'node:crypto';
import type { Attributes } from './settings';

/** How long the metadata endpoint may take, in milliseconds. */
const METADATA_TIMEOUT_MS = 1000;

/** What is known of an ECS task, once its metadata is read. */
export const ECS_ATTRIBUTES = [
  'cloud.provider',
  'cloud.platform',
  'cloud.region',
  'cloud.account.id',
  'cloud.availability_zone',
  'cloud.resource_id',
  'container.id',
  'container.name',
  'aws.ecs.cluster.arn',
  'aws.ecs.container.arn',
  'aws.ecs.launchtype',
  'aws.ecs.task.arn',
  'aws.ecs.task.id',
  'aws.ecs.task.family',
  'aws.ecs.task.revision',
  'aws.log.group.names',
  'aws.log.stream.names',
] as const;

interface ContainerMetadata {
  DockerId?: string;
  DockerName?: string;
  ContainerARN?: string;
  LogOptions?: Record<string, string>;
}

interface TaskMetadata {
  Cluster?: string;
  TaskARN?: string;
  Family?: string;
  Revision?: string;
  AvailabilityZone?: string;
  LaunchType?: string;
}

/** Attributes that need no look-up; what the environment names wins. */
export function baseResource(env: NodeJS.ProcessEnv, configured: Attributes): Attributes {
  const lambda = env['AWS_LAMBDA_FUNCTION_NAME'];
  return {
    'service.name': 'gatehouse-users',
    'service.instance.id': randomUUID(),
    'telemetry.sdk.name': 'gatehouse',
    'telemetry.sdk.language': 'nodejs',
    ...(lambda === undefined
      ? {}
      : { 'cloud.provider': 'aws', 'cloud.platform': 'aws_lambda', 'faas.name': lambda }),
    ...configured,
  };
}

/** Whether there is a task to describe. */
export function isEcs(env: NodeJS.ProcessEnv): boolean {
  return (env['ECS_CONTAINER_METADATA_URI_V4'] ?? '') !== '';
}

/**
 * Attributes of the ECS task, from its metadata endpoint (version 4, AWS page
 * "Amazon ECS task metadata endpoint version 4 for Fargate"). Empty elsewhere, and when it fails.
 */
export async function ecsResource(env: NodeJS.ProcessEnv): Promise<Attributes> {
  if (!isEcs(env)) return {};
  const base = env['ECS_CONTAINER_METADATA_URI_V4'] as string;
  try {
    const [container, task] = await Promise.all([
      read<ContainerMetadata>(base),
      read<TaskMetadata>(`${base}/task`),
    ]);
    return toAttributes(container, task);
  } catch {
    return { 'cloud.provider': 'aws', 'cloud.platform': 'aws_ecs' };
  }
}

async function read<T>(url: string): Promise<T> {
  const response = await fetch(url, { signal: AbortSignal.timeout(METADATA_TIMEOUT_MS) });
  return (await response.json()) as T;
}

function toAttributes(container: ContainerMetadata, task: TaskMetadata): Attributes {
  const [, , , region, account] = task.TaskARN?.split(':') ?? [];
  const values: Record<(typeof ECS_ATTRIBUTES)[number], string | undefined> = {
    'cloud.provider': 'aws',
    'cloud.platform': 'aws_ecs',
    'cloud.region': region,
    'cloud.account.id': account,
    'cloud.availability_zone': task.AvailabilityZone,
    'cloud.resource_id': container.ContainerARN,
    'container.id': container.DockerId,
    'container.name': container.DockerName,
    'aws.ecs.cluster.arn': task.Cluster,
    'aws.ecs.container.arn': container.ContainerARN,
    'aws.ecs.launchtype': task.LaunchType?.toLowerCase(),
    'aws.ecs.task.arn': task.TaskARN,
    'aws.ecs.task.id': task.TaskARN?.split('/').at(-1),
    'aws.ecs.task.family': task.Family,
    'aws.ecs.task.revision': task.Revision,
    'aws.log.group.names': container.LogOptions?.['awslogs-group'],
    'aws.log.stream.names': container.LogOptions?.['awslogs-stream'],
  };
  const present = Object.entries(values).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, value] as const],
  );
  return Object.fromEntries(present);
}
