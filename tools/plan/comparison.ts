// A plan held against an earlier one: changes, rights, price; the form that `plan --against --json` adds.
import { changesBetween, type Change } from './changes';
import type { Plan } from './plan';
import { priceOf, type Price } from './price';
import { rightsBetween, type RightsChange } from './rights';

/** What a change does, in one document. */
export interface Comparison {
  readonly changes: readonly Change[];
  readonly rights: RightsChange;
  readonly price: {
    readonly before: Price;
    readonly after: Price;
    /** Dollars a month of the plan itself, the same as in {@link after}. */
    readonly perMonthIdle: number;
    readonly perMonthAt: Price['perMonthAt'];
  };
}

/** Holds a plan against an earlier one. @param requestsPerSecond Load that the price is given for. */
export function compare(before: Plan, after: Plan, requestsPerSecond: number): Comparison {
  const price = priceOf(after, requestsPerSecond);
  return {
    changes: changesBetween(before, after),
    rights: rightsBetween(before, after),
    price: {
      before: priceOf(before, requestsPerSecond),
      after: price,
      perMonthIdle: price.perMonthIdle,
      perMonthAt: price.perMonthAt,
    },
  };
}

/** Order and words of what happens to resources, the gravest first. */
export const ACTIONS = [
  ['delete', 'deleted'],
  ['replace', 'replaced'],
  ['update', 'changed'],
  ['create', 'created'],
] as const;

/** "2 created, 1 replaced", or that nothing changes. */
export function countChanges(changes: readonly Change[]): string {
  const counts = [...ACTIONS].reverse().flatMap(([action, word]) => {
    const count = changes.filter((change) => change.action === action).length;
    return count === 0 ? [] : [`${count} ${word}`];
  });
  return counts.join(', ') || 'nothing changes';
}

/** Alarms and dashboards among the changes: what on-call will see differently. */
export function watched(changes: readonly Change[]): Change[] {
  return changes.filter(({ type }) =>
    /^aws:cloudwatch\/(metricAlarm|compositeAlarm|dashboard):/.test(type),
  );
}

/** Dollars with their sign, for a difference. */
export function difference(before: number, after: number): string {
  const dollars = after - before;
  return `${dollars < 0 ? '-' : '+'}$${Math.abs(dollars).toFixed(2)}`;
}
