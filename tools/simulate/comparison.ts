// All policies on all traces, and what that says of the stack's own.
import { capacityOf } from './pooling';
import { contenders } from './policies';
import { simulate } from './simulation';
import type { Setting } from './setting';
import type { ScaledStack } from './stack';
import type { Result } from './tally';
import { TRACE_NAMES, builtIn, drawMinutes } from './traces';
import type { Trace } from './traces';

/** Every policy's result on one trace. */
export interface Compared {
  trace: Trace;
  results: Result[];
}

/** The service whose traffic is simulated, as the command line gives it. */
export interface ServiceGiven {
  serviceMs?: number;
  dependencyMs: number;
  /** Requests a minute and task that policies believe in. */
  capacity?: number;
}

/** What the service takes, and what a task of it is believed to hold. */
export interface Calibration {
  serviceMs: number;
  /** Requests a second of one task at the target: the truth, which traces are scaled by. */
  perTask: number;
  /** Requests a minute and task that the policies go by; undefined leaves the stack's setting. */
  believed?: number;
}

/** Least and most that `requestsPerTaskPerMinute` may be. */
const BELIEVABLE = { least: 60, most: 1_000_000 };

/**
 * Capacity follows from CPU a request, unless it is given; and where neither is given, CPU a
 * request follows from the stack's capacity: c = (1 - S / (T - D)) / S, solved for S.
 */
export function calibrate(
  { serviceMs: given, dependencyMs, capacity }: ServiceGiven,
  stack: Pick<ScaledStack, 'requestsPerTaskPerMinute' | 'targetMs'>,
): Calibration {
  const { targetMs, requestsPerTaskPerMinute } = stack;
  const room = Math.max(targetMs - dependencyMs, 1e-3);
  const serviceMs = given ?? 1 / ((capacity ?? requestsPerTaskPerMinute) / 60_000 + 1 / room);
  const held = capacityOf(1, serviceMs, dependencyMs, targetMs);
  const believed = capacity ?? (given === undefined || held === 0 ? undefined : held * 60);
  return {
    serviceMs,
    // Where nothing holds the target, traffic is what would use a task by half.
    perTask: held > 0 ? held : 500 / serviceMs,
    ...(believed === undefined
      ? {}
      : {
          believed: Math.round(Math.min(BELIEVABLE.most, Math.max(BELIEVABLE.least, believed))),
        }),
  };
}

/** The built-in traces, scaled to the service. */
export function builtIns(
  { perTask }: Pick<Calibration, 'perTask' | 'serviceMs'>,
  setting: Setting,
): Trace[] {
  const { targetMs, serviceMs, dependencyMs, seed } = setting;
  // Twice the CPU, or half of what is left below the target.
  const slower = Math.min(2, 0.5 + (0.5 * (targetMs - dependencyMs)) / serviceMs);
  const unreachable = (1.25 * targetMs) / Math.max(dependencyMs, 1e-3);
  return TRACE_NAMES.map((name) =>
    builtIn(name, { perTask, unreachable, slower: Math.max(1, slower), seed }),
  );
}

/** Runs every policy on every trace; `step` is told after each. */
export function compare(
  stack: ScaledStack,
  traces: readonly Trace[],
  setting: Setting,
  step: () => void = () => undefined,
): Compared[] {
  const { policies, names, requestsPerTaskPerMinute, targetMs } = stack;
  const list = contenders(policies, names, requestsPerTaskPerMinute, targetMs);
  return traces.map((trace) => {
    const drawn = drawMinutes(trace, setting.seed);
    return {
      trace,
      results: list.map((contender) => {
        const result = simulate(contender, trace, drawn, setting);
        step();
        return result;
      }),
    };
  });
}

/** How many steps {@link compare} takes. */
export function stepsOf(traces: readonly Trace[]): number {
  return traces.length * CONTENDERS;
}

const CONTENDERS = 7;

/** A policy over all traces. */
export interface Total {
  name: string;
  minutesOverTarget: number;
  taskHours: number;
}

/** Sums over traces, in the order of the policies. */
export function totals(compared: readonly Compared[]): Total[] {
  const sums = new Map<string, Total>();
  for (const { name, minutesOverTarget, taskHours } of compared.flatMap(({ results }) => results)) {
    const sum = sums.get(name) ?? { name, minutesOverTarget: 0, taskHours: 0 };
    sum.minutesOverTarget += minutesOverTarget;
    sum.taskHours += taskHours;
    sums.set(name, sum);
  }
  return [...sums.values()];
}

/** Policies that know nothing of the traffic to come. */
export const REACTIVE = [
  'gatehouse',
  'shipped-before',
  'average-response-time',
  'cpu',
  'requests-per-task',
];

/** What the comparison says of the stack's own policies, in sentences. */
export function verdict(compared: readonly Compared[]): string[] {
  const sums = totals(compared);
  const own = sums.find(({ name }) => name === 'gatehouse');
  const others = sums.filter(({ name }) => REACTIVE.includes(name) && name !== 'gatehouse');
  const [best] = [...others].sort((a, b) => a.minutesOverTarget - b.minutesOverTarget);
  const comparable = others.filter(
    ({ minutesOverTarget }) => minutesOverTarget <= 2 * (own?.minutesOverTarget ?? 0),
  );
  const [cheapest] = [...comparable].sort((a, b) => a.taskHours - b.taskHours);
  if (own === undefined || best === undefined) return [];
  const relation =
    own.minutesOverTarget < best.minutesOverTarget
      ? 'fewer than'
      : own.minutesOverTarget === best.minutesOverTarget
        ? 'as many as'
        : 'more than';
  const price =
    cheapest === undefined
      ? 'No other reactive policy comes within twice as many minutes.'
      : `It takes ${(own.taskHours / cheapest.taskHours).toFixed(2)} times the task-hours of ${cheapest.name}, the cheapest within twice as many minutes.`;
  return [
    `gatehouse is over the target for ${own.minutesOverTarget} minutes, ${relation} the next best reactive policy (${best.name}: ${best.minutesOverTarget}).`,
    price,
  ];
}
