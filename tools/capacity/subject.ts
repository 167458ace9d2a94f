// What is measured: a task that is started here, or a deployed API.
import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { Call } from '../load/open-loop';
import { findTarget } from '../load/target';
import type { LocalTask, TaskMessage, TaskRequest } from './local-task';

/** What is measured, and how it is ended. */
export interface Subject {
  readonly call: Call;
  /** Where it runs here. */
  readonly task?: LocalTask;
  /** Of each answer, on its way to the service and back. */
  readonly networkMs: number;
  close(): Promise<void>;
}

/** Which task is started here. */
export interface HereOptions {
  stack: string;
  dependencyMs: number;
  path?: string;
  create?: string;
}

/** Which API is asked. */
export interface DeployedOptions {
  url?: URL;
  key?: string;
  path?: string;
  networkMs?: number;
}

/** Answers without load from which the way to a deployed API is known. */
const PROBES = 21;

/** One task in a process of its own, with what it calls in another. */
export async function startHere(flags: HereOptions): Promise<Subject> {
  const { stack, dependencyMs, path: asked, create } = flags;
  process.stderr.write(`Starting one task of stack ${stack} …\n`);
  const request: TaskRequest = {
    ...{ stack, dependencyMs },
    ...(asked === undefined ? {} : { path: asked }),
    ...(create === undefined ? {} : { create }),
  };
  const child = fork(join(__dirname, 'local-task.ts'), [JSON.stringify(request)], {
    execArgv: ['-r', 'tsx/cjs'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = new Promise<void>((end) => child.once('exit', () => end()));
  const close = () => {
    if (child.connected) child.disconnect();
    return ended;
  };
  const message = await Promise.race([
    new Promise<TaskMessage>((told) => child.once('message', (text) => told(text as TaskMessage))),
    ended.then((): TaskMessage => ({
      error: 'The process of the task ended before it was ready.',
    })),
  ]);
  if ('error' in message) {
    await close();
    throw new Error(message.error);
  }
  const { task } = message;
  const call = { url: new URL(task.url), headers: task.headers };
  return { call, task, networkMs: 0, close };
}

/** A deployed API, whose tasks are not seen from here. */
export async function deployed({
  url,
  key: apiKey,
  path: asked,
  networkMs,
}: DeployedOptions): Promise<Subject> {
  const call = await findTarget({
    ...(url === undefined ? {} : { url }),
    ...(apiKey === undefined ? {} : { key: apiKey }),
    ...(asked === undefined ? {} : { path: asked }),
  });
  return { call, networkMs: networkMs ?? (await wayTo(call)), close: () => Promise.resolve() };
}

/** What a request takes that the edge refuses, its median; 0 where it refuses none without a key. */
async function wayTo({ url, key: apiKey }: Call): Promise<number> {
  if (apiKey === undefined) return 0;
  const times: number[] = [];
  for (let probe = 0; probe < PROBES; probe += 1) {
    const start = performance.now();
    const response = await fetch(url);
    await response.arrayBuffer();
    if (response.status !== 401) return 0;
    times.push(performance.now() - start);
  }
  return times.sort((one, other) => one - other)[Math.floor(PROBES / 2)] ?? 0;
}
