// npm run plan: evaluates the program of a stack offline and prints what it would make.
import { writeFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import gatehouse from '../../infra/index';
import { record } from '../../recorder/record';
import { knownStacks } from '../../recorder/stack-file';
import { renderHtml } from './html';
import { isAcceptable, planOf } from './plan';
import { renderText } from './text';

interface PlanFlags {
  stack: string;
  json?: true;
  html?: string;
}

/** Runs the command line; resolves to the exit code: 0, 1 for a failed plan, 2 for wrong usage. */
export async function main(argv: readonly string[]): Promise<number> {
  const command = new Command('npm run plan --')
    .description(
      'Evaluates the whole program offline, without an AWS account and without the Pulumi CLI:\n' +
        'the resource tree with protect and retain, policy violations and outputs.',
    )
    .requiredOption('--stack <name>', `stack to plan (${knownStacks().join(', ')})`)
    .option('--json', 'print one JSON document and nothing else')
    .option('--html <file>', 'also write the plan as one HTML page')
    .addHelpText(
      'after',
      '\nExit codes: 0 planned; 1 the program failed or a mandatory policy is violated; 2 wrong usage.',
    )
    .allowExcessArguments(false)
    .exitOverride();
  try {
    command.parse([...argv], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
  try {
    return await run(command.opts<PlanFlags>());
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return 1;
  }
}

async function run(flags: PlanFlags): Promise<number> {
  const plan = planOf(await record(flags.stack, { program: gatehouse }));
  if (flags.html !== undefined) writePage(flags.html, renderHtml(plan));
  process.stdout.write(
    flags.json === true ? `${JSON.stringify(plan, null, 2)}\n` : renderText(plan),
  );
  if (isAcceptable(plan)) return 0;
  process.stderr.write(
    'A mandatory policy is violated: correct the program or its configuration.\n',
  );
  return 1;
}

function writePage(file: string, page: string): void {
  try {
    writeFileSync(file, page);
  } catch (error) {
    throw new Error(
      `--html ${file} cannot be written (${(error as Error).message}): name a file in a folder that exists.`,
      { cause: error },
    );
  }
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
