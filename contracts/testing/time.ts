// How tests deal with time: they wait for conditions, and let deadlines fall when they say so.
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 5;
/** Shorter than jest's own limit, so that it is this error that tells what was awaited. */
const GIVE_UP_MS = 90_000;

/**
 * Waits until a condition holds, as long as the machine takes.
 * @throws Error with the condition's code when it does not hold within 90 s.
 */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + GIVE_UP_MS;
  while (!(await condition())) {
    if (performance.now() > end) {
      throw new Error(`This did not come to hold in ${GIVE_UP_MS / 1000} s: ${String(condition)}`);
    }
    await sleep(POLL_MS);
  }
}

/**
 * Holds every `setTimeout` of the code under test until `jest.advanceTimersByTime`; sockets, streams
 * and the clock go on. Undone by `jest.useRealTimers`.
 */
export function holdTimeouts(): void {
  jest.useFakeTimers({
    doNotFake: [
      ...(['Date', 'hrtime', 'performance'] as const),
      ...(['nextTick', 'queueMicrotask'] as const),
      ...(['setImmediate', 'clearImmediate', 'setInterval', 'clearInterval'] as const),
    ],
  });
}
