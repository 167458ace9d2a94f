// Which trace a piece of work belongs to: ids, sampling, W3C trace context, propagation in the process.
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import type { SamplerSettings } from './settings';

/** A recorded span that is under way. Work that is not recorded has no context at all. */
export interface SpanContext {
  readonly traceId: string;
  readonly spanId: string;
  /** Span of the caller, from its `traceparent`. */
  readonly parentSpanId: string | undefined;
}

const storage = new AsyncLocalStorage<SpanContext>();

/** Runs `work` with `context` as that of everything that it starts. */
export function runWithContext<T>(context: SpanContext, work: () => T): T {
  return storage.run(context, work);
}

/** The context of what is running, if it is recorded. */
export function activeContext(): SpanContext | undefined {
  return storage.getStore();
}

const TRACEPARENT =
  /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})/;
const SAMPLED_FLAG = 1;
const TWO_32 = 2 ** 32;
// A lookup is several times faster than toString(16) and padding, in a table that stays in the
// processor's cache: one of four digits a row does not.
const HEX2 = Array.from({ length: 256 }, (_, n) => n.toString(16).padStart(2, '0'));

function hex8(random: number): string {
  return (
    (HEX2[random >>> 24] as string) +
    (HEX2[(random >>> 16) & 0xff] as string) +
    (HEX2[(random >>> 8) & 0xff] as string) +
    (HEX2[random & 0xff] as string)
  );
}

function random32(): number {
  return (Math.random() * TWO_32) >>> 0;
}

// Trace context level 2 wants the last seven bytes of a trace id random; those before them tell
// processes apart. Ids are no secret, so the fast generator is good enough (as OpenTelemetry's).
const TRACE_PREFIX = randomBytes(9).toString('hex');
const SPAN_PREFIX = randomBytes(4).toString('hex');

/** A span id: unique within its trace, never all zeros. */
export function newSpanId(): string {
  return SPAN_PREFIX + hex8(random32() | 1);
}

/**
 * Decides whether a request is recorded, and makes its context only if it is: an unsampled request
 * costs one random number.
 */
export class Sampler {
  private readonly threshold: number;

  constructor(private readonly settings: SamplerSettings) {
    this.threshold = (1 - settings.ratio) * TWO_32;
  }

  /** @param traceparent Header of the caller, if any. */
  start(traceparent: string | undefined): SpanContext | undefined {
    const parent = traceparent === undefined ? null : TRACEPARENT.exec(traceparent);
    if (parent === null) {
      // These are the digits of the new trace id by which a ratio sampler further on decides too
      // (opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling).
      const randomness = random32();
      if (randomness < this.threshold) return undefined;
      const rest = random32();
      return {
        traceId:
          TRACE_PREFIX +
          hex8(randomness) +
          (HEX2[rest >>> 24] as string) +
          (HEX2[(rest >>> 16) & 0xff] as string) +
          (HEX2[(rest >>> 8) & 0xff] as string),
        spanId: newSpanId(),
        parentSpanId: undefined,
      };
    }
    const [, traceId = '', parentSpanId = '', flags = ''] = parent;
    const sampled = this.settings.parentBased
      ? (parseInt(flags, 16) & SAMPLED_FLAG) === SAMPLED_FLAG
      : parseInt(traceId.slice(18, 26), 16) >= this.threshold;
    return sampled ? { traceId, spanId: newSpanId(), parentSpanId } : undefined;
  }
}
