// npm run plan: evaluates the program of a stack offline and prints what it would make.
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { knownStacks } from '../../recorder/stack-file';
import { planAgainst } from './against';
import type * as RunModule from './run';
import type { PlanFlags } from './run';

/** Runs the command line; resolves to the exit code: 0, 1 for a failed plan, 2 for wrong usage. */
export async function main(argv: readonly string[]): Promise<number> {
  const command = new Command('npm run plan --')
    .description(
      'Evaluates the whole program offline, without an AWS account and without the Pulumi CLI:\n' +
        'the resource tree with protect and retain, policy violations and outputs.',
    )
    .option('--stack <name>', `stack to plan (${knownStacks().join(', ')})`)
    .option('--json', 'print one JSON document and nothing else')
    .option('--html <file>', 'also write the plan as one HTML page')
    .option(
      '--against <file or ref>',
      'say what changes since a plan that --json saved, or since a branch, tag or commit:\n' +
        'resources, data that would be lost, rights, alarms, price',
    )
    .option('--markdown', 'print the comparison as the comment of a pull request')
    .option('--requests <n>', 'requests a second that the price is given for', rate, 100)
    .addHelpText(
      'after',
      '\nExit codes: 0 planned; 1 the program failed or a mandatory policy is violated; 2 wrong usage.',
    )
    .allowExcessArguments(false)
    .showHelpAfterError('(--help shows the usage)')
    .exitOverride();
  try {
    command.parse([...argv], { from: 'user' });
    const { stack, markdown, json, against } = command.opts<Partial<PlanFlags>>();
    if (stack === undefined) command.error(whichStack());
    if (markdown === true && (json === true || against === undefined)) {
      command.error('error: --markdown goes with --against, and not with --json');
    }
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
  try {
    const flags = command.opts<PlanFlags>();
    // Another process is at it from here on, while this one loads Pulumi, which wrong usage needs not.
    const before =
      flags.against === undefined ? undefined : planAgainst(flags.against, flags.stack);
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- CommonJS throughout
    const { run } = require('./run') as typeof RunModule;
    return await run(flags, before);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return 1;
  }
}

function whichStack(): string {
  const stacks = knownStacks();
  return (
    `Which stack? There ${stacks.length === 1 ? 'is' : 'are'}:\n` +
    stacks.map((stack) => `  npm run plan -- --stack ${stack}\n`).join('')
  ).trimEnd();
}

function rate(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= 1_000_000) return value;
  throw new InvalidArgumentError('Expected requests a second, above 0 and up to 1000000.');
}

if (require.main === module) {
  // `npm run plan … | head` closes the pipe early; that is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  // Not process.exit: a long JSON document must reach a slow pipe first.
  void main(process.argv.slice(2)).then((code) => {
    process.exitCode = code;
  });
}
