// Trace context between caller, edge and service (W3C), and what the edge tells of its own part.

/** A place in a trace. */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** Whether the trace is recorded. */
  readonly sampled: boolean;
}

/** The edge's part of a request, of which the service writes a span: Lambda@Edge exports none. */
export interface EdgeTiming {
  /** Epoch milliseconds. */
  readonly startMs: number;
  /** How long the decision took, in milliseconds. */
  readonly durationMs: number;
  /** How long its look-up in the keys table took, in milliseconds; absent without one. */
  readonly lookupMs?: number | undefined;
  /** Where the key's record came from. */
  readonly cache?: string | undefined;
  /** The caller's span, where the caller sent one. */
  readonly parentSpanId?: string | undefined;
}

// https://www.w3.org/TR/trace-context/#traceparent-header-field-values: version ff and zeros are invalid.
const TRACEPARENT = /^(?!ff)[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})$/;

/** @returns undefined for what is no context of version 00, or of a later one in the form of 00. */
export function readTraceparent(value: string | undefined): TraceContext | undefined {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(value ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return { traceId, spanId, sampled: (parseInt(flags, 16) & 1) === 1 };
}

export function writeTraceparent({ traceId, spanId, sampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-0${Number(sampled)}`;
}

/** The timing as the value of a header: `1764000000000;dur=7.25;lookup=6;cache=miss;parent=b7ad…`. */
export function writeEdgeTiming(timing: EdgeTiming): string {
  const { startMs, durationMs, lookupMs, cache, parentSpanId } = timing;
  const parts = { dur: durationMs.toFixed(2), lookup: lookupMs, cache, parent: parentSpanId };
  const told = Object.entries(parts).filter(([, value]) => value !== undefined);
  return [startMs, ...told.map(([name, value]) => `${name}=${value}`)].join(';');
}

const EDGE_TIMING =
  /^(\d{1,16});dur=(\d{1,6}\.\d\d)(?:;lookup=(\d{1,6}))?(?:;cache=([a-z]{1,16}))?(?:;parent=([\da-f]{16}))?$/;

/** @returns undefined for what {@link writeEdgeTiming} did not write. */
export function readEdgeTiming(value: string | undefined): EdgeTiming | undefined {
  const [, start, duration, lookup, cache, parentSpanId] = EDGE_TIMING.exec(value ?? '') ?? [];
  if (start === undefined) return undefined;
  return {
    startMs: Number(start),
    durationMs: Number(duration),
    lookupMs: lookup === undefined ? undefined : Number(lookup),
    cache,
    parentSpanId,
  };
}
