// What a change of the program or of a stack does to its resources: two plans held side by side.
import { isDeepStrictEqual } from 'node:util';
import type { Plan, PlannedResource } from './plan';
import { boundBy, dataOf, fixedProperties } from './replacements';

/** One resource that is not what it was. */
export interface Change {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly action: 'create' | 'update' | 'replace' | 'delete';
  /** Properties that differ, `options.protect` and the like among them. */
  readonly properties: readonly string[];
  /** Whether data is gone with it: deleted or replaced, and not retained. */
  readonly losesData: boolean;
}

/** Every change from one plan to the other, in the order of registration, what goes last. */
export function changesBetween(before: Plan, after: Plan): Change[] {
  const old = new Map(before.resources.map((resource) => [resource.urn, resource]));
  const replaced = new Map<string, string>();
  const changes: Change[] = [];
  // A resource is registered after what it depends on, so a replacement has been seen by then.
  for (const resource of after.resources) {
    const was = old.get(resource.urn);
    old.delete(resource.urn);
    if (was === undefined) {
      changes.push(changeOf(resource, 'create', []));
      continue;
    }
    const properties = differences(was, resource);
    const fixed = fixedProperties(resource.type);
    const bound = boundProperties(resource, replaced);
    const isReplaced =
      bound.length > 0 ||
      properties.some((property) => fixed.includes(property)) ||
      isAdopted(was, resource);
    if (isReplaced) replaced.set(resource.urn, resource.type);
    if (properties.length + bound.length === 0) continue;
    const all = [...new Set([...properties, ...bound])];
    changes.push(changeOf(was, isReplaced ? 'replace' : 'update', all));
  }
  return [...changes, ...[...old.values()].map((resource) => changeOf(resource, 'delete', []))];
}

/** Another that exists takes the place of what the stack has. */
function isAdopted(before: PlannedResource, { options }: PlannedResource): boolean {
  return options.import !== undefined && options.import !== before.options.import;
}

function boundProperties(
  { type, options }: PlannedResource,
  replaced: ReadonlyMap<string, string>,
): string[] {
  return options.dependencies.flatMap((urn) => {
    const target = replaced.get(urn);
    return (target === undefined ? undefined : boundBy(type, target)) ?? [];
  });
}

function changeOf(
  { urn, type, name, options }: PlannedResource,
  action: Change['action'],
  properties: string[],
): Change {
  const isGone = action === 'delete' || action === 'replace';
  const losesData = isGone && !options.retainOnDelete && dataOf(type) !== undefined;
  return { urn, type, name, action, properties, losesData };
}

function differences(before: PlannedResource, after: PlannedResource): string[] {
  const ignored = after.options.ignoreChanges;
  const inputs = [...new Set([...Object.keys(before.inputs), ...Object.keys(after.inputs)])].filter(
    (property) =>
      !ignored.includes(property) &&
      !isDeepStrictEqual(before.inputs[property], after.inputs[property]),
  );
  const options = (['protect', 'retainOnDelete', 'import'] as const)
    .filter((option) => before.options[option] !== after.options[option])
    .map((option) => `options.${option}`);
  return [...inputs, ...options];
}
