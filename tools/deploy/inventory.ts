// What a stack holds that its end has to think of: from the engine's state, kept for the sweep after it.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { StackState, StateResource } from './engine';
import { nameOf } from './engine-events';
import { stackFolder } from './saved-change';

/** Something of AWS, by its region and its name or id there. */
export interface Located {
  readonly region: string;
  readonly id: string;
}

/** Something that holds data. */
export interface Retained extends Located {
  /** By which the settings of a new stack name it. */
  readonly name?: string;
}

/** What is kept of a stack, so that a sweep knows it when the state is gone. */
export interface Inventory {
  /** Names of Lambda@Edge functions: they outlive `destroy` by hours. */
  readonly functions: readonly string[];
  readonly vpcs: readonly Located[];
  /** Retained tables and KMS keys. */
  readonly tables: readonly Retained[];
  readonly keys: readonly Retained[];
}

/** Regions in which the edge function may have written logs are found anew by every sweep. */
const NOTHING: Inventory = { functions: [], vpcs: [], tables: [], keys: [] };

/** Resources of a type in a state, with their places. @param home Region of those that name none. */
export function located(
  { resources }: StackState,
  type: string,
  home: string,
): (Located & { readonly resource: StateResource })[] {
  return resources
    .filter((resource) => resource.type === type && resource.id !== undefined)
    .map((resource) => ({
      region: regionOfResource(resource, home),
      id: resource.id ?? '',
      resource,
    }));
}

/** The name that the settings have for a resource: `users` of `gh-users`. */
export function settingsName(urn: string): string {
  return nameOf(urn).replace(/^[^-]+-/, '');
}

export function regionOfResource({ inputs, outputs }: StateResource, home: string): string {
  const region = outputs?.region ?? inputs?.region;
  return typeof region === 'string' ? region : home;
}

/** Logical names of what the engine refuses to delete. */
export function protectedNames({ resources }: StackState): string[] {
  return resources.filter(({ protect }) => protect === true).map(({ urn }) => nameOf(urn));
}

/** What a sweep will have to look for. */
export function inventoryOf(state: StackState, home: string): Inventory {
  const places = (type: string): Located[] =>
    located(state, type, home).map(({ region, id }) => ({ region, id }));
  const retained = (type: string): Retained[] =>
    located(state, type, home)
      .filter(({ resource }) => resource.retainOnDelete === true)
      .map(({ region, id, resource }) => ({ region, id, name: settingsName(resource.urn) }));
  return {
    functions: located(state, 'aws:lambda/function:Function', home)
      // `skipDestroy` leaves it: CloudFront removes its replicas in its own time.
      .filter(({ resource }) => resource.inputs?.skipDestroy === true)
      .map(({ id }) => id),
    vpcs: places('aws:ec2/vpc:Vpc'),
    tables: retained('aws:dynamodb/table:Table'),
    keys: [...retained('aws:kms/key:Key'), ...retained('aws:kms/replicaKey:ReplicaKey')],
  };
}

const fileOf = (root: string, stack: string): string =>
  join(stackFolder(root, stack), 'inventory.json');

/** Keeps an inventory, added to what an earlier attempt kept. */
export function keepInventory(root: string, stack: string, inventory: Inventory): void {
  const file = fileOf(root, stack);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(merge(keptInventory(root, stack), inventory), null, 2)}\n`);
}

/** What was kept; nothing when the stack was destroyed elsewhere: then tags alone tell. */
export function keptInventory(root: string, stack: string): Inventory {
  const file = fileOf(root, stack);
  if (!existsSync(file)) return NOTHING;
  try {
    return { ...NOTHING, ...(JSON.parse(readFileSync(file, 'utf8')) as Partial<Inventory>) };
  } catch (error) {
    throw new Error(`${file} is not JSON (${(error as Error).message}): remove it.`, {
      cause: error,
    });
  }
}

export function forgetInventory(root: string, stack: string): void {
  rmSync(fileOf(root, stack), { force: true });
}

function merge(a: Inventory, b: Inventory): Inventory {
  const unique = <T extends Located>(items: readonly T[]): T[] => [
    ...new Map(items.map((item) => [`${item.region} ${item.id}`, item])).values(),
  ];
  return {
    functions: [...new Set([...a.functions, ...b.functions])],
    vpcs: unique([...a.vpcs, ...b.vpcs]),
    tables: unique([...a.tables, ...b.tables]),
    keys: unique([...a.keys, ...b.keys]),
  };
}
