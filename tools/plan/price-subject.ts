// What a bill is made of: its lines, the plan that it is for, and how many tasks run at a rate.
import type { Prices } from '../../contracts/prices';
import type { PlannedResource } from './plan';

/** One line of the bill. */
export interface PriceLine {
  readonly what: string;
  /** Dollars a month without a request. */
  readonly idle: number;
  /** Dollars a month at the given rate, {@link idle} included. */
  readonly atRate: number;
  /** How both come about. */
  readonly formula: string;
}

/** What a part is priced by. */
export interface Subject {
  readonly prices: Prices;
  /** Requests a second, and in a month. */
  readonly rate: number;
  readonly requests: number;
  readonly all: (type: string) => readonly PlannedResource[];
}

/** Requests a minute that one task holds, where the plan's policies do not say. */
const REQUESTS_PER_TASK = 3_000;

/** Tasks that a stack runs at a rate, between its minimum and its maximum. */
export function tasksAt({ all, rate }: Subject): { idle: number; atRate: number; formula: string } {
  const [target] = all('appautoscaling/target:Target');
  const [least, most] = [
    Number(target?.inputs.minCapacity ?? 1),
    Number(target?.inputs.maxCapacity ?? 1),
  ];
  const held = capacityOf(all('appautoscaling/policy:Policy'));
  const needed = Math.ceil((rate * 60) / held);
  const atRate = Math.min(most, Math.max(least, needed));
  return {
    idle: least,
    atRate,
    formula: `${least} idle, ${atRate} at ${held} requests a minute each`,
  };
}

/** Requests a minute and task: the number that the load policy divides by. */
function capacityOf(policies: readonly PlannedResource[]): number {
  const text = JSON.stringify(policies.map(({ inputs }) => inputs));
  const divisor = /"requests \/ (\d+)"/.exec(text)?.[1];
  const perTarget = /"ALBRequestCountPerTarget".*?"targetValue":(\d+)/.exec(text)?.[1];
  return Number(divisor ?? perTarget ?? REQUESTS_PER_TASK);
}
