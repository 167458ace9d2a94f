// The command `issue --from`: a key a line, each handed on before the next is made, and a summary in every case.
import { SingleBar } from 'cli-progress';
import { actorOf } from './actor';
import { issueInBulk, type BulkOutcome } from './bulk';
import { csvLine, type CsvRow } from './csv';
import type { KeyRequest } from './request';
import type { SecretFile } from './secret-file';
import { issueKey } from './store';
import type { CommandContext, KeysIo } from './terminal';
import { jsonLine, viewOf, type KeyView } from './view';

/** Where keys go: a file, or whoever reads the answer. */
interface Sink {
  /** Writes what comes before all keys: what can't be written to is known before a key is made. */
  readonly open: () => Promise<void>;
  /** Takes a key, and resolves when it is where it can't be lost. */
  readonly take: (key: string, view: KeyView) => Promise<void>;
  readonly close: (outcome: BulkOutcome) => Promise<void>;
}

/** @returns 1 when some lines have no key. */
export async function issueMany(
  { target, io, json }: CommandContext,
  defaults: Omit<KeyRequest, 'owner'>,
  rows: readonly CsvRow[],
  file: { readonly path: string; readonly write: SecretFile['write'] } | undefined,
): Promise<number> {
  const actor = await actorOf(target);
  const issued: Pick<KeyView, 'id' | 'owner' | 'expiresAt'>[] = [];
  let stopped = false;
  const forget = io.onStop(() => {
    stopped = true;
    io.stderr('Stopping after the key that is being made; again to end at once.\n');
  });
  const bar = progressBar(io, rows.length);
  const sink = json && file === undefined ? jsonSink(io) : csvSink(io, file?.write);
  try {
    await sink.open();
    const outcome = await issueInBulk({
      rows,
      defaults,
      issue: (request) => issueKey(target.keys, request, actor),
      async onIssued({ key, record }) {
        const view = viewOf(record, io.now());
        await sink.take(key, view);
        const { id, owner, expiresAt } = view;
        issued.push({ id, owner, expiresAt });
      },
      onProgress: bar.step,
      isStopped: () => stopped,
    });
    bar.stop();
    // First, for where nobody reads the answer any more this is all that is said.
    io.stderr(summary(issued.length, outcome, stopped, file?.path));
    if (json && file !== undefined) {
      io.stdout(jsonLine({ issued, ...told(outcome), file: file.path }));
    }
    await sink.close(outcome).catch(() => undefined);
    return outcome.failures.length + outcome.left.length === 0 ? 0 : 1;
  } finally {
    bar.stop();
    forget();
  }
}

function csvSink(io: KeysIo, write: SecretFile['write'] | undefined): Sink {
  const put = async (fields: readonly string[]) =>
    write === undefined ? io.deliver(csvLine(fields)) : write(csvLine(fields));
  return {
    open: () => put(['owner', 'id', 'key', 'expires']),
    take: (key, { owner, id, expiresAt }) => put([owner, id, key, expiresAt]),
    close: () => Promise.resolve(),
  };
}

/** One document all the same, a line of it for each key. */
function jsonSink(io: KeysIo): Sink {
  let separator = '';
  return {
    open: () => io.deliver('{"issued":['),
    async take(key, { id, owner, expiresAt }) {
      await io.deliver(`${separator}\n${JSON.stringify({ id, owner, key, expiresAt })}`);
      separator = ',';
    },
    close(outcome) {
      const { failed, left } = told(outcome);
      return io.deliver(`\n],"failed":${JSON.stringify(failed)},"left":${JSON.stringify(left)}}\n`);
    },
  };
}

function told({ failures, left }: BulkOutcome) {
  return {
    failed: failures,
    left: left.map(({ line, fields }) => ({ line, owner: fields.owner })),
  };
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

function summary(
  issued: number,
  { failures, left }: BulkOutcome,
  stopped: boolean,
  path: string | undefined,
): string {
  const [next] = left;
  const counts = [
    `Issued ${issued}`,
    ...(failures.length === 0 ? [] : [`failed ${failures.length}`]),
    ...(left.length === 0 ? [] : [`not begun ${left.length}`]),
  ];
  const why = stopped ? 'You stopped it' : 'It ended there, for the others would fail as well';
  return [
    `${counts.join(', ')}.${path === undefined || issued === 0 ? '' : ` The keys are in ${path}.`}\n`,
    ...failures.map(({ line, owner, reason }) => `  line ${line} (${owner}): ${reason}\n`),
    ...(next === undefined ? [] : [`${why}: no line from ${next.line} on has a key.\n`]),
    ...(failures.length + left.length === 0
      ? []
      : [
          'Correct what failed and run the command with these lines alone: the others have their keys.\n',
        ]),
  ].join('');
}
