// npm run destroy: says what goes and what stays, asks, and takes the steps of a protected stack in order.
import { adoptionAdvice } from './adoption';
import { journalOf, type StackState } from './engine';
import { EngineError } from './engine-errors';
import { nameOf } from './engine-events';
import { containersOf, empty, isEmpty, type Container } from './emptying';
import { confirm, DeployError, type Context } from './io';
import { inventoryOf, keepInventory, located, protectedNames, type Inventory } from './inventory';
import { findLeftovers } from './leftovers';
import { Region } from './aws';
import { Progress } from './progress';
import { removeLeftover } from './removal';
import { projectOf, regionOf, shortName } from './stack-name';
import { counted } from './update';
import type { Flags, Verb } from './verb';

/** Runs of the engine: what AWS itself put in the way is cleared after the first. */
const ATTEMPTS = 3;
/** CloudFront releases the interfaces of a VPC origin some minutes after it is gone. */
const PAUSE_MS = 60_000;
const ROUNDS = 15;

export const destroy: Verb = {
  summary: 'Deletes a stack, and says what stays and why.',
  help:
    'Protected stacks need --unprotect; it takes protection from the state and from the load balancer.\n' +
    'Log buckets and image repositories of such stacks need --empty. Retained tables and keys stay, with\n' +
    'their data. Run again after a failure, it goes on from there; then "npm run sweep -- STACK" deletes\n' +
    'what AWS let nobody delete at once.',
  options: (command) =>
    command
      .option('--unprotect', 'take the protection away first')
      .option('--empty', 'delete everything in its buckets and image repositories first')
      .option('--yes', 'do not ask'),
  async run(context, flags) {
    const { engine, io, stack, root } = context;
    const state = await engine.state();
    const home = homeOf(context, state);
    if (!state.resources.some(({ custom }) => custom === true)) {
      io.stdout(
        `The stack "${stack}" has no resources. What is left of it: "npm run sweep -- ${stack}".\n`,
      );
      return 0;
    }
    const inventory = inventoryOf(state, home);
    const full = await fullContainers(state, home);
    io.stderr(`${outlook(stack, state, inventory, full)}\n`);
    refuse(stack, state, full, flags);
    await confirm(io, { question: `This deletes "${stack}".`, word: stack, yes: flags.yes });
    keepInventory(root, stack, inventory);
    await prepare(context, state, home, full);
    return finish(context, await attempts(context, home, inventory, full), inventory);
  },
};

function homeOf({ stack }: Context, { resources }: StackState): string {
  const stackResource = resources.find(({ type }) => type === 'pulumi:pulumi:Stack');
  const region = stackResource?.outputs?.region;
  return typeof region === 'string' ? region : regionOf(stack);
}

async function fullContainers(state: StackState, home: string): Promise<Container[]> {
  const all = containersOf(state, home);
  const isFull = await Promise.all(all.map(async (container) => !(await isEmpty(container))));
  return all.filter((_container, index) => isFull[index]);
}

/** What will happen, before anybody is asked. */
function outlook(
  stack: string,
  { resources }: StackState,
  inventory: Inventory,
  full: readonly Container[],
): string {
  const goes = resources.filter(
    ({ custom, retainOnDelete, inputs }) =>
      custom === true && retainOnDelete !== true && inputs?.skipDestroy !== true,
  );
  const byType = new Map<string, number>();
  for (const { type } of goes) byType.set(type, (byType.get(type) ?? 0) + 1);
  const most = [...byType].sort((a, b) => b[1] - a[1]).slice(0, 8);
  const guarded = protectedNames({ resources, pending: [] });
  const lines = (title: string, items: readonly string[]): string[] =>
    items.length === 0 ? [] : [title, ...items.map((item) => `  ${item}`)];
  return [
    `Goes: ${goes.length} resources of "${stack}" (${most.map(([type, count]) => `${count} ${type.slice(type.lastIndexOf(':') + 1)}`).join(', ')}, …)`,
    ...lines('Stays, with its data, for the stack retains it:', [
      ...inventory.tables.map(({ region, id }) => `table ${id} (${region})`),
      ...inventory.keys.map(({ region, id }) => `KMS key ${id} (${region}), 1 dollar a month`),
    ]),
    ...lines(
      'Stays for some hours, until CloudFront has removed its replicas; "npm run sweep" deletes it:',
      inventory.functions.map(
        (name) => `edge function ${name}, and its log groups in other regions`,
      ),
    ),
    ...lines('Protected:', guarded.length === 0 ? [] : [guarded.join(', ')]),
    ...lines(
      'Not empty:',
      full.map(({ kind, id }) => `${kind} ${id}`),
    ),
  ].join('\n');
}

function refuse(
  stack: string,
  state: StackState,
  full: readonly Container[],
  { unprotect = false, empty: mayEmpty = false }: Flags,
): void {
  const needed = [
    ...(protectedNames(state).length > 0 && !unprotect ? ['--unprotect'] : []),
    ...(full.length > 0 && !mayEmpty ? ['--empty'] : []),
  ];
  if (needed.length === 0) return;
  throw new DeployError(
    `Nothing was deleted: the stack is protected against this. If you mean it: "npm run destroy -- ${stack} ${needed.join(' ')}".`,
  );
}

async function prepare(
  { engine, io }: Context,
  state: StackState,
  home: string,
  full: readonly Container[],
): Promise<void> {
  if (protectedNames(state).length > 0) {
    await engine.unprotectAll();
    io.stderr('Unprotected in the state of the stack.\n');
  }
  const balancers = located(state, 'aws:lb/loadBalancer:LoadBalancer', home);
  for (const { region, id, resource } of balancers) {
    if (resource.inputs?.enableDeletionProtection !== true) continue;
    await new Region(region).query('elasticloadbalancing', {
      Action: 'ModifyLoadBalancerAttributes',
      Version: '2015-12-01',
      LoadBalancerArn: id,
      'Attributes.member.1.Key': 'deletion_protection.enabled',
      'Attributes.member.1.Value': 'false',
    });
    io.stderr('Deletion protection of the load balancer is off.\n');
  }
  await emptyAll(full, io);
}

async function emptyAll(full: readonly Container[], io: Context['io']): Promise<void> {
  for (const container of full) {
    const count = await empty(container);
    io.stderr(`Emptied ${container.kind} ${container.id}: ${count} deleted.\n`);
  }
}

/** @returns undefined when all is deleted, else the last error. */
async function attempts(
  context: Context,
  home: string,
  inventory: Inventory,
  full: readonly Container[],
): Promise<EngineError | undefined> {
  const { engine, io } = context;
  for (let attempt = 1; ; attempt++) {
    const progress = new Progress(io);
    try {
      const journal = await engine.destroy({
        onEvent: progress.onEvent,
        interrupts: io.interrupts,
      });
      io.stderr(`\nDone: ${counted(journal.done)}.\n`);
      return undefined;
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      const isCleared =
        attempt < ATTEMPTS && (await clearTheWay(context, home, inventory, full, error));
      if (!isCleared) return error;
    } finally {
      progress.end();
    }
  }
}

/** Removes what AWS itself put in the way. @returns whether another attempt makes sense. */
async function clearTheWay(
  context: Context,
  home: string,
  inventory: Inventory,
  full: readonly Container[],
  error: EngineError,
): Promise<boolean> {
  const { io, stack } = context;
  const failed = new Set((journalOf(error)?.failed ?? []).map(({ type }) => type));
  const has = (text: RegExp): boolean => [...failed].some((type) => text.test(type));
  if (has(/^aws:(s3\/bucket|ecr\/repository):/)) {
    // Logs that were under way arrived after it was emptied.
    await emptyAll(full, io);
    return full.length > 0;
  }
  if (!has(/^aws:ec2\/(vpc|securityGroup|subnet):/)) return false;
  const trail = { project: projectOf(stack), stack: shortName(stack), region: home, inventory };
  for (let round = 1; round <= ROUNDS; round++) {
    const groups = (await findLeftovers(trail)).found.filter(
      ({ kind }) => kind === 'vpc-origin-group',
    );
    if (groups.length === 0) return round > 1;
    for (const group of groups) {
      const removal = await removeLeftover(group);
      if (removal.state === 'failed') return false;
      if (removal.state === 'gone') {
        io.stderr(`Deleted ${group.id}, the security group that CloudFront left in the VPC.\n`);
      } else {
        io.stderr(`Waiting for ${group.id}: ${removal.reason}.\n`);
        await io.sleep(PAUSE_MS);
      }
    }
  }
  return false;
}

function finish(
  { io, stack }: Context,
  error: EngineError | undefined,
  inventory: Inventory,
): number {
  const { tables, keys, functions } = inventory;
  if (error !== undefined) {
    const done = journalOf(error)?.done ?? [];
    const failed = (journalOf(error)?.failed ?? []).map(({ urn }) => nameOf(urn));
    io.stderr(
      `\n${error.message}\nDeleted before that: ${counted(done)}.` +
        `${failed.length === 0 ? '' : ` It failed at ${failed.join(', ')}.`} ` +
        `"npm run destroy -- ${stack}" goes on from there.\n`,
    );
    return 1;
  }
  const kept = [...tables, ...keys];
  io.stdout(
    [
      `"${stack}" is destroyed.`,
      ...(kept.length === 0 ? [] : [`Kept: ${kept.map(({ id }) => id).join(', ')}.`]),
      ...adoptionAdvice(stack, inventory),
      ...(functions.length === 0
        ? []
        : [
            `What AWS lets nobody delete at once goes by "npm run sweep -- ${stack}", now or in some hours.`,
          ]),
      '',
    ].join('\n'),
  );
  return 0;
}
