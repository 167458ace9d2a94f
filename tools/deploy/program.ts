// The command line of a verb: what it takes, and how failures become exit codes.
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { PROJECT_DIRECTORY } from '../../recorder/stack-file';
import { unknownCaller } from './aws';
import { Engine } from './engine';
import { EngineError } from './engine-errors';
import { DeployError, type DeployIo } from './io';
import { parseStack } from './stack-name';
import type { Flags, Verb } from './verb';

/** Exit codes of every command here: 1 for a failure, 2 for wrong usage. */
const FAILURE = 1;
const WRONG_USAGE = 2;

/** Where a command runs, and how it reaches the engine. */
export interface Surroundings {
  readonly root?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Runs one command.
 * @param name As in `npm run NAME -- STACK`.
 * @param args What follows it.
 * @returns the exit code.
 */
export async function runVerb(
  name: string,
  verb: Verb,
  args: readonly string[],
  io: DeployIo,
  { root = PROJECT_DIRECTORY, env = process.env }: Surroundings = {},
): Promise<number> {
  const command = new Command(`npm run ${name} --`)
    .description(`${verb.summary}\n\n${verb.help.replaceAll('\n', ' ')}`)
    .addHelpText('after', '\nExit codes: 0 done; 1 it failed; 2 wrong usage.')
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeOut: io.stdout, writeErr: io.stderr })
    .showHelpAfterError('(--help shows the usage)');
  nameTarget(command, verb);
  verb.options?.(command);
  try {
    command.parse([...args], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : WRONG_USAGE;
    throw error;
  }
  const stack = command.processedArgs[0] as string | undefined;
  const flags = command.opts<Flags>();
  const problem = verb.runLocal === undefined ? undefined : targetProblem(stack, flags);
  if (problem !== undefined) {
    io.stderr(`${problem}\n`);
    return WRONG_USAGE;
  }
  try {
    return stack === undefined
      ? await (verb.runLocal as NonNullable<Verb['runLocal']>)(io, flags)
      : await verb.run({ stack, engine: new Engine(stack, env), io, root }, flags);
  } catch (error) {
    io.stderr(`${describe(error)}\n`);
    return FAILURE;
  }
}

/** A stack; where a verb can, in its place the platform of this machine. */
function nameTarget(command: Command, { runLocal }: Verb): void {
  if (runLocal === undefined) {
    command.argument('<stack>', 'stack, for example dev', parseStack);
    return;
  }
  command
    .argument('[stack]', 'stack, for example dev', parseStack)
    .option('--local', 'the local platform ("npm run local") in place of a stack')
    .option(
      '--port <number>',
      'the one of several local platforms whose edge has this port',
      parsePort,
    );
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65_535) return port;
  throw new InvalidArgumentError('Expected a port, 1 to 65535.');
}

function targetProblem(stack: string | undefined, { local, port }: Flags): string | undefined {
  if ((stack === undefined) !== (local === true)) {
    return 'Name one target: a stack, for example dev, or --local. (--help shows the usage)';
  }
  if (port === undefined || local === true) return undefined;
  return '--port goes with --local: it is the port of the local platform. (--help shows the usage)';
}

function describe(error: unknown): string {
  const { name, message } = error as Error & { $metadata?: unknown };
  if (error instanceof DeployError || error instanceof EngineError) return message;
  if (name === 'CredentialsProviderError') return unknownCaller(error as Error);
  if ((error as { $metadata?: unknown }).$metadata === undefined) return message;
  return (
    `AWS refused: ${name}: ${message}\n` +
    'Check the credentials ("aws sts get-caller-identity") and what they may do.'
  );
}
