// npm run simulate: compares scaling policies on traffic, built in or from a file, without AWS.
import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { SingleBar } from 'cli-progress';
import { CommanderError } from 'commander';
import { commandLine, type Flags } from './command-line';
import { builtIns, calibrate, compare, stepsOf } from './comparison';
import type { Compared } from './comparison';
import { renderHtml } from './html';
import { fitService, readLatencyFile } from './latency-file';
import { REQUEST_LIMITS } from './limits';
import type { Setting } from './setting';
import { readScaledStack } from './stack';
import type { ScaledStack } from './stack';
import { renderText } from './text';
import type { Result } from './tally';
import { readTraceFile } from './trace-file';

/** Every request of a longer trace would take hours to follow. */
const MOST_EVENTS = 50_000_000;

/** Runs the command line; resolves to the exit code: 0, 1 for a failure, 2 for wrong usage. */
export async function main(argv: readonly string[]): Promise<number> {
  const command = commandLine();
  try {
    command.parse([...argv], { from: 'user' });
    const { min, max, threads, engine } = command.opts<Flags>();
    if (min !== undefined && max !== undefined && min > max) {
      command.error(`error: --min ${min} is above --max ${max}`);
    }
    if (threads !== undefined && engine === 'flow') {
      command.error('error: --threads needs --engine events, which follows every request');
    }
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
  try {
    const isGiven = (name: string) => command.getOptionValueSource(name) === 'cli';
    await run(fitted(command.opts<Flags>(), isGiven('dependencyMs')));
    return 0;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return 1;
  }
}

async function run(flags: Flags): Promise<void> {
  const file = flags.trace === undefined ? undefined : readTraceFile(flags.trace);
  for (const note of file?.notes ?? []) process.stderr.write(`Note: ${note}\n`);
  const before = await readScaledStack(flags.stack);
  const calibration = calibrate(flags, before);
  const stack =
    calibration.believed === undefined
      ? before
      : await readScaledStack(flags.stack, calibration.believed);
  const setting = settingOf(flags, stack, calibration.serviceMs);
  const traces = file === undefined ? builtIns(calibration, setting) : [file.trace];
  if (flags.engine === 'events') refuseEndless(traces, setting);
  const bar = progress(flags, stepsOf(traces));
  const compared = compare(stack, traces, setting, bar.step);
  bar.stop();
  if (flags.html !== undefined) writePage(flags.html, renderHtml(compared, stack.targetMs));
  process.stdout.write(
    flags.json === true
      ? `${JSON.stringify(file === undefined ? compared.map(asJson) : asJson(compared[0] as Compared), null, 2)}\n`
      : `${about(flags, stack, setting)}\n\n${renderText(compared, stack.targetMs)}`,
  );
}

/** The service as the file of latencies has it, if there is one. */
function fitted(flags: Flags, knowsDependency: boolean): Flags {
  const { latencies, dependencyMs } = flags;
  if (latencies === undefined) return flags;
  const given = knowsDependency ? dependencyMs : undefined;
  const service = fitService(readLatencyFile(latencies), basename(latencies), given);
  const [own, waiting, cv] = [service.serviceMs, service.dependencyMs, service.serviceCv].map(
    (value) => value.toFixed(2),
  );
  process.stderr.write(
    `Note: by ${basename(latencies)} a request takes ${own} ms of the service, ${cv} times that in deviation, and ${waiting} ms of waiting.\n`,
  );
  return { ...flags, ...service };
}

function settingOf(flags: Flags, stack: ScaledStack, serviceMs: number): Setting {
  const minimum = flags.min ?? Math.min(stack.minimum, flags.max ?? stack.minimum);
  return {
    ...{ serviceMs, dependencyMs: flags.dependencyMs, serviceCv: flags.serviceCv },
    ...{ targetMs: stack.targetMs, vcpus: stack.vcpus, taskHourDollars: stack.taskHourDollars },
    ...{ minimum, maximum: flags.max ?? Math.max(stack.maximum, minimum) },
    fleet: {
      startSeconds: [30, 90],
      ...{ healthSeconds: stack.healthSeconds, drainSeconds: stack.drainSeconds },
    },
    ...{ names: stack.names, seed: flags.seed, engine: flags.engine },
    discipline:
      flags.threads === undefined ? { kind: 'sharing' } : { kind: 'fifo', threads: flags.threads },
    balancing: flags.balancing,
    ...REQUEST_LIMITS,
  };
}

function refuseEndless(traces: ReturnType<typeof builtIns>, { engine }: Setting): void {
  let requests = 0;
  for (const trace of traces) {
    for (let second = 0; second < trace.seconds; second += 60) requests += 60 * trace.rate(second);
  }
  if (requests > MOST_EVENTS) {
    throw new Error(
      `--engine ${engine} would follow ${Math.round(requests / 1e6)} million requests for each policy; at most ${MOST_EVENTS / 1e6} are. Cut the trace (--trace with a few hours), or use --engine flow.`,
    );
  }
}

function progress({ json }: Flags, steps: number) {
  if (json === true || !process.stderr.isTTY) return { step: () => {}, stop: () => {} };
  const bar = new SingleBar({
    ...{ format: 'Simulating [{bar}] {value}/{total}', stream: process.stderr, hideCursor: true },
    clearOnComplete: true,
  });
  bar.start(steps, 0);
  return { step: () => bar.increment(), stop: () => bar.stop() };
}

function about({ stack: name }: Flags, stack: ScaledStack, setting: Setting): string {
  const { serviceMs, dependencyMs, minimum, maximum, seed, targetMs } = setting;
  const unloadedMs = serviceMs + dependencyMs;
  const unreachable =
    unloadedMs > 0.8 * targetMs
      ? `\nA request takes ${unloadedMs.toFixed(1)} ms without load, more than 80 % of the target: no number of tasks holds it.`
      : '';
  return (
    `Policies of stack ${name}: ${minimum} to ${maximum} tasks, target ${targetMs} ms, ${Math.round(stack.requestsPerTaskPerMinute)} requests a minute and task; ` +
    `a request takes ${serviceMs.toFixed(2)} ms of CPU and ${dependencyMs} ms of waiting; seed ${seed}.${unreachable}`
  );
}

/** The form that docs and scripts rely on. */
function asJson({ trace, results }: Compared) {
  return {
    trace: trace.name,
    policies: results.map(({ minutes: _minutes, dollars: _dollars, ...result }: Result) => ({
      ...result,
      taskHours: Number(result.taskHours.toFixed(3)),
      p99Ms: Number(result.p99Ms.toFixed(1)),
    })),
  };
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
  // `npm run simulate … | head` closes the pipe early; that is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  // Not process.exit: a long JSON document must reach a slow pipe first.
  void main(process.argv.slice(2)).then((code) => {
    process.exitCode = code;
  });
}
