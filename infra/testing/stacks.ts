// Recorded stacks for tests: each configuration is evaluated once in a process, and easy to ask.
import gatehouse from '../index';
import { all, one } from '../../recorder/query';
import { record, type RecordedResource, type Recording } from '../../recorder/record';
import type { Statement } from '../../contracts/workload';
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

/** The stack with some settings replaced; recorded once a process, one after the other. */
export function stackOf(stack: string, config: Overrides = {}): Promise<StackView> {
  const key = JSON.stringify([stack, config]);
  const known = cache.get(key);
  if (known !== undefined) return known;
  const view = stackOnce(stack, config);
  cache.set(key, view);
  return view;
}

/** The same, not kept: for tests of very many configurations. */
export function stackOnce(stack: string, config: Overrides): Promise<StackView> {
  const view = last.then(
    async () => new StackView(await record(stack, { program: gatehouse, config })),
  );
  last = view.catch(() => undefined);
  return view;
}
