// npm run capacity: what one task holds at the target, and the setting that says so.
import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { SETTINGS } from '../../infra/settings/settings';
import { readStackConfig } from '../../recorder/stack-file';
import { address, key, path } from '../load/main';
import { runLoad, tryOnce } from '../load/open-loop';
import { arrivals } from '../load/shape';
import { cpuSecondsOf } from '../local/fargate/usage';
import { fit } from './fit';
import { measure } from './measure';
import type { MeasureOptions, StepOutcome } from './measure';
import { renderJson, renderText } from './report';
import type { Report } from './report';
import { deployed, startHere, type Subject } from './subject';

interface Flags {
  stack: string;
  url?: URL;
  key?: string;
  path?: string;
  create?: string;
  targetMs?: number;
  dependencyMs: number;
  networkMs?: number;
  stepSeconds: number;
  json?: true;
}

const DEPENDENCY_MS = 4;
/** Far beyond the target: that the target is passed is known by then. */
const TIMEOUT_TARGETS = 100;
/** Beyond this part of the target it is this process that is slow. */
const LATE_SHARE = 0.1;

/** Runs the command line; resolves to the exit code: 0, 1 for a failure, 2 for wrong usage. */
export async function main(argv: readonly string[]): Promise<number> {
  const command = commandLine();
  try {
    command.parse([...argv], { from: 'user' });
    const flags = command.opts<Flags>();
    if (flags.url === undefined && flags.key !== undefined) {
      command.error('error: --key goes with --url: a task that runs here is asked without one');
    }
    if (flags.url !== undefined && flags.create !== undefined) {
      command.error('error: --create is for a task that runs here: name what is there with --path');
    }
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
  try {
    await run(command.opts<Flags>());
    return 0;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return 1;
  }
}

function commandLine(): Command {
  return new Command('npm run capacity --')
    .description(
      'Raises the load on one task until its average response time is the target, and prints what it\n' +
        'holds: a task that is started here at its size, or a deployed API whose minTasks and maxTasks are 1.',
    )
    .option('--stack <name>', 'whose task is started here', 'prod')
    .option('--path <path>', "what is asked for (default: the API's first list)", path)
    .addOption(
      new Option(
        '--create <file>',
        'a document that is sent to the path first; the load then reads what its Location names',
      ).argParser(document),
    )
    .option(
      '--dependency-ms <n>',
      'what a call of DynamoDB takes here',
      milliseconds,
      DEPENDENCY_MS,
    )
    .option('--url <url>', 'address of a deployed API', address)
    .option('--key <key>', 'API key for --url', key)
    .option(
      '--network-ms <n>',
      'what an answer of --url takes on its way, which is not the service (default: what a refusal of the edge takes)',
      milliseconds,
    )
    .option('--target-ms <n>', "the average (default: the stack's targetResponseMs)", milliseconds)
    .option(
      '--step-seconds <n>',
      'length of a step, twice as long near the target',
      milliseconds,
      5,
    )
    .option('--json', 'print one JSON document on standard output')
    .addHelpText(
      'after',
      `
It takes about three minutes. Arrivals wait for no answer and know nothing of each other. Of a machine that does
other work what is found is too low. Exit codes: 0 measured; 1 it could not be; 2 wrong usage.`,
    )
    .allowExcessArguments(false)
    .showHelpAfterError('(--help shows the usage)')
    .exitOverride();
}

async function run(flags: Flags): Promise<void> {
  const { stepSeconds, targetMs = targetOf(flags.stack) } = flags;
  const subject = flags.url === undefined ? await startHere(flags) : await deployed(flags);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  try {
    const status = await tryOnce(subject.call);
    if (status >= 400) throw new Error(`GET ${subject.call.url.pathname} answers ${status}.`);
    delay.enable();
    const { cpu, load } = loadOf(subject, TIMEOUT_TARGETS * targetMs);
    const measured = await measure({ targetMs, stepSeconds, load, onStep: progress });
    const report: Report = {
      ...{ ...measured, ...fit(measured.steps), targetMs, url: subject.call.url.href },
      ...(subject.task === undefined ? {} : { task: { ...subject.task, cpuMs: cpu() } }),
      networkMs: subject.networkMs,
      lateMs: lateOf(delay, targetMs),
    };
    process.stdout.write(flags.json === true ? renderJson(report) : renderText(report));
  } finally {
    delay.disable();
    await subject.close();
  }
}

/** As the stack's file has it, or by default. */
function targetOf(stack: string): number {
  const given = readStackConfig(stack).values['gatehouse:targetResponseMs'];
  return Number(given ?? SETTINGS.targetResponseMs.fallback);
}

/** Loads the subject; `cpu` is the processor time of a request, if it runs here. */
function loadOf(
  { call, task, networkMs }: Subject,
  timeoutMs: number,
): {
  load: MeasureOptions['load'];
  cpu: () => number | undefined;
} {
  const cpuMs: number[] = [];
  const used = () => (task === undefined ? undefined : cpuSecondsOf(task.pid));
  return {
    // Of all steps the cheapest: code is compiled, and nothing was given up.
    cpu: () => (cpuMs.length === 0 ? undefined : Math.min(...cpuMs)),
    async load(rate, seconds): Promise<StepOutcome> {
      const before = used();
      const { sent, failures, latency } = await runLoad({
        ...{ call, timeoutMs },
        // Many clients that know nothing of each other.
        arrivals: arrivals({ seconds, rate: () => rate }, () => -Math.log(1 - Math.random())),
      });
      const after = used();
      if (before !== undefined && after !== undefined) cpuMs.push(((after - before) * 1000) / sent);
      return { sent, failures, meanMs: latency.mean / 1000 - networkMs };
    },
  };
}

/** Time by which this process was late on average: what it adds to each answer. */
function lateOf(delay: ReturnType<typeof monitorEventLoopDelay>, targetMs: number) {
  // A look each millisecond takes one itself.
  const ms = Math.max(0, delay.mean / 1e6 - 1);
  return ms > LATE_SHARE * targetMs ? ms : undefined;
}

const progress: NonNullable<MeasureOptions['onStep']> = ({ rate, purpose, meanMs }) => {
  const told =
    meanMs === undefined
      ? ''
      : Number.isFinite(meanMs)
        ? `: ${meanMs.toFixed(1)} ms on average`
        : ': not answered in time';
  const text = `${purpose} at ${Math.round(rate)} requests a second${told}`;
  if (process.stderr.isTTY) {
    process.stderr.write(`\r\u001b[K${text}${meanMs === undefined ? ' …' : '\n'}`);
  } else if (meanMs !== undefined || purpose === 'warming up') {
    process.stderr.write(`${text}\n`);
  }
};

function milliseconds(text: string): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value > 0 && value <= 60_000) return value;
  throw new InvalidArgumentError('Expected a number above 0, at most 60000.');
}

function document(file: string): string {
  try {
    const text = readFileSync(file, 'utf8');
    JSON.parse(text);
    return text;
  } catch (error) {
    throw new InvalidArgumentError(
      `Expected a file with a JSON document: ${(error as Error).message}`,
    );
  }
}

if (require.main === module) {
  void main(process.argv.slice(2)).then((code) => {
    process.exitCode = code;
  });
}
