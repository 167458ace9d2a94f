// Runs targets in turns until the time is over: the kept inputs first, then new ones by seed.
import fc from 'fast-check';
import CORPUS from './corpus.json';
import type { Fuzzer, Target } from './target';

/** What does not hold, and with which input. */
export interface Finding {
  readonly target: string;
  /** Makes it again; none for a kept input. */
  readonly seed?: number;
  /** As small as it could be made. */
  readonly input: unknown;
  readonly message: string;
}

export interface FuzzOptions {
  /** Of the first turn; each further one has the next. */
  readonly seed: number;
  readonly milliseconds: number;
  /** An input that is checked before all others. */
  readonly corpus?: readonly { readonly target: string; readonly input: unknown }[];
  /** Told after each turn what was fuzzed, and how many inputs there were in all. */
  readonly onProgress?: (target: string, runs: number) => void;
}

/** Inputs of one turn: with the seed they make a finding again, so the number is part of it. */
const RUNS_A_TURN = 200;

/**
 * Fuzzes until the time is over or something is found. Each target has at least one turn.
 * @returns how many inputs each target had, and the first finding.
 */
export async function fuzz(
  targets: readonly Target[],
  { seed, milliseconds, corpus = CORPUS, onProgress }: FuzzOptions,
): Promise<{ runs: ReadonlyMap<string, number>; finding?: Finding }> {
  const endMs = performance.now() + milliseconds;
  const runs = new Map<string, number>();
  const opened: (readonly [Target, Fuzzer])[] = [];
  const count = (name: string, more: number) => {
    runs.set(name, (runs.get(name) ?? 0) + more);
    onProgress?.(
      name,
      [...runs.values()].reduce((sum, each) => sum + each, 0),
    );
  };
  try {
    for (const target of targets) {
      const fuzzer = await target.open();
      opened.push([target, fuzzer]);
      const kept = corpus.filter(({ target: name }) => name === target.name);
      for (const { input } of kept) {
        const message = await fuzzer.check(input).then(() => undefined, messageOf);
        if (message !== undefined)
          return { runs, finding: { target: target.name, input, message } };
      }
      count(target.name, kept.length);
    }
    for (let turn = 0; turn === 0 || performance.now() < endMs; turn += 1) {
      for (const [{ name }, fuzzer] of opened) {
        const turnSeed = (seed + turn) | 0;
        const found = await oneTurn(fuzzer, turnSeed);
        if (found !== undefined)
          return { runs, finding: { target: name, seed: turnSeed, ...found } };
        count(name, RUNS_A_TURN);
        if (turn > 0 && performance.now() >= endMs) break;
      }
    }
    return { runs };
  } finally {
    for (const [, fuzzer] of opened) await fuzzer.close();
  }
}

async function oneTurn({ property }: Fuzzer, seed: number) {
  const outcome = await fc.check(property, { seed, numRuns: RUNS_A_TURN });
  if (!outcome.failed) return undefined;
  return { input: outcome.counterexample?.[0], message: messageOf(outcome.errorInstance) };
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // An error of the code under test is found by where it was thrown; a check says what it saw.
  return error.name === 'Error' ? error.message : (error.stack ?? error.message);
}
