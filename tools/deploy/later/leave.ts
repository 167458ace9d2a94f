// Leaves to a schedule in the account what only time frees, and says so.
import { GLOBAL_REGION } from '../../../contracts/aws-limits';
import { accountOf, Region } from '../aws';
import type { Context } from '../io';
import type { Leftover } from '../leftover';
import type { Leftovers, Trail } from '../leftovers';
import { helperName } from './helper';
import { makeHelper } from './make';

/** What goes without anybody here, or is meant to stay. */
const LEFT_TO_IT: readonly Leftover['kind'][] = ['edge-function', 'log-group', 'helper'];

/** @returns whether nothing else is left to do. */
export async function leaveToHelper(
  { io, stack }: Context,
  trail: Trail,
  { found, seen }: Leftovers,
): Promise<boolean> {
  const functions = found.filter(({ kind }) => kind === 'edge-function').map(({ id }) => id);
  if (functions.length === 0) return found.every(({ isData }) => isData);
  const { id: account } = await accountOf(new Region(GLOBAL_REGION));
  const name = helperName(trail.project, trail.stack);
  const end = await makeHelper({ name, functions, regions: seen }, account, io);
  io.stdout(
    `\nThe schedule ${name} in us-east-1 deletes ${functions.join(', ')} and its log groups within hours, trying once\n` +
      `an hour until ${end.toISOString().slice(0, 16).replace('T', ' ')} UTC, and then itself, its function and its role.\n` +
      `"npm run leftovers -- ${stack}" says whether it is done; "npm run sweep -- ${stack}" takes it back in hand.\n`,
  );
  const others = found.filter(({ kind, isData }) => !isData && !LEFT_TO_IT.includes(kind));
  if (others.length > 0) {
    io.stderr(`Not left to it, for it goes in minutes: run "npm run sweep -- ${stack}" again.\n`);
  }
  return others.length === 0;
}
