// The platform on this machine: the stations of a recorded stack in order, ended together.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Workload } from '../../contracts/workload';
import { MetricStore } from '../cloudwatch/metric-store';
import * as console from '../console/console';
import { Events } from '../console/events';
import type { AwsEndpoint } from './aws/endpoint';
import * as aws from './aws/station';
import { issueDemoKey } from './demo-key';
import * as deployments from './fargate/deployments';
import type { TaskFleet } from './fargate/fleet';
import * as loadBalancer from './fargate/load-balancer';
import * as scaling from './fargate/scaling';
import * as tasks from './fargate/tasks';
import * as cloudFront from './front/cloudfront';
import * as edgeFunction from './front/edge-function';
import type { EdgeHandler } from './front/edge-runtime';
import * as waf from './front/waf';
import * as functions from './functions';
import { undoAll } from './ground';
import type { Ground, Undo } from './ground';
import * as keyCheck from './key-check';
import * as otlp from './otlp';
import { assertPortsFree } from './ports';
import { readStack } from './program';
import type { Project } from './program';
import * as reload from './reload';
import { readStations } from './stations';
import { announce, stateFileOf, STATE_FOLDER, sweepStale, withdraw } from './state';
import { startWatchdog } from './watchdog';

export interface PlatformOptions {
  stack: string;
  /** Port of the edge; 0 for any free one. */
  port: number;
  /** Port of the console; 0 for any free one. */
  consolePort: number;
  /** Least number of tasks. @default the least that the stack's scaling target keeps */
  tasks?: number;
  /** How many times faster than real time the scaling policies' minutes pass. @default 1 */
  timeScale?: number;
  /** Time from the signal to the end of every child, in milliseconds. @default 3000 */
  endWithinMs?: number;
  /** Replaces tasks when their program's files change. @default false */
  watch?: boolean;
  /** @default the repository's own */
  project?: Project;
  /** Gives the start up: what had started is ended. */
  signal?: AbortSignal;
  /** Told what is being done, for a person who waits. */
  onProgress?: (step: string) => void;
  /** Told what happened that nobody asked for. @default onProgress */
  onEvent?: (message: string) => void;
}

/** A running platform. */
export interface Platform {
  readonly edge: string;
  readonly console: string;
  readonly aws: string;
  /** A key of the demo owner with every scope; shown once. */
  readonly key: string;
  readonly stack: string;
  readonly logFolder: string;
  /** The API behind the edge. */
  readonly workload: Workload;
  /** How tasks are held to the size that they have on Fargate, in words. */
  readonly cpu: string;
  /** An image that its local command stands in for. */
  readonly image?: string;
  /** What may be broken on purpose, to see what comes of it. */
  readonly parts: {
    readonly aws: AwsEndpoint;
    readonly fleet: TaskFleet;
    /** Gives the fleet another revision, as the stack deploys. */
    readonly deploy: deployments.Deploy;
    readonly otlp: otlp.OtlpReceiver;
    /** Physical name of the table of API keys. */
    readonly keysTable: string;
  };
  /** Ends every child in time and removes every file but the logs. */
  close(): Promise<void>;
}

const END_WITHIN_MS = 3_000;
/** The last of it: tasks are killed then, so that every child is gone in time. */
const KILLING_MS = 800;
/** A laptop has few cores: beyond this, further tasks only take them from each other. */
const TASK_LIMIT = 8;

/**
 * Starts everything.
 * @throws Error that says what failed; whatever had started is ended before.
 */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const undo: Undo[] = [];
  let closing: Promise<void> | undefined;
  const close = () => (closing ??= undoAll(undo));
  try {
    return { ...(await start(options, (step) => undo.push(step))), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function start(
  options: PlatformOptions,
  onClose: (undo: Undo) => void,
): Promise<Omit<Platform, 'close'>> {
  const progress = (step: string) => {
    options.signal?.throwIfAborted();
    options.onProgress?.(step);
  };
  await assertPortsFree([
    { port: options.port, flag: '--port', purpose: 'the edge' },
    { port: options.consolePort, flag: '--console-port', purpose: 'the console' },
  ]);
  sweepStale();

  progress(`Reading stack ${options.stack} and building its service`);
  const events = new Events(options.onEvent ?? options.onProgress ?? (() => undefined));
  const ground = groundOf(options, events.say, onClose);
  const { recording, workload, objectives, image, ...program } = await readStack(
    options.stack,
    options.project ?? {},
    ground,
  );
  const stations = readStations(recording);

  progress('Starting DynamoDB and KMS');
  const endpoint = await aws.start(stations.aws, ground);
  const local = { url: endpoint.url, region: stations.aws.region };
  functions.start(stations.functions, endpoint, local, ground);
  const telemetry = await otlp.start(
    { stack: recording.stack, healthPath: workload.health },
    ground,
  );
  const balancer = await loadBalancer.start(stations.loadBalancer, ground);

  const count = options.tasks ?? Math.max(1, stations.scaling.minimum);
  progress(`Starting ${count} ${count === 1 ? 'task' : 'tasks'} of ${workload.name}`);
  const { fleet, cpu, check } = await tasks.start(
    stations.tasks,
    {
      ...{ command: program.built.command, workload, count, aws: local, balancer },
      otlpUrl: telemetry.url,
      closeGraceMs: (options.endWithinMs ?? END_WITHIN_MS) - KILLING_MS,
    },
    ground,
  );
  const deploy = deployments.start(
    stations.deployments,
    { fleet, balancer: balancer.balancer },
    ground,
  );
  if (options.watch === true) reload.start({ ...program, fleet, deploy, check }, ground);
  const maximum = Math.max(count, Math.min(stations.scaling.maximum, TASK_LIMIT));
  scaling.start({ ...stations.scaling, minimum: count, maximum }, fleet, ground);

  progress('Starting the edge and the console');
  const decide = edgeFunction.start(stations.edgeFunction, local, ground);
  const edgeFunctionFails = { now: false };
  const handler: EdgeHandler = (event) =>
    edgeFunctionFails.now ? Promise.reject(new Error('broken by the console')) : decide(event);
  const edgePort = await cloudFront.start(
    {
      ...{ ...stations.cloudFront, handler, originPort: balancer.port },
      waf: waf.start(stations.waf, ground),
    },
    options.port,
    ground,
  );

  const { stack } = recording;
  const { keysTable } = stations.aws;
  const scopes = Object.keys(recording.outputs.scopes as Workload['scopes']);
  await keyCheck.start(stations.keyCheck, { aws: local, keysTable, stack }, ground);
  const key = await issueDemoKey({ aws: local, keysTable, stack, scopes });
  const about = {
    ...{ stack, region: local.region, edge: `http://127.0.0.1:${edgePort}`, aws: local.url },
    ...{ keysTable, tables: stations.aws.workloadTables },
  };
  const consoleUrl = await console.start(
    {
      ...{ recording, workload, objectives, key, events, aws: endpoint, edge: about.edge },
      ...{ region: local.region, keysTable, tables: stations.aws.workloadTables },
      ...{ otlp: telemetry.receiver, balancer: balancer.balancer, fleet },
      ...{ minimum: count, maximum, breakEdge: (fails) => (edgeFunctionFails.now = fails) },
      measured: {
        ...{ stack, distributionId: stations.cloudFront.distributionId },
        ...{ webAcl: stations.waf.metricName, rateRules: stations.waf.rules },
        loadBalancer: stations.loadBalancer.dimensions,
        targetGroups: stations.loadBalancer.groups,
        service: stations.tasks.dimensions,
      },
    },
    options.consolePort,
    ground,
  );

  options.signal?.throwIfAborted();
  ground.onFile(stateFileOf(edgePort));
  const { rules } = recording.outputs as Pick<Workload, 'rules'>;
  const keysCountedBy = String(recording.outputs.keysCountedBy);
  announce(edgePort, {
    pid: process.pid,
    ...about,
    console: consoleUrl,
    scopes,
    rules,
    keysCountedBy,
    logs: ground.logFolder,
  });
  onClose(() => withdraw(edgePort));
  return {
    ...{ edge: about.edge, console: consoleUrl, aws: local.url, key, stack },
    ...{ logFolder: ground.logFolder, workload, cpu },
    ...(image === undefined ? {} : { image }),
    parts: { aws: endpoint, fleet, deploy, otlp: telemetry.receiver, keysTable },
  };
}

function groundOf(
  options: PlatformOptions,
  say: (message: string) => void,
  onClose: (undo: Undo) => void,
): Ground {
  // A platform on any free port has no number of its own yet.
  const run = String(options.port === 0 ? process.pid : options.port);
  const logFolder = join(STATE_FOLDER, 'logs', run);
  // What an earlier run left there would be taken for this one's.
  rmSync(logFolder, { recursive: true, force: true });
  mkdirSync(logFolder, { recursive: true });
  const { close, ...watchdog } = startWatchdog();
  onClose(close);
  return {
    ...{ metrics: new MetricStore({ now: Date.now }), logFolder, onClose },
    timeScale: options.timeScale ?? 1,
    say,
    ...watchdog,
  };
}
