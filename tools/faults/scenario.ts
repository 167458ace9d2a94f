// One fault on the local platform: load before, during and after it, what failed, and how long recovery took.
import { setTimeout as sleep } from 'node:timers/promises';

/** Names on the command line, in the order in which they are run. */
export const FAULT_IDS = [
  'kill-task',
  'slow-dynamodb',
  'stop-dynamodb',
  'stop-keys',
  'stop-collector',
] as const;
export type FaultId = (typeof FAULT_IDS)[number];

/** A fault that is made and taken back. */
export interface Scenario {
  readonly name: string;
  /** Its name on the command line. */
  readonly id: FaultId;
  /** What happens, in a sentence. */
  readonly about: string;
  /** What must hold, in words; the run fails when it does not. */
  readonly expected: string;
  /** How long it lasts, in seconds. */
  readonly seconds: number;
  /** @param nowMs when it begins, on the clock of `performance`. */
  begin(nowMs: number): void | Promise<void>;
  end(): void | Promise<void>;
  holds(outcome: Outcome): boolean;
}

export interface Outcome {
  readonly name: string;
  readonly sent: number;
  readonly failed: number;
  /** How many failed how: `503`, `no answer`. */
  readonly failures: Readonly<Record<string, number>>;
  /** Of answers from the start of the fault to its end, milliseconds. */
  readonly slowestMs: number;
  /** From the end of the fault until it is mended and answers are good again, seconds. */
  readonly recoverySeconds: number;
  /** From the start of the fault to the sending of the last request that failed, seconds. */
  readonly lastFailedSeconds: number;
  readonly holds: boolean;
}

interface Answered {
  readonly sentMs: number;
  readonly endedMs: number;
  readonly status: string;
}

export interface Load {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Requests a second, sent whether or not earlier ones were answered. */
  readonly rate: number;
}

/** Good answers in a row after which it counts as recovered. */
const GOOD_IN_A_ROW = 10;
/** A request that has no answer by then has failed, milliseconds. */
const ANSWER_LIMIT_MS = 20_000;
/** What does not recover by then never will, seconds. */
const RECOVERY_LIMIT_SECONDS = 60;

/** Runs one scenario under load, until requests succeed again. */
export async function runScenario(scenario: Scenario, load: Load): Promise<Outcome> {
  const answers: Answered[] = [];
  const open = new Set<Promise<void>>();
  const timer = setInterval(() => {
    const request = send(load).then((answered) => {
      answers.push(answered);
      open.delete(request);
    });
    open.add(request);
  }, 1000 / load.rate);
  try {
    await until(() => goodSince(answers, 0) !== undefined);
    const beginMs = performance.now();
    await scenario.begin(beginMs);
    await sleep(scenario.seconds * 1000);
    const endMs = performance.now();
    await scenario.end();
    const healedMs = performance.now();
    await until(() => goodSince(answers, endMs) !== undefined);
    clearInterval(timer);
    await Promise.all(open);
    return outcomeOf(scenario, answers, { beginMs, endMs, healedMs });
  } finally {
    clearInterval(timer);
    await Promise.all(open);
  }
}

async function send({ url, headers }: Load): Promise<Answered> {
  const sentMs = performance.now();
  const status = await fetch(url, { headers, signal: AbortSignal.timeout(ANSWER_LIMIT_MS) }).then(
    async (response) => {
      await response.arrayBuffer();
      return String(response.status);
    },
    () => 'no answer',
  );
  return { sentMs, endedMs: performance.now(), status };
}

/** When the latest answers are good: when the first of those was sent; of those sent since only. */
function goodSince(answers: readonly Answered[], sinceMs: number): number | undefined {
  const sent = answers
    .filter(({ sentMs }) => sentMs >= sinceMs)
    .sort((one, other) => one.sentMs - other.sentMs);
  const lastBad = sent.findLastIndex(({ status }) => status !== '200');
  const good = sent.slice(lastBad + 1);
  return good.length < GOOD_IN_A_ROW ? undefined : good[0]?.sentMs;
}

async function until(holds: () => boolean): Promise<void> {
  const limitMs = performance.now() + RECOVERY_LIMIT_SECONDS * 1000;
  while (!holds()) {
    if (performance.now() > limitMs) {
      throw new Error(`There were no good answers within ${RECOVERY_LIMIT_SECONDS} s.`);
    }
    await sleep(50);
  }
}

function outcomeOf(
  scenario: Scenario,
  answers: readonly Answered[],
  { beginMs, endMs, healedMs }: Record<'beginMs' | 'endMs' | 'healedMs', number>,
): Outcome {
  const since = answers.filter(({ endedMs }) => endedMs >= beginMs);
  const bad = since.filter(({ status }) => status !== '200');
  const failures: Record<string, number> = {};
  for (const { status } of bad) failures[status] = (failures[status] ?? 0) + 1;
  const during = since.filter(({ sentMs }) => sentMs <= endMs);
  const recoveredMs = Math.max(healedMs, goodSince(answers, endMs) ?? Number.NaN);
  const outcome = {
    ...{ name: scenario.name, failures, sent: since.length, failed: bad.length },
    slowestMs: Math.round(Math.max(0, ...during.map((each) => each.endedMs - each.sentMs))),
    recoverySeconds: Math.max(0, Math.round((recoveredMs - endMs) / 100) / 10),
    lastFailedSeconds: Math.max(0, ...bad.map(({ sentMs }) => (sentMs - beginMs) / 1000)),
    holds: true,
  };
  return { ...outcome, holds: scenario.holds(outcome) };
}
