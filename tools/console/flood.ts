// Many requests at once from this machine's address, until the rate limit blocks it: for one of the faults.
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const CONNECTIONS = 24;
/** However late the limit is reached: no load without an end. */
const MOST_REQUESTS = 20_000;
/** After the first blocked request, so that the blocking can be seen. */
const GOES_ON_MS = 25_000;
const PAUSE_MS = 100;

/**
 * @param isOn asked before each request; it ends when that says no.
 * @returns how many were sent.
 */
export async function floodFrom(
  url: URL,
  headers: Record<string, string>,
  isOn: () => boolean,
): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  let sent = 0;
  let endMs = Number.POSITIVE_INFINITY;
  const one = async () => {
    while (isOn() && sent < MOST_REQUESTS && Date.now() < endMs) {
      sent += 1;
      const status = await ask(url, headers, agent);
      if (status !== 403 && status !== 429) continue;
      if (endMs === Number.POSITIVE_INFINITY) endMs = Date.now() + GOES_ON_MS;
      await sleep(PAUSE_MS);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, one));
  agent.destroy();
  return sent;
}

/** Ten a second: what any machine can exceed, however busy it is. */
const LOW_LIMIT_PER_MINUTE = 600;

/**
 * Runs something while the rules allow as little as one machine can exceed: a stack's own limits are
 * for machines that call from far more processors than are here.
 */
export async function withLowLimits(
  rules: readonly { limit: number; windowSeconds: number }[],
  run: () => Promise<unknown>,
): Promise<void> {
  const limits = rules.map(({ limit }) => limit);
  for (const rule of rules) {
    rule.limit = Math.min(rule.limit, (LOW_LIMIT_PER_MINUTE * rule.windowSeconds) / 60);
  }
  try {
    await run();
  } finally {
    rules.forEach((rule, at) => (rule.limit = limits[at] ?? rule.limit));
  }
}

/** Longest time of the calls with wrong keys: ten minutes. */
const GUESSES_MS = 600_000;
const GUESS_EVERY_MS = 50;

/** Calls twenty times a second with a key that does not exist. @returns how many were sent. */
export async function guessFrom(
  url: URL,
  headers: () => Record<string, string>,
  isOn: () => boolean,
): Promise<number> {
  const agent = new Agent({ keepAlive: true });
  const endMs = Date.now() + GUESSES_MS;
  let sent = 0;
  while (isOn() && Date.now() < endMs) {
    sent += 1;
    await ask(url, headers(), agent);
    await sleep(GUESS_EVERY_MS);
  }
  agent.destroy();
  return sent;
}

function ask(url: URL, headers: Record<string, string>, agent: Agent): Promise<number> {
  return new Promise((resolve) => {
    const sent = request(url, { headers, agent }, (response) => {
      response.resume().on('close', () => resolve(response.statusCode ?? 0));
    });
    sent.on('error', () => resolve(0));
    sent.end();
  });
}
