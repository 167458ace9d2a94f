// What a stack costs a month, standing still and under load: a small model over its planned resources.
import { pricesOf } from '../../contracts/prices';
import type { Plan } from './plan';
import { HOURS, PARTS, rounded } from './price-parts';
import type { PriceLine, Subject } from './price-subject';

const SECONDS = HOURS * 3600;

/** What a stack costs. */
export interface Price {
  /** Region whose list prices are taken. */
  readonly region: string;
  readonly lines: readonly PriceLine[];
  /** Dollars a month. */
  readonly perMonthIdle: number;
  /** Dollars a month at a steady rate. */
  readonly perMonthAt: { readonly requestsPerSecond: number; readonly dollars: number };
}

/** Prices a plan. @param requestsPerSecond Steady load, without free tiers and discounts. */
export function priceOf(plan: Plan, requestsPerSecond: number): Price {
  const prices = pricesOf(String(plan.outputs.region));
  const subject: Subject = {
    prices,
    rate: requestsPerSecond,
    requests: requestsPerSecond * SECONDS,
    all: (type) => plan.resources.filter((resource) => resource.type.endsWith(type)),
  };
  const lines = PARTS.flatMap((part) => part(subject)).filter(({ atRate }) => atRate > 0);
  const sum = (of: (line: PriceLine) => number): number =>
    rounded(lines.reduce((total, line) => total + of(line), 0));
  return {
    region: prices.region,
    lines,
    perMonthIdle: sum(({ idle }) => idle),
    perMonthAt: { requestsPerSecond, dollars: sum(({ atRate }) => atRate) },
  };
}
