// A simulated service for tests: two to thirty tasks, as the study of docs/scaling.md has it.
import { builtIns, calibrate } from '../comparison';
import { REQUEST_LIMITS } from '../limits';
import type { Contender } from '../policies';
import { simulate } from '../simulation';
import type { Setting } from '../setting';
import { readScaledStack } from '../stack';
import type { ScaledStack } from '../stack';
import type { Result } from '../tally';
import { drawMinutes } from '../traces';
import type { Trace } from '../traces';

export const HOUR = 3600;

/** A service of so much CPU a request, and 4 ms of waiting. */
export function settingOf(serviceMs: number, changes: Partial<Setting> = {}): Setting {
  return {
    ...{ targetMs: 20, serviceMs, dependencyMs: 4, serviceCv: 1, minimum: 2, maximum: 30 },
    ...{ vcpus: 0.5, taskHourDollars: 0.02, seed: 1, engine: 'flow' },
    fleet: { startSeconds: [30, 90], healthSeconds: 10, drainSeconds: 35 },
    names: {
      balancer: { LoadBalancer: 'lb', TargetGroup: 'tg' },
      service: { ClusterName: 'c', ServiceName: 's' },
    },
    ...{ discipline: { kind: 'sharing' }, balancing: 'least-outstanding' },
    ...REQUEST_LIMITS,
    ...changes,
  };
}

/** A service with its stack, calibrated to it (or wrongly, by a factor). */
export interface Calibrated {
  stack: ScaledStack;
  setting: Setting;
  /** Requests a second that one task holds. */
  perTask: number;
  own: Contender;
}

/** Records the stack `prod` with the capacity of a service. */
export async function calibrated(serviceMs: number, wrongBy = 1): Promise<Calibrated> {
  const given = { serviceMs, dependencyMs: 4 };
  const scale = { requestsPerTaskPerMinute: 12_000, targetMs: 20 };
  const { perTask, believed = 0 } = calibrate(given, scale);
  const stack = await recorded(Math.round(believed * wrongBy));
  const own: Contender = { kind: 'reactive', name: 'gatehouse', policies: stack.policies };
  return { stack, perTask, own, setting: settingOf(serviceMs, { names: stack.names }) };
}

const stacks = new Map<number, Promise<ScaledStack>>();

/** Each capacity is recorded once a process. */
function recorded(capacity: number): Promise<ScaledStack> {
  const known = stacks.get(capacity) ?? readScaledStack('prod', capacity);
  stacks.set(capacity, known);
  return known;
}

/** Traffic in tasks, by the second. */
export function trace(seconds: number, tasks: (second: number) => number, perTask: number): Trace {
  return {
    ...{ name: 'test', about: 'A test.', seconds },
    rate: (second) => tasks(second) * perTask,
    serviceFactor: () => 1,
    dependencyFactor: () => 1,
  };
}

/** Runs one policy on one trace. */
export function run(contender: Contender, one: Trace, setting: Setting): Result {
  return simulate(contender, one, drawMinutes(one, setting.seed), setting);
}

/** A built-in trace of a calibrated service. */
export function builtInOf({ perTask, setting }: Calibrated, name: string): Trace {
  const found = builtIns({ perTask, serviceMs: setting.serviceMs }, setting).find(
    (one) => one.name === name,
  );
  if (found === undefined) throw new Error(`There is no trace ${name}.`);
  return found;
}
