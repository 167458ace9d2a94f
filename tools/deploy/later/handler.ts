// What the helper does each time that its schedule starts it: deletes what is left, and at the end itself.
import { removeHelper } from './removal';
import { edgeLogGroup, type Errand } from './helper';
import { removeLeftover, type Removal } from '../removal';
import { GLOBAL_REGION } from '../../../contracts/aws-limits';

/** @returns what still waits, for the next time; "done" when nothing does. @throws what nobody can wait for. */
export async function handler({ name, functions, regions }: Errand): Promise<string> {
  const at = (kind: 'edge-function' | 'log-group', region: string, id: string) =>
    removeLeftover({ kind, region, id, isData: false });
  const replicas = await Promise.all(functions.map((id) => at('edge-function', GLOBAL_REGION, id)));
  // A replica that still runs would write its log groups anew.
  const waiting = reasons(replicas);
  if (waiting.length > 0) return waiting.join('; ');
  const logs = await Promise.all(
    regions.flatMap((region) => functions.map((id) => at('log-group', region, edgeLogGroup(id)))),
  );
  const throttled = reasons(logs);
  if (throttled.length > 0) return throttled.join('; ');
  await removeHelper(name);
  return 'done';
}

function reasons(removals: readonly Removal[]): string[] {
  return removals.flatMap((removal) => {
    if (removal.state === 'failed') throw new Error(removal.reason);
    return removal.state === 'waiting' ? [removal.reason] : [];
  });
}
