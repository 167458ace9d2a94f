// Tries the address of a stack from here, as a caller without a key would.
import type { DeployIo } from './io';

/** A new distribution, and its name, take minutes to be known everywhere. */
const PAUSE_MS = 15_000;
const LONGEST_MS = 10 * 60_000;
const TIMEOUT_MS = 10_000;

/** What the address answered. */
export interface Trial {
  readonly ok: boolean;
  /** A line to paste, with what it answered just now. */
  readonly report: string;
}

/**
 * Asks until the edge answers by itself: 401 or 403 without a key, or what a public path gives.
 * A 5xx, or nothing at all, is tried again for ten minutes.
 */
export async function tryFrontDoor(url: string, io: DeployIo): Promise<Trial> {
  const line = `curl -i ${url}/`;
  const since = io.now();
  for (;;) {
    const answer = await ask(`${url}/`);
    if (typeof answer === 'number' && answer < 500) {
      const meaning = answer === 401 || answer === 403 ? ': the edge asks for a key' : '';
      return { ok: true, report: `${line}   # answered ${answer} just now${meaning}` };
    }
    const what = typeof answer === 'number' ? `answered ${answer}` : `did not answer (${answer})`;
    if (io.now() - since > LONGEST_MS) {
      return { ok: false, report: `${line}   # ${what}, for ten minutes` };
    }
    io.stderr(`            ${url} ${what}; trying again\n`);
    await io.sleep(PAUSE_MS);
  }
}

async function ask(url: string): Promise<number | string> {
  try {
    const response = await fetch(url, {
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.body?.cancel();
    return response.status;
  } catch (error) {
    const { cause, message } = error as Error & { cause?: { code?: string } };
    return cause?.code ?? message;
  }
}
