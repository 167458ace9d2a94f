// Runs the Pulumi program without a cloud and without the Pulumi CLI, and returns what it declared.
import * as pulumi from '@pulumi/pulumi';
import { installMonitor } from './monitor';
import { plain, resolved } from './values';
import type { RecordedInvoke, RecordedResource, Recording } from './recording';
import { type ConfigValue, readStackConfig, type StackConfig } from './stack-file';

export type { RecordedInvoke, RecordedOptions, RecordedResource, Recording } from './recording';

/** The program, and with which configuration it runs. */
export interface RecordOptions {
  /** Configuration values that replace those of `Pulumi.<stack>.yaml`; `undefined` removes one. */
  readonly config?: Record<string, ConfigValue | undefined>;
  /** Directory of `Pulumi.yaml` and the stack files. @default the repository's root */
  readonly directory?: string;
  /** The Pulumi program: what the entry of a project exports. */
  readonly program: () => Promise<Record<string, unknown>>;
}

let running = false;

/**
 * Evaluates the program of a stack offline. The runtime's mocks are global, so one recording runs
 * at a time; recordings one after the other are independent of each other.
 * @throws Error with the program's own message when the stack file, its configuration or the
 *   program is wrong.
 */
export async function record(stack: string, options: RecordOptions): Promise<Recording> {
  if (running) throw new Error('A recording is under way: await it before starting another.');
  const config = readStackConfig(stack, options.config, options.directory);
  running = true;
  try {
    return await withoutStacks(() => recordAlone(stack, config, options));
  } catch (error) {
    // What the program says itself is for people; anything else needs to be found in the code, so
    // once more with the places where it happened.
    if (pulumi.RunError.isInstance(error)) throw error;
    await recordAlone(stack, config, options).catch((again: Error) => {
      throw new Error(`The program failed: ${again.stack ?? again.message}`, { cause: again });
    });
    throw error;
  } finally {
    running = false;
  }
}

/**
 * Pulumi notes a stack trace for each of thousands of promises and resources: most of the time of a
 * recording. V8 takes none where the limit is no plain number, and Pulumi can't raise it meanwhile.
 */
async function withoutStacks<T>(run: () => Promise<T>): Promise<T> {
  const limit = Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit');
  Object.defineProperty(Error, 'stackTraceLimit', {
    get: () => 0,
    set: () => undefined,
    configurable: true,
  });
  try {
    return await run();
  } finally {
    if (limit === undefined) Reflect.deleteProperty(Error, 'stackTraceLimit');
    else Object.defineProperty(Error, 'stackTraceLimit', limit);
  }
}

async function recordAlone(
  stack: string,
  config: StackConfig,
  options: RecordOptions,
): Promise<Recording> {
  const resources: RecordedResource[] = [];
  const invokes: RecordedInvoke[] = [];
  const monitor = await installMonitor({
    project: config.project,
    stack,
    region: config.values['aws:region'] ?? 'us-east-1',
    resources,
    invokes,
  });
  pulumi.runtime.setAllConfig(config.values, config.secretKeys);

  // A failed registration surfaces as a rejection that nobody awaits; the CLI treats it as failure.
  const rejections: unknown[] = [];
  const onRejection = (reason: unknown): void => {
    rejections.push(reason);
  };
  process.on('unhandledRejection', onRejection);
  try {
    // What the stack hands back has forgotten which outputs are secrets.
    let outputs: Record<string, unknown> = {};
    await pulumi.runtime.runInPulumiStack(async () => (outputs = await options.program()));
    const stackOutputs = await resolveOutputs(outputs);
    await pulumi.runtime.disconnect();
    await nextTurn();
    const failure = monitor.failure() ?? rejections[0];
    if (failure !== undefined) throw asError(failure);
    return { project: config.project, stack, resources, invokes, ...stackOutputs };
  } catch (error) {
    // The first cause, not the follow-up that the runtime makes of it.
    throw monitor.failure() ?? asError(error);
  } finally {
    await pulumi.runtime.disconnect();
    // Rejections are reported after the current turn.
    await nextTurn();
    process.off('unhandledRejection', onRejection);
  }
}

async function resolveOutputs(
  outputs: Record<string, unknown>,
): Promise<Pick<Recording, 'outputs' | 'secretOutputs'>> {
  const secretOutputs: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(outputs)) {
    const output = pulumi.output(value);
    values[name] = await resolved(output);
    if (await pulumi.isSecret(output)) secretOutputs.push(name);
  }
  const { value } = await plain(values);
  return { outputs: value, secretOutputs };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
