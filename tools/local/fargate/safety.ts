// Looks whether a program is safe behind the gate: whoever reaches it past the edge must be refused.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { IDENTITY_HEADERS, ORIGIN_SECRET_HEADER } from '../../../contracts/headers';
import type { Workload } from '../../../contracts/workload';
import type { Ground } from '../ground';
import { probe } from '../http';
import { samplePath } from '../sample-path';
import { TaskLauncher } from './launcher';
import type { Command, LauncherOptions } from './launcher';
import type { Task } from './task';

/** Statuses of a program that served the request, or looked at it before it asked who sent it. */
const NOT_REFUSED = (status: number) => status < 400 || [400, 409, 415, 422].includes(status);
/** Enough to find a program that does not look; not enough to be a load. */
const PROBED_RULES = 8;
const TIMEOUT_MS = 5_000;

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
  const identity = {
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

/** Looks at a task of a command. @returns what is wrong, in whole sentences. */
export type SafetyCheck = (command: Command) => Promise<string[]>;

/**
 * Asks a task of its own, which gets no user's request, reports nothing and is gone at once: nobody makes
 * these requests on AWS, and neither metrics, traces nor logs may show them among those of users.
 * Of a command that does not start there is nothing to say: whoever runs it is told.
 */
export function safetyCheck(
  workload: Parameters<typeof unguarded>[0],
  { environment, ...options }: Pick<LauncherOptions, 'command' | 'environment' | 'health'>,
  { logFolder, onProcess, onClose }: Pick<Ground, 'logFolder' | 'onProcess' | 'onClose'>,
): SafetyCheck {
  const folder = join(logFolder, 'safety');
  const launcher = new TaskLauncher({
    ...{ ...options, onProcess, logFolder: folder },
    environment: { ...environment, OTEL_SDK_DISABLED: 'true' },
  });
  const running = new Set<Task>();
  let isClosed = false;
  onClose(async () => {
    isClosed = true;
    await Promise.all([launcher.abandon(), ...[...running].map((task) => task.stop(0))]);
  });
  return async (command) => {
    try {
      const task = await launcher.launch(command);
      running.add(task);
      const found = isClosed ? [] : await unguarded(workload, task.port);
      await task.stop(0);
      running.delete(task);
      return found;
    } catch {
      return [];
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
}
