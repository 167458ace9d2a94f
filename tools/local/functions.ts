// Functions of the workload's own: their recorded code, each in a thread as Lambda would run it.
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { all } from '../../recorder/query';
import type { Recording } from '../../recorder/record';
import { environmentOf, type LocalAws } from './aws/access';
import type { AwsEndpoint } from './aws/endpoint';
import type { Ground } from './ground';

/** A function as Lambda gets it. */
export interface FunctionDescription {
  /** Physical name, by which it is invoked. */
  name: string;
  /** Text of the module that exports `handler`. */
  code: string;
  environment: Record<string, string>;
}

/** All but the edge's; none where the workload has none. */
export function read({ resources }: Recording): FunctionDescription[] {
  return all(resources, 'aws:lambda/function:Function')
    .filter(({ name }) => name.endsWith('-helper'))
    .map(({ inputs, outputs }) => {
      const { assets } = inputs.code as { assets: Record<string, { text: string }> };
      const { variables } = inputs.environment as { variables: Record<string, string> };
      return {
        name: String(outputs.name),
        code: String(assets['index.js']?.text),
        environment: variables,
      };
    });
}

/** Makes them callable at the endpoint; each starts with its first call, as on Lambda. */
export function start(
  functions: readonly FunctionDescription[],
  endpoint: AwsEndpoint,
  aws: LocalAws,
  { logFolder, onClose }: Ground,
): void {
  for (const description of functions) {
    let thread: FunctionThread | undefined;
    endpoint.functions.set(description.name, (payload) => {
      if (thread?.hasEnded !== false) thread = new FunctionThread(description, aws, logFolder);
      return thread.call(payload);
    });
    onClose(() => thread?.end());
  }
}

/** The module as Node.js loads CommonJS; what it throws goes back by name and message. */
const THREAD = `
const { parentPort, workerData } = require('node:worker_threads');
const loaded = { exports: {} };
new Function('module', 'exports', 'require', workerData)(loaded, loaded.exports, require);
parentPort.on('message', async ({ id, payload }) => {
  try {
    parentPort.postMessage({ id, answer: await loaded.exports.handler(payload) });
  } catch ({ name, message }) {
    parentPort.postMessage({ id, failure: { name, message } });
  }
});
`;

interface Reply {
  id: number;
  answer?: unknown;
  failure?: { name: string; message: string };
}

class FunctionThread {
  hasEnded = false;
  private readonly worker: Worker;
  private readonly waiting = new Map<number, (reply: Reply) => void>();
  private calls = 0;

  constructor({ name, code, environment }: FunctionDescription, aws: LocalAws, logFolder: string) {
    this.worker = new Worker(THREAD, {
      eval: true,
      workerData: code,
      env: { ...environment, ...environmentOf(aws) },
      stdout: true,
      stderr: true,
    });
    const log = createWriteStream(join(logFolder, `${name}.log`), { mode: 0o600 });
    this.worker.stdout.pipe(log, { end: false });
    this.worker.stderr.pipe(log, { end: false });
    this.worker.on('message', (reply: Reply) => this.waiting.get(reply.id)?.(reply));
    let failure = { name: 'Runtime.ExitError', message: 'The function ended before it answered.' };
    this.worker.on(
      'error',
      (error: Error) => (failure = { name: error.name, message: error.message }),
    );
    // Whoever waits is told; the next call starts it anew, as Lambda would.
    this.worker.on('exit', () => {
      this.hasEnded = true;
      for (const [id, reply] of this.waiting) reply({ id, failure });
      log.end();
    });
    this.worker.unref();
  }

  call(payload: unknown): Promise<unknown> {
    const id = (this.calls += 1);
    return new Promise((resolve, reject) => {
      this.waiting.set(id, ({ answer, failure }) => {
        this.waiting.delete(id);
        if (failure === undefined) resolve(answer);
        else reject(Object.assign(new Error(failure.message), { name: failure.name }));
      });
      this.worker.postMessage({ id, payload });
    });
  }

  async end(): Promise<void> {
    await this.worker.terminate();
  }
}
