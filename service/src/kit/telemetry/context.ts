// Which trace a piece of work belongs to: ids, sampling, W3C trace context, propagation in the process.
import type { Context } from '@opentelemetry/api';
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import type { SamplerSettings } from './settings';

/** A recorded span that is under way. Work that is not recorded has none. */
export interface SpanContext {
  readonly traceId: string;
  readonly spanId: string;
  /** Span of the caller, from its `traceparent`. */
  readonly parentSpanId: string | undefined;
}

/** What everything belongs to that a request, or a span of OpenTelemetry's API, starts. */
export interface Scope {
  /** `undefined` in a request that is not recorded. */
  readonly span: SpanContext | undefined;
  /** Header of the caller: which trace it is that this request is not recorded in. */
  readonly traceparent: string | undefined;
  /** The same for OpenTelemetry's API, made when the API asks for it the first time. */
  api: Context | undefined;
}

const storage = new AsyncLocalStorage<Scope | undefined>();

/** Runs `work` with `scope` as that of everything that it starts. */
export function runInScope<T, A extends unknown[]>(
  scope: Scope,
  work: (...args: A) => T,
  ...args: A
): T {
  return storage.run(scope, work, ...args);
}

/** Sets the scope of what runs from here on; prefer `runInScope`, which ends by itself. */
export function enterScope(scope: Scope | undefined): void {
  storage.enterWith(scope);
}

/** The scope of what is running; `undefined` outside of requests. */
export function activeScope(): Scope | undefined {
  return storage.getStore();
}

/** The context of what is running, if it is recorded. */
export function activeContext(): SpanContext | undefined {
  return storage.getStore()?.span;
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

/** A trace id whose sampling is decided by `randomness`, 32 bits. */
function traceIdOf(randomness: number): string {
  const rest = random32();
  return (
    TRACE_PREFIX +
    hex8(randomness) +
    (HEX2[rest >>> 24] as string) +
    (HEX2[(rest >>> 16) & 0xff] as string) +
    (HEX2[(rest >>> 8) & 0xff] as string)
  );
}

/** The trace of a request that is not recorded: its caller's, or one of its own. */
export function unrecordedTraceId(traceparent: string | undefined): string {
  const [, traceId] = TRACEPARENT.exec(String(traceparent)) ?? [];
  return traceId ?? traceIdOf(random32());
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
      return { traceId: traceIdOf(randomness), spanId: newSpanId(), parentSpanId: undefined };
    }
    const [, traceId = '', parentSpanId = '', flags = ''] = parent;
    const sampled = this.settings.parentBased
      ? (parseInt(flags, 16) & SAMPLED_FLAG) === SAMPLED_FLAG
      : parseInt(traceId.slice(18, 26), 16) >= this.threshold;
    return sampled ? { traceId, spanId: newSpanId(), parentSpanId } : undefined;
  }
}
