// A plan: a recording with its policy violations, secrets hidden, in the shape of `plan --json`.
import type { Recording } from '../../recorder/record';
import { verdicts, type Verdict } from '../../policies/rules';

/** What stands in the place of a secret. */
export const HIDDEN = '[secret]';

/** One resource of a plan. */
export interface PlannedResource {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** URN of the parent; the stack has none. */
  readonly parent?: string;
  readonly inputs: Record<string, unknown>;
  readonly options: {
    readonly protect: boolean;
    readonly retainOnDelete: boolean;
    readonly ignoreChanges: readonly string[];
    readonly customTimeouts: Record<string, string | undefined>;
    readonly dependencies: readonly string[];
    /** Id of what exists and is taken over. */
    readonly import?: string;
  };
}

/** Everything that a stack would make, and what the policies say of it. */
export interface Plan {
  readonly stack: string;
  readonly resources: readonly PlannedResource[];
  readonly outputs: Record<string, unknown>;
  readonly violations: readonly Verdict[];
}

/** Checks a recording against the policy pack and hides every secret. */
export function planOf(recording: Recording): Plan {
  return {
    stack: recording.stack,
    resources: recording.resources.map(({ urn, type, name, parent, inputs, ...rest }) => ({
      urn,
      type,
      name,
      ...(parent === undefined ? {} : { parent }),
      inputs: hide(inputs, rest.secretInputs),
      options: {
        protect: rest.options.protect,
        retainOnDelete: rest.options.retainOnDelete,
        ignoreChanges: rest.options.ignoreChanges,
        customTimeouts: rest.options.customTimeouts,
        dependencies: rest.options.dependencies,
        ...(rest.options.import === undefined ? {} : { import: rest.options.import }),
      },
    })),
    outputs: hide(recording.outputs, recording.secretOutputs),
    violations: verdicts(recording.resources),
  };
}

/** Whether the plan may be carried out: no mandatory rule is broken. */
export function isAcceptable(plan: Plan): boolean {
  return plan.violations.every((violation) => violation.level !== 'mandatory');
}

/** Resources by type, most frequent first. */
export function countByType(plan: Plan): [type: string, count: number][] {
  const counts = new Map<string, number>();
  for (const { type } of plan.resources) counts.set(type, (counts.get(type) ?? 0) + 1);
  return [...counts].sort(([a, m], [b, n]) => n - m || a.localeCompare(b));
}

/** Children of every resource by the parent's URN; the root is under the empty string. */
export function childrenByParent(plan: Plan): Map<string, PlannedResource[]> {
  const children = new Map<string, PlannedResource[]>();
  for (const resource of plan.resources) {
    const parent = resource.parent ?? '';
    children.set(parent, [...(children.get(parent) ?? []), resource]);
  }
  return children;
}

function hide(
  values: Record<string, unknown>,
  secrets: readonly string[],
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, secrets.includes(key) ? HIDDEN : value]),
  );
}
