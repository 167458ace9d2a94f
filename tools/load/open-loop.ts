// Sends requests when they are due, whatever became of those before: an open loop.
import * as http from 'node:http';
import * as https from 'node:https';
import { createHistogram, performance } from 'node:perf_hooks';
import type { RecordableHistogram } from 'node:perf_hooks';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { API_KEY_HEADER } from '../../contracts/headers';

/** What is called. */
export interface Call {
  readonly url: URL;
  /** @default none is sent */
  readonly key?: string | undefined;
  /** Sent with each request. @default none */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What became of the requests so far. */
export interface Outcome {
  sent: number;
  succeeded: number;
  /** By status ("429"), "timeout", or the code of the connection's error. */
  readonly failures: Record<string, number>;
  /**
   * Microseconds from the arrival that was due to the last byte, of answers below 400 and of
   * timeouts. An arrival that had to wait for this process or for a connection has waited.
   */
  readonly latency: RecordableHistogram;
}

export interface LoadOptions {
  readonly call: Call;
  /** Seconds from the start, in order. */
  readonly arrivals: Iterable<number>;
  /** No arrival is due any more from then on; what is under way is awaited. */
  readonly signal?: AbortSignal;
  /** @default 10000 */
  readonly timeoutMs?: number;
  /** Told once a second. */
  readonly onSecond?: (outcome: Outcome, seconds: number) => void;
}

const TIMEOUT_MS = 10_000;
/** Below what an open-file limit of 4096 allows; further arrivals wait, and their wait counts. */
const MOST_CONNECTIONS = 2048;
/** A timer may be late by this much; the rest is waited for turn by turn. */
const TIMER_MS = 1;

/** Sends all; resolves when the last is answered or given up. */
export async function runLoad(options: LoadOptions): Promise<Outcome & { seconds: number }> {
  const { call, signal, onSecond } = options;
  const outcome: Outcome = {
    ...{ sent: 0, succeeded: 0, failures: {} },
    latency: createHistogram({ figures: 3 }),
  };
  const client = clientOf(call, options.timeoutMs ?? TIMEOUT_MS);
  const underWay = new Set<Promise<void>>();
  const start = performance.now();
  const passed = () => (performance.now() - start) / 1000;
  const ticker = setInterval(() => onSecond?.(outcome, passed()), 1000);
  try {
    for (const due of options.arrivals) {
      await waitUntil(start + due * 1000, signal);
      if (signal?.aborted === true) break;
      outcome.sent += 1;
      const one = client.send().then((failure) => {
        underWay.delete(one);
        if (failure === undefined) outcome.succeeded += 1;
        else outcome.failures[failure] = (outcome.failures[failure] ?? 0) + 1;
        if (failure !== undefined && failure !== 'timeout') return;
        const micros = Math.round((performance.now() - start - due * 1000) * 1000);
        outcome.latency.record(Math.max(1, micros));
      });
      underWay.add(one);
    }
    await Promise.all(underWay);
    return { ...outcome, seconds: passed() };
  } finally {
    clearInterval(ticker);
    client.close();
  }
}

/**
 * One request, ahead of a load.
 * @returns the status.
 * @throws Error when nothing answers.
 */
export async function tryOnce(call: Call, timeoutMs = TIMEOUT_MS): Promise<number> {
  const client = clientOf(call, timeoutMs);
  try {
    const failure = await client.send();
    if (failure === undefined) return 200;
    if (/^\d+$/.test(failure)) return Number(failure);
    throw new Error(
      `${call.url.origin} does not answer (${failure}). Check --url, and that it can be reached from here.`,
    );
  } finally {
    client.close();
  }
}

async function waitUntil(at: number, signal: AbortSignal | undefined): Promise<void> {
  const wait = at - performance.now();
  // A stop wakes it; the loop sees the signal.
  if (wait > TIMER_MS) await sleep(wait - TIMER_MS, undefined, { signal }).catch(() => undefined);
  while (performance.now() < at && signal?.aborted !== true) await nextTurn();
}

/** Sends over kept connections; each send answers what went wrong, if anything. */
function clientOf({ url, key, headers: others }: Call, timeoutMs: number) {
  const { Agent, request } = url.protocol === 'https:' ? https : http;
  const agent = new Agent({ keepAlive: true, maxSockets: MOST_CONNECTIONS, scheduling: 'fifo' });
  const headers = { ...others, ...(key === undefined ? {} : { [API_KEY_HEADER]: key }) };
  const send = () =>
    new Promise<string | undefined>((resolve) => {
      const end = (failure?: string) => {
        clearTimeout(timer);
        resolve(failure);
      };
      const sent = request(url, { agent, headers }, (response) => {
        const status = response.statusCode ?? 0;
        response.on('error', (error) => end(nameOf(error)));
        response.on('end', () => end(status < 400 ? undefined : String(status)));
        response.resume();
      });
      const timer = setTimeout(() => {
        end('timeout');
        sent.destroy();
      }, timeoutMs);
      sent.on('error', (error) => end(nameOf(error)));
      sent.end();
    });
  return { send, close: () => agent.destroy() };
}

function nameOf(error: NodeJS.ErrnoException): string {
  return error.code ?? error.message;
}
