// Asks ECS whether the revision that was asked for runs, and explains why not.
import {
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ListTasksCommand,
  type Deployment,
  type Service,
  type Task,
} from '@aws-sdk/client-ecs';
import { GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { adviceFor } from './advice';
import type { Region } from './aws';
import { DeployError, span, type DeployIo } from './io';

/** What the outputs of a stack on Fargate say of its service. */
export interface EcsTarget {
  readonly cluster: string;
  readonly service: string;
  /** ARN of the revision that the program asked for. */
  readonly taskDefinition: string;
}

/** Whether the revision runs. */
export interface Rollout {
  readonly ok: boolean;
  /** What happened, for people. */
  readonly report: string;
}

/** ECS's own pace; asking more often tells nothing new. */
const PAUSE_MS = 10_000;
/** As long as the program itself waits for a steady state. */
const LONGEST_MS = 30 * 60_000;
const LOG_LINES = 20;
const EVENTS = 8;

/** The target of a stack's outputs, or undefined for one that does not run on ECS. */
export function ecsTarget(outputs: Readonly<Record<string, unknown>>): EcsTarget | undefined {
  const { cluster, service, taskDefinition } = outputs;
  return typeof cluster === 'string' &&
    typeof service === 'string' &&
    typeof taskDefinition === 'string'
    ? { cluster, service, taskDefinition }
    : undefined;
}

/** `gh-cluster-1:7` of a task definition's ARN. */
export function revisionOf(arn: string | undefined): string {
  return arn?.slice(arn.lastIndexOf('/') + 1) ?? 'none';
}

/** The service as ECS knows it. @throws DeployError when it does not. */
export async function describeService(
  region: Region,
  { cluster, service }: Pick<EcsTarget, 'cluster' | 'service'>,
): Promise<Service> {
  const answer = await region
    .ecs()
    .send(new DescribeServicesCommand({ cluster, services: [service] }));
  const found = answer.services?.[0];
  if (found === undefined) {
    throw new DeployError(
      `ECS has no service "${service}" in cluster "${cluster}" (${region.name}): are these the right credentials?`,
    );
  }
  return found;
}

/** The deployment that ECS works on or has ended last. */
export function primaryOf({ deployments = [] }: Service): Deployment | undefined {
  return deployments.find(({ status }) => status === 'PRIMARY');
}

/** Waits until ECS has ended its deployment, then says whether the revision runs. */
export async function checkRollout(
  region: Region,
  target: EcsTarget,
  io: DeployIo,
): Promise<Rollout> {
  const since = io.now();
  for (;;) {
    const service = await describeService(region, target);
    const primary = primaryOf(service);
    const isUnderWay =
      primary?.taskDefinition === target.taskDefinition && primary.rolloutState === 'IN_PROGRESS';
    if (!isUnderWay || io.now() - since > LONGEST_MS + besideMs(service)) {
      return isRunning(service, target)
        ? { ok: true, report: `ECS runs ${revisionOf(target.taskDefinition)}, as asked.` }
        : { ok: false, report: await explain(region, target, service) };
    }
    const { runningCount = 0, desiredCount = 0 } = primary;
    io.stderr(
      `${span(io.now() - since).padStart(10)}  waiting for ECS: ${runningCount} of ${desiredCount} tasks of ${revisionOf(target.taskDefinition)} run\n`,
    );
    await io.sleep(PAUSE_MS);
  }
}

/** Time that ECS lets two revisions run side by side on purpose, milliseconds. */
function besideMs({ deploymentConfiguration }: Service): number {
  const { bakeTimeInMinutes = 0, canaryConfiguration } = deploymentConfiguration ?? {};
  return 60_000 * (bakeTimeInMinutes + (canaryConfiguration?.canaryBakeTimeInMinutes ?? 0));
}

function isRunning(service: Service, { taskDefinition }: EcsTarget): boolean {
  const primary = primaryOf(service);
  return (
    service.taskDefinition === taskDefinition &&
    primary?.taskDefinition === taskDefinition &&
    primary.rolloutState === 'COMPLETED'
  );
}

/** Why a revision does not run: what ECS said, how its tasks ended, their last words. */
export async function explain(
  region: Region,
  target: EcsTarget,
  service: Service,
): Promise<string> {
  const primary = primaryOf(service);
  const events = (service.events ?? [])
    .slice(0, EVENTS)
    .map(({ createdAt, message }) => `${createdAt?.toISOString() ?? ''} ${message ?? ''}`);
  const died = (await stoppedTasks(region, target)).filter(
    (task) => task.taskDefinitionArn === target.taskDefinition,
  );
  const endings = died.slice(0, 3).map(endOf);
  const logs = died[0] === undefined ? [] : await lastWords(region, target, died[0]);
  const advice = adviceFor(
    [primary?.rolloutStateReason ?? '', ...endings, ...logs, ...events].join('\n'),
  );
  return [
    service.taskDefinition === target.taskDefinition
      ? `ECS has not brought ${revisionOf(target.taskDefinition)} up (${primary?.rolloutState ?? 'no deployment'}).`
      : `ECS rolled back: it runs ${revisionOf(service.taskDefinition)} in place of ${revisionOf(target.taskDefinition)}, which was asked for.`,
    ...(primary?.rolloutStateReason === undefined ? [] : [`  ${primary.rolloutStateReason}`]),
    ...section('Events of the service, the latest first', events),
    ...section('Tasks that stopped', endings),
    ...section('Last log lines of the task that died', logs),
    '',
    `What to do: ${advice}`,
  ].join('\n');
}

async function stoppedTasks(region: Region, target: EcsTarget): Promise<Task[]> {
  const { cluster, service: serviceName } = target;
  const { taskArns: tasks = [] } = await region
    .ecs()
    .send(new ListTasksCommand({ cluster, serviceName, desiredStatus: 'STOPPED' }));
  if (tasks.length === 0) return [];
  const found = await region.ecs().send(new DescribeTasksCommand({ cluster, tasks }));
  return (found.tasks ?? []).sort(
    (a, b) => (b.stoppedAt?.getTime() ?? 0) - (a.stoppedAt?.getTime() ?? 0),
  );
}

function endOf({ taskArn, stoppedReason, containers = [] }: Task): string {
  const parts = containers
    .filter(({ exitCode, reason }) => (exitCode ?? 0) !== 0 || reason !== undefined)
    .map(({ name, exitCode, reason }) =>
      [
        name,
        ...(exitCode === undefined ? [] : [`exit code ${exitCode}`]),
        ...(reason === undefined ? [] : [reason]),
      ].join(' '),
    );
  return `${taskId(taskArn)}: ${[stoppedReason ?? 'no reason given', ...parts].join('; ')}`;
}

async function lastWords(region: Region, target: EcsTarget, task: Task): Promise<string[]> {
  const { taskDefinition } = await region
    .ecs()
    .send(new DescribeTaskDefinitionCommand({ taskDefinition: target.taskDefinition }));
  const dead = (task.containers ?? []).find(({ exitCode }) => (exitCode ?? 0) !== 0);
  const definition =
    taskDefinition?.containerDefinitions?.find(({ name }) => name === dead?.name) ??
    taskDefinition?.containerDefinitions?.[0];
  const { 'awslogs-group': logGroupName, 'awslogs-stream-prefix': prefix } =
    definition?.logConfiguration?.options ?? {};
  if (logGroupName === undefined) return [];
  const logStreamName = `${prefix}/${definition?.name}/${taskId(task.taskArn)}`;
  try {
    const { events = [] } = await region
      .logs()
      .send(new GetLogEventsCommand({ logGroupName, logStreamName, limit: LOG_LINES }));
    return events.map(({ message = '' }) => message.trimEnd()).slice(-LOG_LINES);
  } catch (error) {
    return [`(none: ${logStreamName} in ${logGroupName}: ${(error as Error).message})`];
  }
}

function taskId(arn: string | undefined): string {
  return arn?.slice(arn.lastIndexOf('/') + 1) ?? '';
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', `${title}:`, ...lines.map((line) => `  ${line}`)];
}
