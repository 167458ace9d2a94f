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
  /** What is done to the header's value before it is counted, in this order. @default nothing */
  transformations?: readonly TextTransformation[];
}

/** https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-transformation.html */
const TRANSFORMATIONS = {
  NONE: (text: string) => text,
  LOWERCASE: (text: string) => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()),
  COMPRESS_WHITE_SPACE: (text: string) => text.replace(/[ \f\t\n\r\v\u00a0]+/g, ' '),
};

/** WAF's text transformations that are imitated here. */
export type TextTransformation = keyof typeof TRANSFORMATIONS;

/** Whether a transformation is imitated here. */
export function isTextTransformation(type: string): type is TextTransformation {
  return Object.hasOwn(TRANSFORMATIONS, type);
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
    const aggregate = this.aggregate(clientIp, headers);
    if (aggregate === undefined) return false;
    const counter = this.counter(aggregate);
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

  private aggregate(clientIp: string, headers: IncomingHttpHeaders): string | undefined {
    const { header, transformations = [] } = this.rule;
    if (header === undefined) return clientIp;
    const value = headers[header];
    if (value === undefined) return undefined;
    return transformations.reduce((text, type) => TRANSFORMATIONS[type](text), String(value));
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
