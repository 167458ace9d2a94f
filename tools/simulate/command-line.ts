// The command line of the simulator: its options, and what they may be.
import { Command, InvalidArgumentError, Option } from 'commander';
import { knownStacks } from '../../recorder/stack-file';
import type { Setting } from './setting';

/** The options as they were given. */
export interface Flags {
  stack: string;
  trace?: string;
  latencies?: string;
  serviceMs?: number;
  dependencyMs: number;
  serviceCv: number;
  capacity?: number;
  min?: number;
  max?: number;
  seed: number;
  engine: 'flow' | 'events';
  threads?: number;
  balancing: Setting['balancing'];
  json?: true;
  html?: string;
}

/** Reads nothing yet; throws a CommanderError in place of ending the process. */
export function commandLine(): Command {
  return new Command('npm run simulate --')
    .description(
      "Simulates AWS's scaling and the service's queueing, and compares the stack's own policies with others:\n" +
        'minutes and requests over the target, task-hours, flapping. The same seed gives the same result.',
    )
    .option(
      '--stack <name>',
      `stack whose policies are tried (${knownStacks().join(', ')})`,
      'prod',
    )
    .option(
      '--trace <file>',
      'traffic: a CSV with the columns timestamp,requests (requests in the interval that starts there); without it the built-in traces',
    )
    .addOption(
      new Option(
        '--latencies <file>',
        'what requests take without load on a task of this size: a CSV with the column durationMs, and dependencyMs if known, or what the local console answers at /api/traces; gives --service-ms, --service-cv and --dependency-ms',
      ).conflicts(['serviceMs', 'serviceCv']),
    )
    .option(
      '--service-ms <ms>',
      "CPU of a request on a task of this size (default: from the stack's capacity)",
      positive,
    )
    .option(
      '--dependency-ms <ms>',
      'time of a request that more tasks do not shorten',
      notNegative,
      4,
    )
    .option(
      '--service-cv <n>',
      'how much requests differ in CPU: deviation over mean, lognormal',
      notNegative,
      1,
    )
    .option(
      '--capacity <n>',
      'requests a minute and task that the policies believe in (default: what --service-ms gives)',
      positive,
    )
    .option('--min <n>', "fewest tasks (default: the stack's)", whole)
    .option('--max <n>', "most tasks (default: the stack's)", whole)
    .option('--seed <n>', 'of traffic, starts and luck', seed, 1)
    .addOption(
      new Option('--engine <kind>', 'flow: by the second, fast; events: every request, slow')
        .choices(['flow', 'events'])
        .default('flow'),
    )
    .option(
      '--threads <n>',
      'a task works on so many requests in order, in place of sharing its processor; with --engine events',
      whole,
    )
    .addOption(
      new Option('--balancing <kind>', 'how the load balancer picks a task; with --engine events')
        .choices(['least-outstanding', 'round-robin', 'random'])
        .default('least-outstanding'),
    )
    .option('--json', 'print one JSON document and nothing else')
    .option('--html <file>', 'also draw traffic, response time and tasks as one HTML page')
    .addHelpText(
      'after',
      '\nExit codes: 0 compared; 1 something could not be read or written; 2 wrong usage.',
    )
    .allowExcessArguments(false)
    .showHelpAfterError('(--help shows the usage)')
    .exitOverride();
}

function number(text: string, test: (value: number) => boolean, expected: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || !test(value)) {
    throw new InvalidArgumentError(`Expected ${expected}.`);
  }
  return value;
}

function positive(text: string): number {
  return number(text, (value) => value > 0 && value <= 1e7, 'a number above 0');
}

function notNegative(text: string): number {
  return number(text, (value) => value >= 0 && value <= 1e6, 'a number from 0 up');
}

function whole(text: string): number {
  const wanted = 'a whole number from 1 to 1000';
  return number(text, (value) => Number.isInteger(value) && value >= 1 && value <= 1000, wanted);
}

function seed(text: string): number {
  const wanted = 'a whole number from 0 up';
  return number(text, (value) => Number.isInteger(value) && value >= 0 && value < 2 ** 31, wanted);
}
