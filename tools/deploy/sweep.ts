// npm run sweep and npm run leftovers: what a destroyed stack left behind, and its end.
import { adoptionAdvice } from './adoption';
import { EngineError } from './engine-errors';
import { confirm, DeployError, span, type Context, type DeployIo } from './io';
import { forgetInventory, keptInventory, type Inventory, type Located } from './inventory';
import { leaveToHelper } from './later/leave';
import type { Leftover } from './leftover';
import { findLeftovers, type Leftovers, type Trail } from './leftovers';
import { removeLeftover, type Removal } from './removal';
import { projectOf, regionOf, shortName } from './stack-name';
import type { Verb } from './verb';

/** Between two rounds; replicas go in hours, so asking more often tells nothing. */
const PAUSE_MS = 5 * 60_000;
/** CloudFront's own words are "a few hours". */
const LONGEST_MS = 24 * 3_600_000;

export const sweep: Verb = {
  summary: 'Deletes what a destroyed stack left behind, and waits where AWS makes it wait.',
  help:
    'Finds by tag and name, in every region: the edge function whose replicas blocked destroy, its log\n' +
    'groups, the security group of the VPC origin, its VPC, and (only with --data) retained tables and\n' +
    'keys. May be interrupted, run again, and run twice at once. Ends with "Nothing is left" or the list.\n' +
    'With --later a schedule in the account deletes edge function and log groups within hours, then itself.',
  options: (command) =>
    command
      .option('--data', 'also delete retained tables, and schedule the deletion of retained keys')
      .option('--once', 'do not wait: try once and say what is left')
      .option('--later', 'do not wait: leave to a schedule in the account what CloudFront holds')
      .option('--yes', 'do not ask before --data deletes'),
  async run(context, { data = false, once = false, later = false, yes }) {
    const { io, stack, root } = context;
    await refuseWhileInUse(context);
    const trail = trailOf(context);
    const before = await findLeftovers(trail);
    const doomed = before.found.filter(({ isData }) => isData);
    if (data && doomed.length > 0) {
      io.stderr(`${list(doomed)}\n`);
      const question = 'These hold data, which nobody can bring back.';
      await confirm(io, { question, word: stack, yes });
    }
    const after = await clean(trail, before, { io, data, once: once || later });
    if (after.found.length === 0) forgetInventory(root, stack);
    io.stdout(`${verdict(stack, after, trail.inventory)}\n`);
    if (later && (await leaveToHelper(context, trail, after))) return 0;
    return after.found.every(({ isData }) => isData && !data) ? 0 : 1;
  },
};

export const leftovers: Verb = {
  summary: 'Says what AWS still has of a stack; ends with 0 when that is nothing.',
  help: 'Looks by tag and name in every region of the account, and changes nothing.',
  options: (command) => command.option('--json', 'print one JSON document'),
  async run(context, { json = false }) {
    const { io, stack } = context;
    const trail = trailOf(context);
    const all = await findLeftovers(trail);
    const document = {
      stack,
      leftovers: all.found.map(({ kind, region, id, isData }) => ({ kind, region, id, isData })),
      unseenRegions: all.unseen,
    };
    io.stdout(
      json ? `${JSON.stringify(document, null, 2)}\n` : `${verdict(stack, all, trail.inventory)}\n`,
    );
    return all.found.length === 0 ? 0 : 1;
  },
};

function trailOf({ stack, root }: Context): Trail {
  return {
    project: projectOf(stack),
    stack: shortName(stack),
    region: regionOf(stack),
    inventory: keptInventory(root, stack),
  };
}

async function refuseWhileInUse({ engine, stack }: Context): Promise<void> {
  const state = await engine.state().catch((error: unknown) => {
    // Nobody needs to keep the empty stack for the sake of a sweep.
    if (error instanceof EngineError && error.kind === 'no-stack') return { resources: [] };
    throw error;
  });
  const inUse = state.resources.filter(({ custom }) => custom === true);
  if (inUse.length === 0) return;
  throw new DeployError(
    `The stack "${stack}" still has ${inUse.length} resources, which a sweep would take from under it. ` +
      `Destroy it first: "npm run destroy -- ${stack}".`,
  );
}

interface Broom {
  readonly io: DeployIo;
  readonly data: boolean;
  readonly once: boolean;
}

async function clean(trail: Trail, start: Leftovers, broom: Broom): Promise<Leftovers> {
  const { io, data, once } = broom;
  const since = io.now();
  const ctrlC = { isPressed: false };
  const release = io.interrupts(() => (ctrlC.isPressed = true));
  try {
    for (let all = start, round = 1; ; round++) {
      const wanted = all.found.filter(({ isData, kind }) => kind !== 'other' && (data || !isData));
      if (wanted.length === 0) return all;
      const waiting = await tryAll(wanted, io);
      all = await findLeftovers(trail);
      const hasTime = !once && !ctrlC.isPressed && io.now() - since < LONGEST_MS;
      if (waiting.length === 0 || !hasTime) return all;
      io.stderr(
        `${span(io.now() - since).padStart(10)}  round ${round}: waiting for ${waiting.join('; ')}. Ctrl-C is safe: run it again later.\n`,
      );
      await io.sleep(PAUSE_MS);
      if (ctrlC.isPressed) return all;
      all = await findLeftovers(trail);
    }
  } finally {
    release();
  }
}

/** One attempt at each, in order. @returns what AWS makes wait, as words. */
async function tryAll(wanted: readonly Leftover[], io: DeployIo): Promise<string[]> {
  const waiting: string[] = [];
  let hasFunction = false;
  for (const item of wanted) {
    // A replica that still runs would write its log groups anew, and its helper waits for it, too.
    if (hasFunction && (item.kind === 'log-group' || item.kind === 'helper')) continue;
    const removal: Removal = await removeLeftover(item);
    if (removal.state === 'gone') io.stderr(`            deleted ${wordsOf(item)}\n`);
    if (removal.state === 'failed') {
      io.stderr(`            not deleted: ${wordsOf(item)}: ${removal.reason}\n`);
    }
    if (removal.state === 'waiting') waiting.push(`${item.id} (${removal.reason})`);
    if (item.kind === 'edge-function' && removal.state !== 'gone') hasFunction = true;
  }
  return waiting;
}

function verdict(stack: string, { found, unseen }: Leftovers, inventory: Inventory): string {
  const data = found.filter(({ isData }) => isData);
  const rest = found.filter(({ isData }) => !isData);
  const where =
    unseen.length === 0
      ? ''
      : `\nNot looked at, for they are switched off in this account: ${unseen.join(', ')}.`;
  if (found.length === 0) return `Nothing is left of "${stack}".${where}`;
  return [
    ...(rest.length === 0 ? [] : [`Left of "${stack}":`, list(rest)]),
    ...(data.length === 0
      ? []
      : [
          `Kept, for it is data ("npm run sweep -- ${stack} --data" deletes it):`,
          list(data),
          ...adoptionAdvice(stack, stillThere(inventory, data)),
        ]),
  ]
    .join('\n')
    .concat(where);
}

/** What was kept and is there yet, with the names that only the inventory knows. */
function stillThere(
  { tables, keys }: Inventory,
  found: readonly Leftover[],
): Pick<Inventory, 'tables' | 'keys'> {
  const isThere = ({ region, id }: Located): boolean =>
    found.some((one) => one.region === region && id.endsWith(one.id));
  return { tables: tables.filter(isThere), keys: keys.filter(isThere) };
}

function list(items: readonly Leftover[]): string {
  return items.map((item) => `  ${wordsOf(item)}`).join('\n');
}

const WORDS: Readonly<Record<Leftover['kind'], string>> = {
  'edge-function': 'edge function',
  'log-group': 'log group',
  'vpc-origin-group': 'security group of the VPC origin',
  vpc: 'VPC',
  helper: 'schedule of --later, with its function and role,',
  table: 'table',
  key: 'KMS key',
  other: 'tagged resource',
};

function wordsOf({ kind, region, id }: Leftover): string {
  return `${WORDS[kind]} ${id} (${region})`;
}
