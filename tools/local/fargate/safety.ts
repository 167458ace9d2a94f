// Looks whether a program is safe behind the gate: whoever reaches it past the edge must be refused.
import {
  IDENTITY_HEADERS,
  ORIGIN_SECRET_HEADER,
  TRACEPARENT_HEADER,
} from '../../../contracts/headers';
import { writeTraceparent } from '../../../contracts/trace-context';
import type { Workload } from '../../../contracts/workload';
import { probe } from '../http';
import { samplePath } from '../sample-path';

/** Statuses of a program that served the request, or looked at it before it asked who sent it. */
const NOT_REFUSED = (status: number) => status < 400 || [400, 409, 415, 422].includes(status);
/** Enough to find a program that does not look; not enough to be a load. */
const PROBED_RULES = 8;
const TIMEOUT_MS = 5_000;

/** The trace of these requests, which nobody made who would want to see it. */
export const PROBE_TRACE_ID = 'f'.repeat(32);

/** What two callers past the edge bring: no secret at all, and one that is wrong. */
const INTRUDERS: Record<string, Record<string, string>> = {
  'without the origin secret': {},
  'with a wrong origin secret': { [ORIGIN_SECRET_HEADER]: 'wrong' },
};

/**
 * Asks a task for protected paths as an intruder would, who makes an identity up.
 * @returns what is wrong, in whole sentences; nothing when every request is refused.
 */
export async function unguarded(
  { name, rules, scopes }: Pick<Workload, 'name' | 'rules' | 'scopes'>,
  port: number,
): Promise<string[]> {
  const place = { traceId: PROBE_TRACE_ID, spanId: 'f'.repeat(16), sampled: false };
  const identity = {
    [TRACEPARENT_HEADER]: writeTraceparent(place),
    [IDENTITY_HEADERS.keyId]: 'intruder',
    [IDENTITY_HEADERS.owner]: 'intruder@example.com',
    [IDENTITY_HEADERS.scopes]: Object.keys(scopes).join(' '),
  };
  const guarded = rules.filter(({ access }) => access !== 'public').slice(0, PROBED_RULES);
  const found = await Promise.all(
    guarded.flatMap((rule) => {
      const method = rule.methods.includes('GET') ? 'GET' : (rule.methods[0] ?? 'GET');
      const path = samplePath(rule);
      return Object.entries(INTRUDERS).map(async ([how, secret]) => {
        const headers = { ...identity, ...secret };
        const status = await probe(port, path, { timeoutMs: TIMEOUT_MS, method, headers }).catch(
          // No answer is no way in.
          () => undefined,
        );
        return status !== undefined && NOT_REFUSED(status)
          ? `it answers ${method} ${path} ${how} by ${status}`
          : undefined;
      });
    }),
  );
  const [first] = found.filter((problem) => problem !== undefined);
  if (first === undefined) return [];
  return [
    `${name} is not safe behind the gate: ${first}. Whoever reaches a task has every right then. ` +
      `Compare the header ${ORIGIN_SECRET_HEADER} with the variable ORIGIN_SECRET before anything ` +
      'else, and refuse with 401.',
  ];
}
