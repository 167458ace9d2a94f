// The command line of `npm run keys`: what it takes, and what each command prints.
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { isKeyId } from '../../contracts/api-key';
import { BULK_COLUMNS } from './bulk';
import { list, revoke, rotate, show, usage } from './commands';
import type { CommandContext, KeysIo } from './terminal';
import { findRunningPlatform } from '../local/state';
import { parseDuration } from './duration';
import { issue, type IssueFlags } from './issue';
import { RequestError } from './request';
import { KeyError } from './key-error';
import { resolveTarget, UsageError, type TargetFlags } from './target';

/** Exit codes of interfaces: 1 for a failure, 2 for wrong usage. */
const FAILURE = 1;
const WRONG_USAGE = 2;

/**
 * Runs one command.
 * @param args what follows `npm run keys --`.
 * @param local finds the running local platform.
 * @returns the exit code.
 */
export async function runKeys(
  args: readonly string[],
  io: KeysIo,
  local = findRunningPlatform,
): Promise<number> {
  let exitCode = 0;
  const program = keysProgram(io, local, (code) => (exitCode = code));
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? 0 : WRONG_USAGE;
    }
    io.stderr(`${describe(error)}\n`);
    return error instanceof UsageError ? WRONG_USAGE : FAILURE;
  }
}

/** AWS's errors have a name that says more than the message; no stack trace helps an operator. */
function describe(error: unknown): string {
  if (error instanceof KeyError || error instanceof RequestError || error instanceof UsageError) {
    return error.message;
  }
  const { name, message } = error as Error;
  return (
    `AWS or the network refused: ${name}: ${message}\n` +
    'Check the credentials, the region and whether the platform runs.'
  );
}

function keysProgram(
  io: KeysIo,
  local: typeof findRunningPlatform,
  setExitCode: (code: number) => void,
): Command {
  const program = new Command('keys')
    .description(
      'Issues, lists, rotates and revokes the API keys of a stack, and tells who uses them.',
    )
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  keys issue --local --owner ada@example.com --scope users:read\n' +
        '  keys issue --stack prod --from owners.csv --scope users:read --output keys.csv\n' +
        '  keys rotate 4fJ9xQ2mZb7K --stack prod --overlap 24h\n' +
        '  keys revoke 4fJ9xQ2mZb7K --stack prod\n' +
        '\nExit codes: 0 done; 1 it failed, or some of it; 2 wrong usage. See docs/api-keys.md.',
    )
    .exitOverride()
    .configureOutput({ writeOut: io.stdout, writeErr: io.stderr })
    .showHelpAfterError('(--help shows the usage)');

  /** A command with the flags that all have. */
  const command = (usage: string, description: string) =>
    program
      .command(usage)
      .description(description)
      .option('--stack <name>', 'a deployed stack, found by the pulumi CLI')
      .option('--local', 'the local platform ("npm run local")')
      .option('--port <number>', 'port of the local platform, if several run', parsePort)
      .option('--table <name>', 'the keys table, in place of the outputs of --stack')
      .option('--region <name>', 'its AWS region')
      .option(
        '--edge-region <name...>',
        "regions to read the edge's counts from (default: those of the stack)",
      )
      .option('--json', 'print one JSON document');

  const run = async <F extends TargetFlags & { json?: boolean }>(
    flags: F,
    work: (context: CommandContext) => Promise<number | undefined | void>,
  ) => {
    const target = await resolveTarget(flags, local);
    setExitCode((await work({ target, io, json: flags.json === true })) ?? 0);
  };

  command('issue', 'makes a key and shows it, once')
    .option('--owner <email>', 'whom the key is for')
    .option(
      '--scope <scope>',
      'what it may do, repeatable: a scope of the API on the stack',
      repeatable,
    )
    .option(
      '--allow-cidr <block>',
      'where it may be used from, repeatable: 203.0.113.0/24, a block of IPv6, or one address ' +
        '(default: anywhere)',
      repeatable,
    )
    .option('--name <text>', 'what it is for')
    .addOption(during('--expires <duration>', 'lifetime, such as 90d or 24h', '90d'))
    .option(
      '--from <file>',
      `CSV file with a key to issue a line: ${BULK_COLUMNS.join(', ')} (--scope, --allow-cidr ` +
        'and --expires stand in for empty fields)',
    )
    .option('--output <file>', 'write to a new file of mode 600 instead of printing')
    .action((flags: IssueFlags & TargetFlags) => run(flags, (context) => issue(context, flags)));

  command('list', 'shows all keys').action((flags: TargetFlags) =>
    run(flags, (context) => list(context)),
  );

  command('show', 'shows a key and its audit trail')
    .argument('<id>', 'id of the key', keyId)
    .action((id: string, flags: TargetFlags) => run(flags, (context) => show(context, id)));

  command('rotate', 'makes a key that replaces another; both work for a while')
    .argument('<id>', 'id of the key to replace', keyId)
    .addOption(during('--overlap <duration>', 'how long the old key goes on working', '24h'))
    .addOption(during('--expires <duration>', 'lifetime of the new key (default: that of the old)'))
    .option('--output <file>', 'write to a new file of mode 600 instead of printing')
    .action((id: string, flags: Parameters<typeof rotate>[2] & TargetFlags) =>
      run(flags, (context) => rotate(context, id, flags)),
    );

  command('revoke', 'ends a key at once')
    .argument('<id>', 'id of the key', keyId)
    .option('--yes', 'do not ask')
    .action((id: string, flags: Parameters<typeof revoke>[2] & TargetFlags) =>
      run(flags, (context) => revoke(context, id, flags)),
    );

  command('usage', 'shows how often and when a key was used')
    .argument('<id>', 'id of the key', keyId)
    .addOption(during('--since <duration>', 'how far back to look', '7d'))
    .action((id: string, flags: Parameters<typeof usage>[2] & TargetFlags) =>
      run(flags, (context) => usage(context, id, flags)),
    );

  return program;
}

/** Collects the values of an option that may be given again. */
function repeatable(value: string, given: readonly string[] = []): string[] {
  return [...given, value];
}

/** An option that takes a duration, whose default the help shows as a person would write it. */
function during(flags: string, description: string, initial?: string): Option {
  const option = new Option(flags, description).argParser(duration);
  return initial === undefined ? option : option.default(parseDuration(initial), initial);
}

function duration(text: string): number {
  try {
    return parseDuration(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^[0-9]{1,5}$/.test(text) || port < 1 || port > 65_535) {
    throw new InvalidArgumentError('Expected a port, 1 to 65535.');
  }
  return port;
}

function keyId(text: string): string {
  if (!isKeyId(text)) {
    throw new InvalidArgumentError(
      'Expected the id of a key: 12 letters and digits, as "keys list" shows them.',
    );
  }
  return text;
}
