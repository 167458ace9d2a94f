// What list, show, rotate, revoke and usage do with their target, and what they print.
import { actorOf } from './actor';
import { createSecretFile } from './secret-file';
import type { CommandContext, KeysIo } from './terminal';
import { readAudit } from './audit';
import { KeyError } from './key-error';
import { findKey, getKey, listKeys, revokeKey, rotateKey } from './store';
import type { Target } from './target';
import { readUsage, type Usage } from './usage';
import { alignColumns, iso, jsonLine, keyTable, SHOWN_ONCE, viewOf, type KeyView } from './view';

/** How far back `list` looks for the last use: a job that runs once a month is one that runs. */
const LAST_USE_WINDOW_SECONDS = 35 * 86_400;

/** Width of the longest bar of `usage`, in characters. */
const BAR_WIDTH = 40;

export async function list({ target, io, json }: CommandContext): Promise<void> {
  const now = io.now();
  const records = await listKeys(target.keys);
  const lastUse = await lastUses(
    target,
    io,
    records.map(({ keyId }) => keyId),
  );
  const views = records.map((record): KeyView => {
    const view = viewOf(record, now);
    return lastUse === undefined
      ? view
      : { ...view, lastUsedAt: lastUse.get(record.keyId)?.lastUsedAt ?? null };
  });
  io.stdout(json ? jsonLine(views) : keyTable(views, now));
}

/** Undefined when it can't be known: a list of keys is worth having without it. */
async function lastUses(
  target: Target,
  io: KeysIo,
  keyIds: readonly string[],
): Promise<Usage['byKey'] | undefined> {
  try {
    const until = io.now();
    const since = until - LAST_USE_WINDOW_SECONDS * 1000;
    const { byKey, warnings } = await readUsage(target, { keyIds, since, until });
    warnings.forEach((warning) => io.stderr(`${warning}\n`));
    return byKey;
  } catch (error) {
    io.stderr(`${(error as Error).message}\nThe last use is left out.\n`);
    return undefined;
  }
}

export async function usage(
  { target, io, json }: CommandContext,
  id: string,
  flags: { since: number },
): Promise<void> {
  const until = io.now();
  const since = until - flags.since * 1000;
  await getKey(target.keys, id);
  const { byKey, warnings } = await readUsage(target, { keyIds: [id], since, until });
  warnings.forEach((warning) => io.stderr(`${warning}\n`));
  const found = byKey.get(id);
  const { count, errors, countedBy, lastUsedAt, points } = found ?? {
    ...{
      count: 0,
      errors: undefined,
      countedBy: target.keyCounters[0],
      lastUsedAt: null,
      points: [],
    },
  };
  const from = new Date(since).toISOString();
  if (json) {
    io.stdout(jsonLine({ id, since: from, countedBy, count, errors, lastUsedAt, points }));
    return;
  }
  const most = Math.max(...points.map((point) => point.count));
  io.stdout(
    alignColumns([
      ['key', id],
      ['since', from],
      ['requests', String(count)],
      ...(errors === undefined ? [] : [['errors', String(errors)]]),
      ['last used', lastUsedAt ?? 'not since then'],
      ['counted by', countedBy === 'edge' ? 'the edge: a sample' : 'the service'],
    ]) +
      alignColumns(
        points.map((point) => [
          point.time,
          String(point.count),
          '#'.repeat(Math.ceil((point.count / most) * BAR_WIDTH)),
        ]),
      ),
  );
}

/** A record is removed some time after its key's end; what was done to it stays, and is shown. */
export async function show({ target, io, json }: CommandContext, id: string): Promise<void> {
  const items = await readAudit(target.keys, id);
  // Without a trace it never was: getKey says so.
  const record = await (items.length === 0 ? getKey : findKey)(target.keys, id);
  const view = record === undefined ? { id, status: 'removed' } : viewOf(record, io.now());
  const audit = items.map(({ action, at, who, from, details }) => ({
    action,
    at,
    who,
    from,
    details,
  }));
  if (json) {
    io.stdout(jsonLine({ ...view, audit }));
    return;
  }
  const rows = Object.entries(view).map(([name, value]) => [name, String(value)]);
  const trail = audit.map(({ at, action, who, from }) => [at, action, `${who} from ${from}`]);
  io.stdout(`${alignColumns(rows)}\naudit\n${alignColumns(trail)}`);
}

export async function rotate(
  { target, io, json }: CommandContext,
  keyId: string,
  flags: { overlap: number; expires?: number; output?: string },
): Promise<void> {
  const { output } = flags;
  const file = output === undefined ? undefined : createSecretFile(output);
  try {
    const { key, record, old } = await rotateKey(
      target.keys,
      {
        keyId,
        environment: target.environment,
        overlapSeconds: flags.overlap,
        expiresInSeconds: flags.expires,
      },
      await actorOf(target),
    );
    file?.write(`${key}\n`);
    const { id, owner, scopes, expiresAt } = viewOf(record, io.now());
    const oldExpiresAt = iso(old.expiresAt);
    const secret = file === undefined ? { key } : { file: output };
    const successor = { id, ...secret, owner, scopes, expiresAt, rotatedFrom: keyId, oldExpiresAt };
    const head = file === undefined ? `${key}\n\n${SHOWN_ONCE}` : `The key is in ${output}.`;
    io.stdout(
      json
        ? jsonLine(successor)
        : `${head}\n${id} replaces ${keyId}, which works until ${oldExpiresAt}.\n`,
    );
  } finally {
    file?.close();
  }
}

export async function revoke(
  { target, io, json }: CommandContext,
  id: string,
  flags: { yes?: boolean },
): Promise<number> {
  if (flags.yes !== true) {
    const { owner, name } = await getKey(target.keys, id);
    const answer = await io.ask(`Revoke ${id} of ${owner} (${name}) for good? [y/N] `);
    if (answer === undefined) {
      throw new KeyError('Nobody can be asked here. Give --yes to revoke without a question.');
    }
    if (!/^y(es)?$/i.test(answer.trim())) {
      io.stderr('Nothing was revoked.\n');
      return 1;
    }
  }
  const view = viewOf(await revokeKey(target.keys, id, await actorOf(target)), io.now());
  io.stdout(
    json
      ? jsonLine({ id, status: view.status, revokedAt: view.revokedAt })
      : `${id} is revoked. The edge refuses it within its cache time (30 s unless the stack says ` +
          'otherwise).\n',
  );
  return 0;
}
