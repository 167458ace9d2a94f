// npm run from-copilot: reads a manifest, writes a workload file and a stack file, and reports what is lost.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { stringify } from 'yaml';
import { REGION } from '../../contracts/aws-limits';
import { readWorkloadFile } from '../../contracts/workload-file';
import { PROJECT_DIRECTORY } from '../../recorder/stack-file';
import { convert, workloadFile, type Conversion } from './convert';
import type { Surroundings } from './variables';
import { readManifest } from './manifest';

/** Where the command prints. */
export interface Io {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
}

interface Flags extends Surroundings {
  readonly stack?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

interface OutFile {
  readonly path: string;
  readonly text: string;
}

/** A failure that its message says in full. */
class ConversionError extends Error {}

/** @param root Where Pulumi.yaml is. @returns the exit code: 1 for a failure, 2 for wrong usage. */
export function fromCopilot(args: readonly string[], io: Io, root = PROJECT_DIRECTORY): number {
  const command = commandOf(io);
  try {
    command.parse([...args], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
  const flags = command.opts<Flags>();
  try {
    run(command.processedArgs[0] as string, flags, io, root);
    return 0;
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    io.stderr(`${error.message}\n`);
    return 1;
  }
}

function commandOf(io: Io): Command {
  return new Command('npm run from-copilot --')
    .description(
      'Writes the workload file and the settings of a stack for a service of AWS Copilot (Load Balanced Web ' +
        'Service or Backend Service), and says what is lost and what is left to do. Changes nothing on AWS.',
    )
    .argument('<manifest>', 'manifest.yml of the service')
    .option(
      '--stack <name>',
      'stack to write (default: the name of the service)',
      parsed(/^[\w.-]{1,100}$/, 'the name of a stack'),
    )
    .option(
      '--environment <name>',
      "take this environment's values, and its name where names are made of it",
    )
    .option('--application <name>', 'name of the Copilot application, where names are made of it')
    .option(
      '--region <region>',
      'region of the stack (default: that of the image in ECR)',
      parsed(REGION, 'a region such as eu-central-1'),
    )
    .option(
      '--account <id>',
      'account of the secrets (default: that of the image in ECR)',
      parsed(/^\d{12}$/, 'the 12 digits of an account'),
    )
    .option('--force', 'write over files that are there')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExit codes: 0 written; 1 it failed; 2 wrong usage.')
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeOut: io.stdout, writeErr: io.stderr })
    .showHelpAfterError('(--help shows the usage)');
}

function parsed(pattern: RegExp, legal: string): (text: string) => string {
  return (text) => {
    if (pattern.test(text)) return text;
    throw new InvalidArgumentError(`Expected ${legal}.`);
  };
}

function run(manifestPath: string, flags: Flags, io: Io, root: string): void {
  const read = readManifest(textOf(manifestPath), flags.environment);
  if ('problems' in read) throw new ConversionError(said(manifestPath, read.problems));
  const conversion = convert(read, flags);
  if (conversion.settings['aws:region'] === undefined) {
    throw new ConversionError(
      `${manifestPath} does not say in which region the stack is to be, and its image is not in ECR: pass --region, for example --region eu-central-1.`,
    );
  }
  const name = String(conversion.workload.name);
  const stack = flags.stack ?? name;
  const files: OutFile[] = [
    {
      path: join(root, workloadFile(name)),
      text: `# What the platform must know of ${name}: docs/own-api.md. Made from a manifest of AWS Copilot.\n${yaml(conversion.workload)}`,
    },
    {
      path: join(root, `Pulumi.${stack}.yaml`),
      text: `# Stack ${stack}: docs/settings.md says what else there is. Made from a manifest of AWS Copilot.\n${yaml({ config: conversion.settings })}`,
    },
  ];
  checkWorkload(manifestPath, conversion);
  refuseToOverwrite(files, flags.force === true, root);
  for (const { path, text } of files) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  const written = files.map(({ path }) => relative(root, path));
  const toDo = conversion.toDo.map((line) => line.replaceAll('STACK', stack));
  const { lost } = conversion;
  io.stdout(
    flags.json === true
      ? `${JSON.stringify({ stack, written, lost, toDo }, null, 2)}\n`
      : report({ ...conversion, toDo }, stack, written),
  );
}

function textOf(path: string): string {
  try {
    // npm runs scripts in the project's folder, wherever it was called.
    return readFileSync(resolve(process.env.INIT_CWD ?? '', path), 'utf8');
  } catch (error) {
    throw new ConversionError(
      `${path} can't be read (${(error as NodeJS.ErrnoException).code}): expected the manifest.yml of a service, as in copilot/frontend/manifest.yml.`,
    );
  }
}

/** By the schema that the platform itself reads it with. */
function checkWorkload(manifestPath: string, { workload }: Conversion): void {
  const reading = readWorkloadFile(yaml(workload));
  if ('workload' in reading) return;
  throw new ConversionError(
    said(
      manifestPath,
      reading.problems.map(
        (text) => `what it says makes no workload: ${text.replace(/^line \d+: /, '')}`,
      ),
    ),
  );
}

function refuseToOverwrite(files: readonly OutFile[], force: boolean, root: string): void {
  const there = files.filter(({ path }) => existsSync(path));
  if (force || there.length === 0) return;
  throw new ConversionError(
    `${there.map(({ path }) => relative(root, path)).join(' and ')} ${there.length === 1 ? 'is' : 'are'} there already, and nothing was written: pass --force to write over, or --stack for another name.`,
  );
}

function said(path: string, problems: readonly string[]): string {
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  return `${path} has ${count}:\n${problems.map((text) => `  - ${text}`).join('\n')}`;
}

function yaml(value: unknown): string {
  return stringify(value, { lineWidth: 0 });
}

function report({ lost, toDo }: Conversion, stack: string, written: readonly string[]): string {
  return [
    `Written: ${written.join(', ')}`,
    '',
    'Lost:',
    ...lost.map(
      ({ line, what, why }) => `  ${line === 0 ? 'Copilot' : `line ${line}`}: ${what}: ${why}`,
    ),
    '',
    'To do:',
    ...toDo.map((text, index) => `  ${index + 1}. ${text}`),
    '',
    `Then: npm run plan -- --stack ${stack}`,
    '',
  ].join('\n');
}
