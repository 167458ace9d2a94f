// Recorded stacks for tests: each configuration is evaluated once in a run, and easy to ask.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Statement } from '../../contracts/workload';
import { all, one } from '../../recorder/query';
import type { RecordedResource, Recording } from '../../recorder/recording';
import type * as Recorder from './record-stack';
import type { ConfigValue } from '../../recorder/stack-file';

export type Overrides = Record<string, ConfigValue | undefined>;

/** An image that is not ours. */
export const OWN_IMAGE = `ghcr.io/acme/orders@sha256:${'a'.repeat(64)}`;

/** Somebody else's API: an image, and a file that says what the platform must know of it. */
export const ORDERS: Overrides = {
  image: OWN_IMAGE,
  workload: 'infra/settings/testing/orders.yaml',
};

/** Without the example domain of prod. */
export const NO_DOMAIN: Overrides = { domain: '', hostedZone: '' };
/** With one, also in dev. */
export const DOMAIN: Overrides = { domain: 'api.example.com', hostedZone: 'example.com' };

/** A recorded stack and the questions that tests ask of it. */
export class StackView {
  constructor(readonly recording: Recording) {}

  /** All resources of a type, by the end of its token (`iam/role:Role`, or just `:Role`). */
  all(type: string): RecordedResource[] {
    return all(this.recording.resources, type);
  }

  /** The one resource of a type whose logical name ends so. */
  one(type: string, nameEnd = ''): RecordedResource {
    return one(this.recording.resources, type, nameEnd);
  }

  /** Inputs of that one resource. */
  inputs(type: string, nameEnd = ''): Record<string, unknown> {
    return this.one(type, nameEnd).inputs;
  }

  /** Statements of the inline policy of a role, by Sid. */
  rights(policyNameEnd: string): Record<string, Statement> {
    const text = this.inputs('iam/rolePolicy:RolePolicy', policyNameEnd).policy as string;
    const { Statement: statements } = JSON.parse(text) as { Statement: Statement[] };
    return Object.fromEntries(statements.map((statement) => [statement.Sid, statement]));
  }

  /** A container of the task by name. */
  container(name: string): Record<string, unknown> {
    const text = this.inputs(':TaskDefinition').containerDefinitions as string;
    const containers = JSON.parse(text) as Record<string, unknown>[];
    return containers.find((container) => container.name === name) ?? {};
  }
}

const cache = new Map<string, Promise<StackView>>();
let last: Promise<unknown> = Promise.resolve();

/**
 * The stack with some settings replaced; recorded once in a run of the tests, for all test files. What
 * the program prints meanwhile is heard by one of them only: {@link stackOnce} is for tests of that.
 */
export function stackOf(stack: string, config: Overrides = {}): Promise<StackView> {
  const key = JSON.stringify([stack, config], (_, value: unknown) =>
    // A setting that is removed is not one that is left as it is.
    value === undefined ? { removed: true } : value,
  );
  const known = cache.get(key);
  if (known !== undefined) return known;
  const view = shared(key, () => stackOnce(stack, config));
  cache.set(key, view);
  return view;
}

/** The same, neither kept nor shared. */
export function stackOnce(stack: string, config: Overrides): Promise<StackView> {
  const view = last.then(async () => {
    // Loaded only where a stack is not recorded yet, for that takes longer than most tests.
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const { recordStack } = require('./record-stack') as typeof Recorder;
    return new StackView(await recordStack(stack, config));
  });
  last = view.catch(() => undefined);
  return view;
}

/** Reads the recording from the folder of the run, where another test file has made it. */
async function shared(key: string, make: () => Promise<StackView>): Promise<StackView> {
  const folder = process.env.GATEHOUSE_RUN_FOLDER;
  if (folder === undefined) return make();
  const path = join(folder, `${createHash('sha256').update(key).digest('hex')}.json`);
  if (!existsSync(path)) {
    const { recording } = await make();
    // Whole or not at all, for another process may read it.
    const part = `${path}.${process.pid}`;
    writeFileSync(part, JSON.stringify(recording));
    renameSync(part, path);
  }
  return new StackView(JSON.parse(readFileSync(path, 'utf8')) as Recording);
}
