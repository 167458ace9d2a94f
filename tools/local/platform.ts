// The platform on this machine: every station of a recorded stack, started in order, ended together.
import {
  CreateTableCommand,
  DynamoDBClient,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import { createWriteStream, mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { SERVICE_ENV } from '../../contracts/env';
import gatehouse from '../../infra/index';
import { record } from '../../recorder/record';
import { bundleService } from '../../service/bundle';
import { startAwsEndpoint } from './aws/endpoint';
import { CloudFront } from './cloudfront';
import { Autoscaler } from './autoscaler';
import { Console } from './console';
import { issueDemoKey } from './demo-key';
import { describePlatform } from './description';
import type { PlatformDescription } from './description';
import { loadEdgeFunction } from './edge-runtime';
import { TaskFleet } from './fleet';
import { LoadBalancer } from './load-balancer';
import type { BalancerSample } from './load-balancer';
import { addEmbeddedMetrics, MetricStore } from './metrics';
import { OtlpReceiver } from './otlp';
import { assertPortsFree } from './ports';
import { RateLimiter } from './rate-limit';
import { announce, withdraw } from './state';
import { TaskLauncher } from './tasks';

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
  /** Gives the start up: what had started is ended. */
  signal?: AbortSignal;
  /** Told what is being done, for a person who waits. */
  onProgress?: (step: string) => void;
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
  /** An image of the stack's own that the shipped service stands in for. */
  readonly ownImage?: string;
  /** Ends every child in time and removes every file but the logs. */
  close(): Promise<void>;
}

const ROOT = resolve(__dirname, '../..');
const LOCAL_CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };
const END_WITHIN_MS = 3_000;
/** The last of it: tasks are killed then, so that every child is gone in time. */
const KILLING_MS = 800;
/** A laptop has few cores: beyond this, further tasks only take them from each other. */
const TASK_LIMIT = 8;
const ALB_NAMESPACE = 'AWS/ApplicationELB';

/** What is undone, last first, when the platform ends or its start fails. */
type Undo = () => Promise<void> | void;

/**
 * Starts everything.
 * @throws Error that says what failed; whatever had started is ended before.
 */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const undo: Undo[] = [];
  let closing: Promise<void> | undefined;
  const close = () => (closing ??= runAll(undo));
  try {
    return { ...(await start(options, undo)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function start(options: PlatformOptions, undo: Undo[]): Promise<Omit<Platform, 'close'>> {
  const progress = (step: string) => {
    options.signal?.throwIfAborted();
    options.onProgress?.(step);
  };
  await assertPortsFree([
    { port: options.port, flag: '--port', purpose: 'the edge' },
    { port: options.consolePort, flag: '--console-port', purpose: 'the console' },
  ]);

  progress(`Reading stack ${options.stack} and building the service`);
  const buildFolder = join(ROOT, '.local', `build-${process.pid}`);
  const building = bundleService(buildFolder);
  undo.push(async () => {
    // A stack that can't be read fails sooner than the bundler ends writing.
    await building.catch(() => undefined);
    rmSync(buildFolder, { recursive: true, force: true });
  });
  const [recording, bundle] = await Promise.all([
    record(options.stack, { program: gatehouse }),
    building,
  ]);
  const description = describePlatform(recording);

  progress('Starting DynamoDB and KMS');
  const aws = await startAwsEndpoint();
  undo.push(() => aws.close());
  for (const arn of description.kmsKeyArns) aws.kms.createKey({ arn });
  await createTables(aws.url, description);

  const metrics = new MetricStore();
  const otlp = new OtlpReceiver(metrics);
  const otlpPort = await otlp.start();
  undo.push(() => otlp.close());

  const count = options.tasks ?? Math.max(1, description.minimumTasks);
  progress(`Starting ${count} ${count === 1 ? 'task' : 'tasks'} of the service`);
  // A platform on any free port has no number of its own yet.
  const run = String(options.port === 0 ? process.pid : options.port);
  const logFolder = join(ROOT, '.local/logs', run);
  const launcher = new TaskLauncher({
    entry: bundle.main,
    portVariable: SERVICE_ENV.port,
    logFolder,
    environment: {
      ...description.environment,
      // What Fargate and the sidecar would provide: region, role, endpoints.
      AWS_REGION: description.region,
      AWS_ENDPOINT_URL: aws.url,
      AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${otlpPort}`,
      // The balancer here is told at once; nobody has to be waited for.
      [SERVICE_ENV.drainNoticeSeconds]: '0',
      // Somebody watches the console: a minute is too long to wait for what just happened.
      OTEL_METRIC_EXPORT_INTERVAL: '5000',
    },
  });
  const balancer = new LoadBalancer({
    healthCheckPath: description.health.path,
    healthyStatus: description.health.matcher,
    deregistrationDelaySeconds: description.deregistrationDelaySeconds,
    onSample: (sample) => recordSample(metrics, description, sample),
  });
  const originPort = await balancer.start();
  undo.push(() => balancer.close());
  const fleet = new TaskFleet(
    launcher,
    balancer,
    (options.endWithinMs ?? END_WITHIN_MS) - KILLING_MS,
  );
  undo.push(() => fleet.close());
  await fleet.scaleTo(count);
  const autoscaler = new Autoscaler({
    policies: description.scalingPolicies,
    metrics,
    tasks: fleet,
    minimum: count,
    maximum: Math.max(count, Math.min(description.maximumTasks, TASK_LIMIT)),
    timeScale: options.timeScale ?? 1,
    onFailure: (error) => options.onProgress?.(`Scaling failed: ${String(error)}`),
    onChange: (from, to, reason) => options.onProgress?.(`${reason}: ${from} -> ${to} tasks`),
  });
  undo.push(() => autoscaler.close());

  progress('Starting the edge and the console');
  mkdirSync(logFolder, { recursive: true });
  const edgeLog = createWriteStream(join(logFolder, 'edge.log'), { mode: 0o600 });
  // A decision that outlives the edge is logged nowhere; it must not end the process either.
  edgeLog.on('error', () => undefined);
  undo.push(() => new Promise<void>((resolve) => edgeLog.end(resolve)));
  const cloudfront = new CloudFront({
    handler: loadEdgeFunction({
      code: description.edgeCode,
      region: description.region,
      awsEndpoint: aws.url,
      onLog: (line) => {
        addEmbeddedMetrics(metrics, line);
        edgeLog.write(`${line}\n`);
      },
    }),
    limiters: description.rateRules.map((rule) => new RateLimiter(rule)),
    originHeaders: description.originHeaders,
    responseHeaders: description.responseHeaders,
    cors: description.cors,
    originPort,
    onBlocked: (rule) => metrics.add('AWS/WAFV2', 'BlockedRequests', { Rule: rule }, 1),
  });
  const edgePort = await cloudfront.start(options.port);
  undo.push(() => cloudfront.close());
  const edge = `http://127.0.0.1:${edgePort}`;

  const key = await issueDemoKey({
    endpoint: aws.url,
    region: description.region,
    table: description.keysTable,
    stack: description.stack,
  });
  const console = new Console({ description, edge, aws: aws.url, metrics, otlp, balancer, fleet });
  const consoleUrl = `http://127.0.0.1:${await console.start(options.consolePort)}`;
  undo.push(() => console.close());

  options.signal?.throwIfAborted();
  announce(edgePort, {
    pid: process.pid,
    stack: description.stack,
    edge,
    console: consoleUrl,
    aws: aws.url,
    region: description.region,
    keysTable: description.keysTable,
    usersTable: description.usersTable,
  });
  undo.push(() => withdraw(edgePort));
  return {
    edge,
    console: consoleUrl,
    aws: aws.url,
    key,
    stack: description.stack,
    logFolder,
    ...(description.ownImage === undefined ? {} : { ownImage: description.ownImage }),
  };
}

async function createTables(endpoint: string, description: PlatformDescription): Promise<void> {
  const client = new DynamoDBClient({
    endpoint,
    region: description.region,
    credentials: LOCAL_CREDENTIALS,
  });
  try {
    for (const { input, ttlAttribute } of description.tables) {
      await client.send(new CreateTableCommand(input as unknown as CreateTableCommandInput));
      if (ttlAttribute === undefined) continue;
      await client.send(
        new UpdateTimeToLiveCommand({
          TableName: input.TableName,
          TimeToLiveSpecification: { Enabled: true, AttributeName: ttlAttribute },
        }),
      );
    }
  } finally {
    client.destroy();
  }
}

function recordSample(
  metrics: MetricStore,
  { loadBalancerDimensions }: PlatformDescription,
  { status, targetResponseTimeSeconds }: BalancerSample,
): void {
  const add = (name: string, value: number) =>
    metrics.add(ALB_NAMESPACE, name, loadBalancerDimensions, value);
  add('RequestCount', 1);
  if (targetResponseTimeSeconds === undefined) {
    add('HTTPCode_ELB_5XX_Count', 1);
    return;
  }
  add('TargetResponseTime', targetResponseTimeSeconds);
  add(`HTTPCode_Target_${Math.floor(status / 100)}XX_Count`, 1);
}

async function runAll(undo: Undo[]): Promise<void> {
  const failures: unknown[] = [];
  for (const step of undo.reverse()) {
    try {
      await step();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, 'The platform did not end cleanly.');
}
