// `npm run local`: starts the platform on this machine and runs until Ctrl-C.
import { Command, InvalidArgumentError, Option } from 'commander';
import type * as PlatformModule from './platform';
import type { Platform } from './platform';
import { followLogs } from './follow-logs';
import { openBrowser } from './open-browser';
import { welcome } from './welcome';

interface Flags {
  stack: string;
  port: number;
  consolePort: number;
  tasks?: number;
  timeScale: number;
  endWithin: number;
  log?: true;
  open?: true;
  watch?: true;
  json?: true;
}

/** The last of the time to end: what hangs is ended by force then. */
const FORCED_EXIT_MS = 100;

function integer(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= low && value <= high) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${low} to ${high}.`);
  };
}

const program = new Command('npm run local --')
  .description(
    'Runs the platform on this machine from the same Pulumi program that AWS gets: edge check, ' +
      'rate limits, load balancer, service tasks, DynamoDB, KMS, OTLP. No AWS account is needed.',
  )
  .addOption(new Option('--stack <name>', 'stack to run').default('dev'))
  .addOption(
    new Option('--port <n>', 'port of the edge, 0 for any free one')
      .default(8080)
      .argParser(integer(0, 65_535)),
  )
  .addOption(
    new Option('--console-port <n>', 'port of the console, 0 for any free one')
      .default(8081)
      .argParser(integer(0, 65_535)),
  )
  .addOption(
    new Option('--tasks <n>', "number of service tasks (default: the stack's minimum)").argParser(
      integer(1, 16),
    ),
  )
  .addOption(
    new Option('--time-scale <n>', 'pass the minutes of the scaling policies this much faster')
      .default(1)
      .argParser(integer(1, 60)),
  )
  .addOption(
    new Option('--end-within <s>', 'seconds to end in, after which it is ended by force')
      .default(3)
      .argParser(integer(1, 600)),
  )
  .option('--log', 'print what tasks and edge log, as it comes')
  .option('--watch', 'replace tasks one by one when the files of their program change')
  .option('--open', 'open the console in a browser')
  .option('--json', 'print one line of JSON when ready, and nothing else')
  .addHelpText(
    'after',
    `
A secret of the workload is made up, unless LOCAL_<NAME> is set: LOCAL_PAYMENT_KEY for PAYMENT_KEY.`,
  )
  .showHelpAfterError('(--help shows the usage)')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse();

const ORPHAN_POLL_MS = 200;

/** The start was given up because the user said so. */
class Interrupted extends Error {}

async function main(flags: Flags): Promise<void> {
  const stopped = new AbortController();
  // Set once, after the handlers that read it are in place.
  const started: { platform?: Platform } = {};
  const stop = () => {
    if (stopped.signal.aborted) return;
    stopped.abort(new Interrupted());
    setTimeout(() => process.exit(1), flags.endWithin * 1000 - FORCED_EXIT_MS).unref();
    if (flags.json !== true) process.stderr.write('\nEnding the platform …\n');
    // During the start there is no platform yet: the start itself sees the signal and undoes itself.
    started.platform?.close().then(() => process.exit(0), fail);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  // npm starts this through a shell that passes no signal on and ends: being orphaned is the signal.
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) stop();
  }, ORPHAN_POLL_MS).unref();

  // Loaded late: --help and a wrong flag need not wait for Pulumi.
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- CommonJS throughout
  const { startPlatform } = require('./platform') as typeof PlatformModule;
  const say = (message: string) => process.stderr.write(`${message}\n`);
  const platform = await startPlatform({
    stack: flags.stack,
    port: flags.port,
    consolePort: flags.consolePort,
    ...(flags.tasks === undefined ? {} : { tasks: flags.tasks }),
    timeScale: flags.timeScale,
    endWithinMs: flags.endWithin * 1000,
    watch: flags.watch === true,
    signal: stopped.signal,
    onProgress: (step) => {
      if (flags.json !== true) say(`${step} …`);
    },
    onEvent: say,
  });
  started.platform = platform;
  if (flags.log === true) process.once('exit', followLogs(platform.logFolder, say));
  if (flags.open === true) openBrowser(platform.console, say);
  if (flags.json === true) {
    const { edge, console, aws, key, stack } = platform;
    process.stdout.write(`${JSON.stringify({ edge, console, aws, key, stack })}\n`);
  } else {
    process.stdout.write(welcome(platform));
  }
}

function fail(error: unknown): never {
  // Whoever ended it during the start knows why nothing came up.
  if (error instanceof Interrupted) process.exit(0);
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

main(program.opts<Flags>()).catch(fail);
