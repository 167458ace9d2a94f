// Reads traffic from a CSV file with the columns timestamp,requests.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Trace } from './traces';

/** A trace from a file, and what was made of its irregularities. */
export interface TraceFile {
  trace: Trace;
  /** Sentences for people; empty for a regular file. */
  notes: string[];
}

const HEADER = 'timestamp,requests';
/** ISO 8601; without an offset it is UTC. */
const TIMESTAMP = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$/;
const NUMBER = /^\d+(\.\d+)?([eE][+]?\d+)?$/;
/** Longest trace, seconds: a second is a step, and a mistyped year must not take hours. */
const MOST_SECONDS = 400 * 86_400;
/** Most requests in a row: a billion a second for a quarter of an hour is no traffic any more. */
const MOST_REQUESTS = 1e12;
/** A row after more than so many intervals leaves a gap. */
const GAP_INTERVALS = 1.5;
/** Interval of a file with a single row, seconds. */
const MINUTE = 60;

/**
 * @throws Error that names the file, the line and what was expected.
 */
export function readTraceFile(file: string): TraceFile {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`--trace ${file} cannot be read (${(error as Error).message}).`, {
      cause: error,
    });
  }
  return readTrace(text, basename(file));
}

/** The same from a text. */
export function readTrace(text: string, name: string): TraceFile {
  const rows = rowsOf(text, name);
  const interval = intervalOf(rows.starts);
  const first = rows.starts[0] as number;
  const last = rows.starts[rows.starts.length - 1] as number;
  const seconds = Math.round(last - first + interval);
  if (seconds > MOST_SECONDS) {
    throw new Error(
      `${name} spans ${Math.round(seconds / 86_400)} days; at most ${MOST_SECONDS / 86_400} are simulated. Check its timestamps or cut it.`,
    );
  }
  const { rates, gaps } = ratesOf(rows, first, seconds, interval);
  const notes =
    gaps.count === 0
      ? []
      : [
          `${name} has ${gaps.count} ${gaps.count === 1 ? 'gap' : 'gaps'} (${Math.round(gaps.seconds / MINUTE)} min in all, the first after line ${gaps.line}); they are taken as no traffic.`,
        ];
  return {
    notes,
    trace: {
      ...{ name, about: `${rows.starts.length} rows of ${name}, ${interval} s apart.`, seconds },
      rate: (second) => rates[second] ?? 0,
      serviceFactor: () => 1,
      dependencyFactor: () => 1,
    },
  };
}

interface Rows {
  /** Seconds since 1970. */
  starts: number[];
  requests: number[];
}

function rowsOf(text: string, name: string): Rows {
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  const fail = (index: number, problem: string): never => {
    throw new Error(`${name}, line ${index + 1}: ${problem}`);
  };
  const header = (lines[0] ?? '').trim();
  if (header.toLowerCase().replaceAll(/["\s]/g, '') !== HEADER) {
    fail(0, `the header is "${header.slice(0, 60)}"; expected "${HEADER}".`);
  }
  const rows: Rows = { starts: [], requests: [] };
  let before = Number.NEGATIVE_INFINITY;
  for (let index = 1; index < lines.length; index += 1) {
    const line = (lines[index] as string).trim();
    if (line === '') continue;
    const comma = line.indexOf(',');
    const timestamp = line.slice(0, comma === -1 ? line.length : comma).trim();
    const count = comma === -1 ? '' : line.slice(comma + 1).trim();
    const start = secondsOf(timestamp);
    if (start === undefined) {
      fail(index, `"${timestamp.slice(0, 40)}" is no timestamp; expected 2026-01-05T00:00:00Z.`);
    } else if (!NUMBER.test(count) || Number(count) > MOST_REQUESTS) {
      fail(
        index,
        `"${count.slice(0, 40)}" is no count of requests; expected a number from 0 to ${MOST_REQUESTS}.`,
      );
    } else if (start === before) {
      fail(index, `${timestamp} is there twice; write each interval once.`);
    } else if (start < before) {
      fail(index, `${timestamp} is before the line above it; sort the file by time.`);
    } else if (start < before + 1) {
      fail(index, `${timestamp} is less than a second after the line above it.`);
    } else {
      rows.starts.push(start);
      rows.requests.push(Number(count));
      before = start;
    }
  }
  if (rows.starts.length === 0) fail(1, 'there are no rows; expected at least one.');
  return rows;
}

function secondsOf(timestamp: string): number | undefined {
  const match = TIMESTAMP.exec(timestamp.replaceAll('"', ''));
  if (match === null) return undefined;
  const [whole, , , zone] = match;
  const ms = Date.parse(`${whole.replace(' ', 'T')}${zone === undefined ? 'Z' : ''}`);
  return Number.isNaN(ms) ? undefined : ms / 1000;
}

/** The usual distance of two rows: their median. */
function intervalOf(starts: readonly number[]): number {
  if (starts.length < 2) return MINUTE;
  const distances = Float64Array.from({ length: starts.length - 1 }, (_none, index) => {
    return (starts[index + 1] as number) - (starts[index] as number);
  }).sort();
  return distances[Math.floor((distances.length - 1) / 2)] as number;
}

function ratesOf({ starts, requests }: Rows, first: number, seconds: number, interval: number) {
  const rates = new Float32Array(seconds);
  const gaps = { count: 0, seconds: 0, line: 0 };
  for (let row = 0; row < starts.length; row += 1) {
    const start = starts[row] as number;
    const next = starts[row + 1] ?? start + interval;
    let length = next - start;
    if (length > GAP_INTERVALS * interval) {
      if (gaps.count === 0) gaps.line = row + 2;
      gaps.count += 1;
      gaps.seconds += length - interval;
      length = interval;
    }
    const from = Math.round(start - first);
    const to = Math.min(seconds, Math.max(from + 1, Math.round(start - first + length)));
    rates.fill((requests[row] as number) / (to - from), from, to);
  }
  return { rates, gaps };
}
