// npm run previews: the stacks of pull requests that have outlived their time, one a line.
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { parseDuration } from '../keys/duration';
import { Engine, type ListedStack } from './engine';
import { EngineError } from './engine-errors';
import type { DeployIo } from './io';
import { shortName } from './stack-name';

/** Stack of a pull request: `pr-12`, as .github/workflows/preview.yml calls it. */
const PREVIEW = /^pr-\d+$/;

interface Flags {
  /** Milliseconds. */
  readonly olderThan: number;
  readonly json?: boolean;
}

/** @returns the exit code: 1 for a failure, 2 for wrong usage. */
export async function previews(
  args: readonly string[],
  io: DeployIo,
  env: NodeJS.ProcessEnv = process.env,
): Promise<number> {
  const command = new Command('npm run previews --')
    .description(
      'Lists the stacks of pull requests (pr-NUMBER) that nobody has updated for so long, one a line.',
    )
    .option('--older-than <duration>', 'since the last update, such as 48h', duration, 0)
    .option('--json', 'print one JSON document')
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeOut: io.stdout, writeErr: io.stderr })
    .showHelpAfterError('(--help shows the usage)');
  try {
    command.parse([...args], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
  const { olderThan, json = false } = command.opts<Flags>();
  try {
    const stacks = await new Engine('', env).stacks();
    const expired = stacks.filter((stack) => isExpired(stack, io.now() - olderThan));
    io.stdout(
      json
        ? `${JSON.stringify(expired, null, 2)}\n`
        : expired.map(({ name }) => `${shortName(name)}\n`).join(''),
    );
    return 0;
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    io.stderr(`${error.message}\n`);
    return 1;
  }
}

/** One that was made and never updated ends, too; one that is being updated does not. */
function isExpired({ name, lastUpdate, updateInProgress }: ListedStack, before: number): boolean {
  if (!PREVIEW.test(shortName(name)) || updateInProgress === true) return false;
  return lastUpdate === undefined || Date.parse(lastUpdate) <= before;
}

function duration(text: string): number {
  try {
    return parseDuration(text) * 1000;
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}
