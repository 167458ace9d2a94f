// Reads how long requests took, from a CSV file or from traces of the console, and fits the service's law.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

/** What requests took without load, milliseconds. */
export interface Latencies {
  readonly durations: readonly number[];
  /** Of each, what it waited for others; where the file tells. */
  readonly waited?: readonly number[];
}

/** The service as the simulator takes it. */
export interface FittedService {
  readonly serviceMs: number;
  readonly dependencyMs: number;
  readonly serviceCv: number;
}

const HEADERS = ['durationMs', 'durationMs,dependencyMs'];
const NUMBER = /^\d+(\.\d+)?([eE][+-]?\d+)?$/;
/** An hour: longer is another unit. */
const MOST_MS = 3_600_000;
/** Fewer say nothing of how much requests differ. */
const FEWEST = 20;
/** What all but a hundredth of the requests take is what all have in common. */
const COMMON_SHARE = 0.01;

/** @throws Error that names the file, the line and what was expected. */
export function readLatencyFile(file: string): Latencies {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`--latencies ${file} cannot be read (${(error as Error).message}).`, {
      cause: error,
    });
  }
  return readLatencies(text, basename(file));
}

/** The same from a text. */
export function readLatencies(text: string, name: string): Latencies {
  const plain = text.replace(/^\uFEFF/, '');
  const found = plain.trimStart().startsWith('{') ? ofTraces(plain, name) : ofCsv(plain, name);
  if (found.durations.length < FEWEST) {
    throw new Error(
      `${name} has ${found.durations.length} requests; at least ${FEWEST} are needed to tell how much they differ.`,
    );
  }
  return found;
}

/**
 * Mean and deviation of what is the service's own. Where the file does not tell it apart, what nearly
 * all requests take is the dependency's, unless that is given.
 * @throws Error when nothing is left for the service.
 */
export function fitService(
  { durations, waited }: Latencies,
  name: string,
  givenMs?: number,
): FittedService {
  const sorted = Float64Array.from(durations).sort();
  const common = sorted[Math.floor(COMMON_SHARE * sorted.length)] as number;
  const dependencyMs = givenMs ?? (waited === undefined ? common : mean(waited));
  const own = durations.map((ms, at) => Math.max(0, ms - (waited?.[at] ?? dependencyMs)));
  const serviceMs = mean(own);
  if (serviceMs <= 0) {
    throw new Error(
      `In ${name} no request takes longer than the ${dependencyMs} ms that it waits: nothing is left for the service. Give a smaller --dependency-ms.`,
    );
  }
  const deviation = Math.sqrt(mean(own.map((ms) => (ms - serviceMs) ** 2)));
  return { serviceMs, dependencyMs, serviceCv: deviation / serviceMs };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function ofCsv(text: string, name: string): Latencies {
  const lines = text.split('\n');
  const fail = (index: number, problem: string): never => {
    throw new Error(`${name}, line ${index + 1}: ${problem}`);
  };
  const header = (lines[0] ?? '').trim().replaceAll(/["\s]/g, '');
  if (!HEADERS.includes(header)) {
    fail(0, `the header is "${header.slice(0, 60)}"; expected "${HEADERS.join('" or "')}".`);
  }
  const columns = header.split(',').length;
  const durations: number[] = [];
  const waited: number[] = [];
  for (let index = 1; index < lines.length; index += 1) {
    const line = (lines[index] as string).trim();
    if (line === '') continue;
    const cells = line.split(',').map((cell) => cell.trim());
    if (cells.length !== columns) {
      fail(index, `there are ${cells.length} columns; expected ${columns}.`);
    }
    for (const cell of cells) {
      if (!NUMBER.test(cell) || Number(cell) > MOST_MS) {
        fail(
          index,
          `"${cell.slice(0, 40)}" is no time; expected milliseconds from 0 to ${MOST_MS}.`,
        );
      }
    }
    const [duration = 0, dependency = 0] = cells.map(Number);
    if (dependency > duration) {
      fail(
        index,
        `it waited ${dependency} ms for others, longer than the ${duration} ms of it all.`,
      );
    }
    durations.push(duration);
    waited.push(dependency);
  }
  return columns === 1 ? { durations } : { durations, waited };
}

/** What the console of the local platform answers at `/api/traces`. */
function ofTraces(text: string, name: string): Latencies {
  const expected =
    'expected what the console of the local platform answers at /api/traces: {"traces":[{"durationMs":…,"parts":[…]}]}.';
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new Error(`${name} is no JSON (${(error as Error).message}); ${expected}`, {
      cause: error,
    });
  }
  const { traces } = document as { traces?: unknown };
  if (!Array.isArray(traces)) throw new Error(`${name} has no list of traces; ${expected}`);
  const rows = traces.map((trace: unknown, index) => {
    const { durationMs, parts } = (trace ?? {}) as Record<string, unknown>;
    const own = Array.isArray(parts)
      ? (parts as unknown[])
          .map((part) => (part ?? {}) as Record<string, unknown>)
          .find((part) => part['name'] === 'service')?.['ms']
      : undefined;
    if (!isTime(durationMs) || !isTime(own) || own > durationMs) {
      throw new Error(`${name}, trace ${index + 1}: it has no times; ${expected}`);
    }
    return { durationMs, waitedMs: durationMs - own };
  });
  return {
    durations: rows.map(({ durationMs }) => durationMs),
    waited: rows.map(({ waitedMs }) => waitedMs),
  };
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= MOST_MS;
}
