// The ECS service: tasks of the workload as processes, with what Fargate would give them.
import { SERVICE_ENV } from '../../../contracts/env';
import type { Workload } from '../../../contracts/workload';
import { one } from '../../../recorder/query';
import type { Recording } from '../../../recorder/record';
import { environmentOf } from '../aws/access';
import type { LocalAws } from '../aws/access';
import type { Ground } from '../ground';
import { cpuShares } from './cpu-share';
import { measure } from './measure';
import { containerEnvironment, readContainer } from './container';
import type { ContainerDescription } from './container';
import { TaskFleet } from './fleet';
import { TaskLauncher } from './launcher';
import type { Command } from './launcher';
import type { RunningBalancer } from './load-balancer';
import { safetyCheck } from './safety';
import type { SafetyCheck } from './safety';

export interface TasksDescription {
  container: ContainerDescription;
  /** Dimensions of the service's metrics. */
  dimensions: { ClusterName: string; ServiceName: string };
}

/** What tasks need of other stations, and of this machine. */
export interface TasksOptions {
  command: Command;
  /** What may reach it by which rule. */
  workload: Pick<Workload, 'name' | 'rules' | 'scopes'>;
  /** Tasks at the start. */
  count: number;
  aws: LocalAws;
  /** Where OTLP is received. */
  otlpUrl: string;
  balancer: RunningBalancer;
  /** Time from SIGTERM to SIGKILL when the platform ends, in milliseconds. */
  closeGraceMs: number;
}

/** Variables of this machine without which a command is not found or can't write its files. */
const HOST_VARIABLES = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TMPDIR', 'TZ', 'VIRTUAL_ENV'];

/** @throws Error when the stack runs no container. */
export function read(recording: Recording): TasksDescription {
  const { resources } = recording;
  return {
    container: readContainer(recording),
    dimensions: {
      ClusterName: String(one(resources, 'aws:ecs/cluster:Cluster').outputs.name),
      ServiceName: String(one(resources, 'aws:ecs/service:Service').outputs.name),
    },
  };
}

/** The tasks, and how they are held to their size, in words. */
export interface RunningTasks {
  fleet: TaskFleet;
  cpu: string;
  /** What the first command was looked at with. */
  check: SafetyCheck;
}

/** @throws Error when a task does not start. */
export async function start(
  { container, dimensions }: TasksDescription,
  options: TasksOptions,
  ground: Ground,
): Promise<RunningTasks> {
  const { command, balancer, closeGraceMs, count } = options;
  const { health } = balancer;
  const environment = { ...taskEnvironment(container, options), ...WATCHED };
  const shares = cpuShares(container.vcpu);
  const fleet = new TaskFleet({
    shares,
    launcher: new TaskLauncher({
      ...{ command, health, environment },
      logFolder: ground.logFolder,
      onProcess: ground.onProcess,
      onSlowStart: ground.say,
    }),
    balancer: balancer.balancer,
    stopGraceMs: container.stopTimeoutSeconds * 1000,
    closeGraceMs,
    say: ground.say,
  });
  const { vcpu, memoryMib } = container;
  measure(fleet, { dimensions, vcpu, memoryMib }, ground);
  ground.onClose(async () => {
    await fleet.close();
    await shares.close();
  });
  const check = safetyCheck(options.workload, { command, health, environment }, ground);
  const unsafe = check(command);
  await fleet.start(count);
  (await unsafe).forEach(ground.say);
  return { fleet, cpu: shares.how, check };
}

/** What a task of the stack gets here as it does on Fargate, but for the port. */
export function taskEnvironment(
  container: ContainerDescription,
  { aws, otlpUrl }: Pick<TasksOptions, 'aws' | 'otlpUrl'>,
): Record<string, string> {
  return {
    ...hostEnvironment(process.env),
    ...containerEnvironment(container, process.env),
    // What Fargate and the sidecar would provide: region, role, endpoints.
    ...environmentOf(aws),
    OTEL_EXPORTER_OTLP_ENDPOINT: otlpUrl,
    // The balancer here is told at once; nobody has to be waited for.
    [SERVICE_ENV.drainNoticeSeconds]: '0',
    // Somebody reads the log: Python would keep what it prints until a buffer is full.
    PYTHONUNBUFFERED: '1',
  };
}

/** What differs from Fargate because somebody watches. */
const WATCHED = {
  // A minute is too long to wait for what just happened.
  OTEL_METRIC_EXPORT_INTERVAL: '5000',
  // On AWS traces cost money, and the edge draws; here each request is one that somebody wants to see.
  OTEL_TRACES_SAMPLER: 'always_on',
};

function hostEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    HOST_VARIABLES.flatMap((name) => {
      const value = env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
