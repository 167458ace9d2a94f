// npm run load: sends requests at a rate, whatever becomes of them, and tells how they fared.
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { readTraceFile } from '../simulate/trace-file';
import { liveLine, renderJson, renderText } from './report';
import { runLoad } from './open-loop';
import { arrivals, shapeOf, shapeOfTrace, SHAPES, stoppedAt } from './shape';
import type { Shape } from './shape';
import { findTarget } from './target';
import type { Target, TargetFlags } from './target';

interface Flags extends TargetFlags {
  rate: number;
  seconds: number;
  shape: (typeof SHAPES)[number];
  trace?: string;
  json?: true;
}

/** Runs the command line; resolves to the exit code: 0, 1 for a failure, 2 for wrong usage. */
export async function main(argv: readonly string[]): Promise<number> {
  const command = commandLine();
  try {
    command.parse([...argv], { from: 'user' });
    const { url, key } = command.opts<Flags>();
    if (key !== undefined && url === undefined) {
      command.error('error: --key goes with --url: the platform that runs here issues one itself');
    }
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
  try {
    return await run(command.opts<Flags>());
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return 1;
  }
}

function commandLine(): Command {
  return new Command('npm run load --')
    .description(
      'Sends GET requests to the platform that runs here, or to a deployed one, at a rate that does not\n' +
        'wait for answers (an open loop), and tells latencies and failures.',
    )
    .option('--rate <n>', 'requests a second, at most 5000', number(0.01, 5000), 10)
    .option('--seconds <n>', 'length, at most 3600', whole(1, 3600), 30)
    .addOption(
      new Option(
        '--shape <kind>',
        'constant; ramp: from 0 to the rate; step: a quarter of it, all of it, a quarter',
      )
        .choices(SHAPES)
        .default('constant'),
    )
    .addOption(
      new Option(
        '--trace <file>',
        'the shape of a CSV with the columns timestamp,requests: its highest at --rate, all of it within --seconds',
      ).conflicts('shape'),
    )
    .option(
      '--url <url>',
      'address of a deployed API (default: the platform that runs here)',
      address,
    )
    .option('--key <key>', 'API key for --url', key)
    .addOption(
      new Option('--port <n>', 'which platform, when several run here')
        .argParser(whole(1, 65_535))
        .conflicts('url'),
    )
    .option('--path <path>', "what is asked for (default: the API's first list)", path)
    .option('--json', 'print one JSON document on standard output')
    .addHelpText(
      'after',
      `
Latency counts from the moment at which a request was due, so that a server that stalls shows it.
It is of answers below 400 and of timeouts (10 s); every other answer is a failure, by its status.
Exit codes: 0 measured; 1 nothing runs, answers or succeeds; 2 wrong usage.`,
    )
    .allowExcessArguments(false)
    .showHelpAfterError('(--help shows the usage)')
    .exitOverride();
}

async function run(flags: Flags): Promise<number> {
  const shape = shapeOfFlags(flags);
  const target = await findTarget(flags);
  warnOfLimits(shape, target);
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  process.on('SIGINT', interrupt);
  try {
    const live = liveLine(process.stderr);
    const outcome = await runLoad({
      ...{ call: target, arrivals: arrivals(shape), signal: stop.signal, onSecond: live.show },
    });
    live.end();
    const report = { outcome, url: target.url };
    process.stdout.write(flags.json === true ? renderJson(report) : renderText(report));
    return outcome.succeeded > 0 ? 0 : 1;
  } finally {
    process.off('SIGINT', interrupt);
  }
}

function shapeOfFlags({ trace, shape, rate, seconds }: Flags): Shape {
  if (trace === undefined) return shapeOf(shape, rate, seconds);
  const file = readTraceFile(trace);
  for (const note of file.notes) process.stderr.write(`Note: ${note}\n`);
  return shapeOfTrace(file.trace, rate, seconds);
}

function warnOfLimits(shape: Shape, { limits, knowsLimits }: Target): void {
  for (const limit of limits) {
    const second = stoppedAt(shape, limit);
    if (second === undefined) continue;
    const whose = knowsLimits
      ? 'This stack allows'
      : 'Unless the stack has another limit, it allows';
    process.stderr.write(
      `Rate limit: ${whose} ${limit.limit} requests in ${limit.windowSeconds} s (${limit.name}); this load exceeds them after ` +
        `${second} s and is answered 429 from then on. Send less, or raise gatehouse:requestsPerSecondPerIp and gatehouse:requestsPerSecondPerKey.\n`,
    );
  }
}

function number(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+(\.\d+)?$/.test(text) && value >= low && value <= high) return value;
    throw new InvalidArgumentError(`Expected a number from ${low} to ${high}.`);
  };
}

function whole(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= low && value <= high) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${low} to ${high}.`);
  };
}

/** An address of an API. */
export function address(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new InvalidArgumentError(
    'Expected an address such as https://d111111abcdef8.cloudfront.net.',
  );
}

/** A text that a header can carry. */
export function key(text: string): string {
  if (/^[\x21-\x7e]+$/.test(text)) return text;
  throw new InvalidArgumentError('Expected an API key: printable characters without spaces.');
}

/** A path of an API, its query included. */
export function path(text: string): string {
  if (/^\/(?!\/)[\x21-\x7e]*$/.test(text)) return text;
  throw new InvalidArgumentError('Expected a path such as /users?limit=10.');
}

if (require.main === module) {
  // `npm run load … | head` closes the pipe early; that is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  void main(process.argv.slice(2)).then((code) => {
    process.exitCode = code;
  });
}
