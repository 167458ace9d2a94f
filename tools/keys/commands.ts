// What each command of `npm run keys` does with its target, and what it prints.
import { hostname, userInfo } from 'node:os';
import type { Actor } from './audit';
import { getKey, issueKey, KeyError, listKeys, readAudit, revokeKey, rotateKey } from './store';
import type { Target } from './target';
import { iso, keyTable, viewOf, type KeyView } from './view';
import { alignColumns } from './view';

/** What a command reads from and writes to; a process, or a test. */
export interface KeysIo {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Asks and returns the answer; undefined when nobody can be asked. */
  readonly ask: (question: string) => Promise<string | undefined>;
  /** The time, epoch milliseconds. */
  readonly now: () => number;
}

export interface CommandContext {
  readonly target: Target;
  readonly io: KeysIo;
  readonly json: boolean;
}

export async function issue(
  { target, io, json }: CommandContext,
  flags: { owner: string; scope: string[]; name?: string; expires: number },
): Promise<void> {
  const { key, record } = await issueKey(
    target.keys,
    {
      environment: target.environment,
      owner: flags.owner,
      name: flags.name,
      scopes: flags.scope,
      expiresInSeconds: flags.expires,
    },
    actor(),
  );
  const { id, owner, scopes, expiresAt } = viewOf(record, io.now());
  io.stdout(
    json
      ? line({ id, key, owner, scopes, expiresAt })
      : `${key}\n\nThis is the only time the key is shown; what is stored is its hash.\n` +
          alignColumns([
            ['id', id],
            ['owner', owner],
            ['scopes', scopes.join(' ')],
            ['expires', expiresAt],
          ]),
  );
}

export async function list({ target, io, json }: CommandContext): Promise<void> {
  const now = io.now();
  const views: KeyView[] = (await listKeys(target.keys)).map((record) => viewOf(record, now));
  io.stdout(json ? line(views) : keyTable(views, now));
}

export async function show({ target, io, json }: CommandContext, id: string): Promise<void> {
  const view = viewOf(await getKey(target.keys, id), io.now());
  const audit = (await readAudit(target.keys, id)).map(({ action, at, who, from, details }) => ({
    action,
    at,
    who,
    from,
    details,
  }));
  if (json) {
    io.stdout(line({ ...view, audit }));
    return;
  }
  const rows = Object.entries(view).map(([name, value]) => [name, String(value)]);
  const trail = audit.map(({ at, action, who, from }) => [at, action, `${who} from ${from}`]);
  io.stdout(`${alignColumns(rows)}\naudit\n${alignColumns(trail)}`);
}

export async function rotate(
  { target, io, json }: CommandContext,
  keyId: string,
  flags: { overlap: number; expires?: number },
): Promise<void> {
  const { key, record, old } = await rotateKey(
    target.keys,
    {
      keyId,
      environment: target.environment,
      overlapSeconds: flags.overlap,
      expiresInSeconds: flags.expires,
    },
    actor(),
  );
  const { id, owner, scopes, expiresAt } = viewOf(record, io.now());
  const oldEnds = iso(old.expiresAt);
  io.stdout(
    json
      ? line({ id, key, owner, scopes, expiresAt, rotatedFrom: keyId, oldExpiresAt: oldEnds })
      : `${key}\n\nThis is the only time the key is shown; what is stored is its hash.\n` +
          `${id} replaces ${keyId}, which works until ${oldEnds}.\n`,
  );
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
  const view = viewOf(await revokeKey(target.keys, id, actor()), io.now());
  io.stdout(
    json
      ? line({ id, status: view.status, revokedAt: view.revokedAt })
      : `${id} is revoked. The edge refuses it within its cache time (30 s unless the stack says ` +
          'otherwise).\n',
  );
  return 0;
}

/** The operating system's user on this machine. */
function actor(): Actor {
  return { who: userInfo().username, from: hostname() };
}

function line(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
