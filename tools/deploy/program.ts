// The command line of a verb: what it takes, and how failures become exit codes.
import { Command, CommanderError } from 'commander';
import { PROJECT_DIRECTORY } from '../../recorder/stack-file';
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
    .argument('<stack>', 'stack, for example dev', parseStack)
    .addHelpText('after', '\nExit codes: 0 done; 1 it failed; 2 wrong usage.')
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeOut: io.stdout, writeErr: io.stderr })
    .showHelpAfterError('(--help shows the usage)');
  verb.options?.(command);
  try {
    command.parse([...args], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : WRONG_USAGE;
    throw error;
  }
  const stack = command.processedArgs[0] as string;
  try {
    return await verb.run(
      { stack, engine: new Engine(stack, env), io, root },
      command.opts<Flags>(),
    );
  } catch (error) {
    io.stderr(`${describe(error)}\n`);
    return FAILURE;
  }
}

function describe(error: unknown): string {
  const { name, message } = error as Error & { $metadata?: unknown };
  if (error instanceof DeployError || error instanceof EngineError) return message;
  if ((error as { $metadata?: unknown }).$metadata === undefined) return message;
  return (
    `AWS refused: ${name}: ${message}\n` +
    'Check the credentials ("aws sts get-caller-identity") and what they may do.'
  );
}
