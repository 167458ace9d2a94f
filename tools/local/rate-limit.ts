// WAF's rate-based rules: requests counted by address or header over a sliding window.
import type { IncomingHttpHeaders } from 'node:http';

/** One recorded rate rule. */
export interface RateRule {
  name: string;
  /** Requests that one aggregate may make in the window. */
  limit: number;
  windowSeconds: number;
  /** Header whose value is counted; undefined counts by IP address. */
  header?: string;
}

const SLOTS = 10;
/** WAF tracks at most 10,000 aggregates a rule (WAF developer guide, rate-based rule caveats). */
const AGGREGATE_LIMIT = 10_000;

interface Counter {
  slots: number[];
  lastSlot: number;
}

/** Counts one rule; WAF itself acts within half a minute, this at once. */
export class RateLimiter {
  private readonly counters = new Map<string, Counter>();

  constructor(
    readonly rule: RateRule,
    private readonly now: () => number = Date.now,
  ) {}

  /** Counts a request; true when it is over the limit. A request without the header is not counted. */
  isOver(clientIp: string, headers: IncomingHttpHeaders): boolean {
    const aggregate = this.rule.header === undefined ? clientIp : headers[this.rule.header];
    if (aggregate === undefined) return false;
    const counter = this.counter(String(aggregate));
    const slot = Math.floor((this.now() * SLOTS) / (this.rule.windowSeconds * 1000));
    const elapsed = Math.min(slot - counter.lastSlot, SLOTS);
    for (let step = 1; step <= elapsed; step += 1) {
      counter.slots[(counter.lastSlot + step) % SLOTS] = 0;
    }
    counter.lastSlot = slot;
    const index = slot % SLOTS;
    counter.slots[index] = (counter.slots[index] ?? 0) + 1;
    return counter.slots.reduce((sum, count) => sum + count, 0) > this.rule.limit;
  }

  private counter(aggregate: string): Counter {
    const known = this.counters.get(aggregate);
    if (known !== undefined) return known;
    if (this.counters.size >= AGGREGATE_LIMIT) {
      const [oldest] = this.counters.keys();
      this.counters.delete(oldest as string);
    }
    const created = { slots: new Array<number>(SLOTS).fill(0), lastSlot: 0 };
    this.counters.set(aggregate, created);
    return created;
  }
}
