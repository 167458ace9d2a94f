// The command `issue`: one key or a file of owners, printed or written to a file of mode 600.
import { actorOf } from './actor';
import { readBulkFile } from './bulk';
import type { CommandContext } from './terminal';
import { firstCall, quoted } from './first-call';
import { issueMany } from './issue-many';
import type { KeyRequest } from './request';
import { createSecretFile, type SecretFile } from './secret-file';
import { issueKey } from './store';
import { UsageError } from './target';
import { alignColumns, jsonLine, SHOWN_ONCE, viewOf } from './view';

export interface IssueFlags {
  readonly owner?: string;
  readonly scope?: readonly string[];
  readonly allowCidr?: readonly string[];
  readonly name?: string;
  /** Seconds. */
  readonly expires: number;
  /** Path of a CSV file with owners. */
  readonly from?: string;
  /** Path of a file to write the keys to, in place of printing them. */
  readonly output?: string;
}

/** @returns 1 when some lines of a file have no key. */
export async function issue(context: CommandContext, flags: IssueFlags): Promise<number> {
  const knownScopes = context.target.scopes();
  checkFlags(flags, knownScopes);
  const { from } = flags;
  const rows = from === undefined ? undefined : readBulkFile(from);
  const file = flags.output === undefined ? undefined : createSecretFile(flags.output);
  const defaults = {
    environment: context.target.environment,
    scopes: flags.scope ?? [],
    knownScopes,
    cidrs: flags.allowCidr,
    expiresInSeconds: flags.expires,
  };
  if (knownScopes === undefined) context.io.stderr(UNCHECKED);
  try {
    if (rows !== undefined) {
      return await issueMany(
        context,
        defaults,
        rows,
        file && { path: String(flags.output), write: file.write },
      );
    }
    await issueOne(context, defaults, flags, file);
    return 0;
  } finally {
    file?.close();
  }
}

const UNCHECKED =
  'Scopes are not checked: --table and --region stand for the outputs of the stack, which name them.\n';

function checkFlags(
  { owner, scope, from, name }: IssueFlags,
  knownScopes: readonly string[] | undefined,
): void {
  if ((owner === undefined) === (from === undefined)) {
    throw new UsageError('Give --owner EMAIL for one key, or --from FILE.csv for many.');
  }
  if (owner !== undefined && scope === undefined && knownScopes?.length !== 0) {
    const known = knownScopes === undefined ? '' : ` Possible: ${knownScopes.join(', ')}.`;
    throw new UsageError(`Give --scope at least once: what may the key do?${known}`);
  }
  if (from !== undefined && name !== undefined) {
    throw new UsageError('--name goes with --owner; a file has a column "name".');
  }
}

/** What every key of one command is asked to be. */
type Defaults = Omit<KeyRequest, 'owner'>;

async function issueOne(
  { target, io, json }: CommandContext,
  defaults: Defaults,
  { owner = '', name, output }: IssueFlags,
  file: SecretFile | undefined,
): Promise<void> {
  const request = { ...defaults, owner, ...(name === undefined ? {} : { name }) };
  const { key, record } = await issueKey(target.keys, request, await actorOf(target));
  file?.write(`${key}\n`);
  const view = viewOf(record, io.now());
  const { id, scopes, cidrs, expiresAt } = view;
  if (json) {
    const secret = output === undefined ? { key } : { file: output };
    io.stdout(jsonLine({ id, ...secret, owner: view.owner, scopes, cidrs, expiresAt }));
    return;
  }
  const head = output === undefined ? `${key}\n\n${SHOWN_ONCE}` : `The key is in ${output}.`;
  const shell = output === undefined ? key : `$(cat ${quoted(output)})`;
  const rows = [
    ['id', id],
    ['owner', view.owner],
    ['scopes', scopes.join(' ')],
    ...(cidrs === undefined ? [] : [['from', cidrs.join(' ')]]),
    ['expires', expiresAt],
    ...(target.api === undefined ? [] : [['url', target.api.url]]),
  ];
  const call = target.api && firstCall(target.api, scopes, shell);
  io.stdout(`${head}\n${alignColumns(rows)}${call === undefined ? '' : `\n${call}\n`}`);
}
