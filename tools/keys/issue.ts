// The command `issue`: one key or a file of owners, printed or written to a file of mode 600.
import { SingleBar } from 'cli-progress';
import { actorOf } from './actor';
import { issueInBulk, readBulkFile, type BulkFailure } from './bulk';
import type { CommandContext, KeysIo } from './terminal';
import { csvLine } from './csv';
import { firstCall, quoted } from './first-call';
import type { KeyRequest } from './request';
import { createSecretFile, type SecretFile } from './secret-file';
import { issueKey, type IssuedKey } from './store';
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

/** @returns 1 when some keys of a file could not be issued. */
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
      return await issueMany(context, defaults, flags, rows, file);
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

async function issueMany(
  { target, io, json }: CommandContext,
  defaults: Defaults,
  { output }: IssueFlags,
  rows: ReturnType<typeof readBulkFile>,
  file: SecretFile | undefined,
): Promise<number> {
  const actor = await actorOf(target);
  const issued: { id: string; owner: string; key?: string; expiresAt: string }[] = [];
  // JSON has to be whole before it is printed; lines of CSV are written as the keys are made.
  const write = json && file === undefined ? undefined : (file?.write ?? io.stdout);
  write?.(csvLine(['owner', 'id', 'key', 'expires']));
  const onIssued = ({ key, record }: IssuedKey) => {
    const { id, owner, expiresAt } = viewOf(record, io.now());
    write?.(csvLine([owner, id, key, expiresAt]));
    issued.push({ id, owner, expiresAt, ...(file === undefined ? { key } : {}) });
  };
  const bar = progressBar(io, rows.length);
  const failures = await issueInBulk({
    rows,
    defaults,
    issue: (request) => issueKey(target.keys, request, actor),
    onIssued,
    onProgress: bar.step,
  });
  bar.stop();
  if (json) {
    io.stdout(
      jsonLine({ issued, failed: failures, ...(file === undefined ? {} : { file: output }) }),
    );
  }
  io.stderr(summary(issued.length, failures, output));
  return failures.length === 0 ? 0 : 1;
}

/** A bar where somebody watches, else nothing: the summary says what came of it. */
function progressBar({ progress }: KeysIo, total: number) {
  if (progress === undefined) {
    return { step: () => {}, stop: () => {} };
  }
  const format = 'Issuing keys [{bar}] {value}/{total}';
  const bar = new SingleBar({ format, stream: progress, hideCursor: true });
  bar.start(total, 0);
  return { step: () => bar.increment(), stop: () => bar.stop() };
}

function summary(issued: number, failures: readonly BulkFailure[], output?: string): string {
  const where = output === undefined ? '' : ` The keys are in ${output}.`;
  const lines = failures.map(({ line, owner, reason }) => `  line ${line} (${owner}): ${reason}\n`);
  return failures.length === 0
    ? `Issued ${issued}.${where}\n`
    : `Issued ${issued}, failed ${failures.length}.${where}\n${lines.join('')}` +
        'Correct these lines and run the command with them alone: the others have their keys.\n';
}
