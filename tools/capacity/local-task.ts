// A child process: one task of a stack at its size, and what it calls; the load has another process.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SERVICE_ENV } from '../../contracts/env';
import { ERROR_MEDIA_TYPES } from '../../contracts/errors';
import { IDENTITY_HEADERS, ORIGIN_SECRET_HEADER } from '../../contracts/headers';
import type { Workload } from '../../contracts/workload';
import { MetricStore } from '../cloudwatch/metric-store';
import * as aws from '../local/aws/station';
import { cpuShares } from '../local/fargate/cpu-share';
import { TaskLauncher } from '../local/fargate/launcher';
import * as loadBalancer from '../local/fargate/load-balancer';
import * as tasks from '../local/fargate/tasks';
import { undoAll } from '../local/ground';
import type { Ground, Undo } from '../local/ground';
import { readStack } from '../local/program';
import { STATE_FOLDER } from '../local/state';
import { startWatchdog } from '../local/watchdog';
import { listPath } from '../load/target';
import { startReplay } from './replay';

/** What the parent asks for. */
export interface TaskRequest {
  readonly stack: string;
  /** What a call of DynamoDB takes, milliseconds. */
  readonly dependencyMs: number;
  /** @default the API's first list */
  readonly path?: string;
  /** A document that is sent to the path first; the load reads what its `Location` names. */
  readonly create?: string;
}

/** What it learns. */
export interface LocalTask {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly pid: number;
  readonly vcpu: number;
  /** How the task is held to its size, in words. */
  readonly how: string;
}

export type TaskMessage = { readonly task: LocalTask } | { readonly error: string };

/** Starts it; what is to be undone is handed out as it comes. */
async function start(request: TaskRequest, onClose: (undo: Undo) => void): Promise<LocalTask> {
  const ground = groundOf(onClose);
  const { recording, workload, built } = await readStack(request.stack, {}, ground);
  if (recording.outputs.compute === 'lambda') {
    throw new Error(
      `Stack ${request.stack} has "compute: lambda": there are no tasks to measure. Name another with --stack.`,
    );
  }
  const { container } = tasks.read(recording);
  const description = aws.read(recording);
  const endpoint = await aws.start(description, ground);
  const replay = await startReplay(endpoint.url, request.dependencyMs);
  onClose(replay.close);
  const shares = cpuShares(container.vcpu);
  onClose(() => shares.close());
  const local = { url: replay.url, region: description.region };
  const environment = tasks.taskEnvironment(container, { aws: local, otlpUrl: replay.url });
  const { logFolder, onProcess } = ground;
  const launcher = new TaskLauncher({
    ...{ command: built.command, environment, logFolder, onProcess },
    health: loadBalancer.read(recording).health,
  });
  const task = await launcher.launch(built.command);
  onClose(() => void task.stop(0));
  shares.hold(task.pid);
  const headers = {
    [ORIGIN_SECRET_HEADER]: environment[SERVICE_ENV.originSecret] ?? '',
    [IDENTITY_HEADERS.keyId]: 'capacity',
    [IDENTITY_HEADERS.owner]: 'capacity@localhost',
    [IDENTITY_HEADERS.scopes]: Object.keys(workload.scopes).join(' '),
  };
  const list = new URL(request.path ?? listPath(workload.rules), `http://127.0.0.1:${task.port}`);
  const url =
    request.create === undefined ? list : await made(list, headers, request.create, workload);
  return { url: url.href, headers, pid: task.pid, vcpu: container.vcpu, how: shares.how };
}

/** @throws Error when the API does not make what it is sent. */
async function made(
  url: URL,
  headers: Record<string, string>,
  document: string,
  { errors }: Workload,
): Promise<URL> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      ...headers,
      'content-type': errors === 'json-api' ? ERROR_MEDIA_TYPES[errors] : 'application/json',
    },
    body: document,
  });
  const location = response.headers.get('location');
  if (response.ok && location !== null) return new URL(location, url);
  throw new Error(
    `POST ${url.pathname} with the document of --create answers ${response.status}${response.ok ? ' without a Location' : ''}: ` +
      `${(await response.text()).slice(0, 500)}`,
  );
}

function groundOf(onClose: (undo: Undo) => void): Ground {
  const logFolder = join(STATE_FOLDER, 'logs', String(process.pid));
  mkdirSync(logFolder, { recursive: true });
  onClose(() => rmSync(logFolder, { recursive: true, force: true }));
  const { close, ...watchdog } = startWatchdog();
  onClose(close);
  return {
    ...{ metrics: new MetricStore({ now: Date.now }), logFolder, onClose, timeScale: 1 },
    say: (message) => process.stderr.write(`${message}\n`),
    ...watchdog,
  };
}

function main([request = '{}']: string[]): void {
  const undo: Undo[] = [];
  const tell = (message: TaskMessage) => {
    if (process.connected) process.send?.(message);
  };
  const end = (code: number) => {
    void undoAll(undo).finally(() => process.exit(code));
  };
  process.once('disconnect', () => end(0));
  process.on('SIGINT', () => undefined);
  start(JSON.parse(request) as TaskRequest, (step) => undo.push(step)).then(
    (task) => tell({ task }),
    (error: unknown) => {
      tell({ error: (error as Error).message });
      end(1);
    },
  );
}

main(process.argv.slice(2));
