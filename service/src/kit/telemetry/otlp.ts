// OTLP in its JSON form: fragments that are put together once, and the envelopes around them.
import type { Attributes } from './settings';

const SCOPE = '{"name":"gatehouse","version":"1"}';

/** Seconds and milliseconds of this process's clock, as the wall clock's nanoseconds. */
export class Clock {
  private offsetMs = 0;

  constructor() {
    this.adjust();
  }

  /** The monotonic clock does not follow corrections of the wall clock; called with each export. */
  adjust(): void {
    this.offsetMs = Date.now() - performance.now();
  }

  /** @param atMs A value of `performance.now()`. */
  nanoseconds(atMs: number): string {
    // Microseconds since the epoch fit into a double; nanoseconds would not.
    return `${Math.round((this.offsetMs + atMs) * 1000)}000`;
  }
}

/** One attribute as a JSON fragment. */
export function attribute(key: string, value: string | number): string {
  const encoded =
    typeof value === 'string'
      ? `{"stringValue":${JSON.stringify(value)}}`
      : `{"intValue":"${Math.trunc(value)}"}`;
  return `{"key":${JSON.stringify(key)},"value":${encoded}}`;
}

/** Attributes as a comma-separated fragment; absent values are left out. */
export function attributes(values: Record<string, string | number | undefined>): string {
  return Object.entries(values)
    .flatMap(([key, value]) => (value === undefined ? [] : [attribute(key, value)]))
    .join(',');
}

function resource(values: Attributes): string {
  return `{"attributes":[${attributes(values)}]}`;
}

/** What stands before and behind the spans of an export. */
export function tracesEnvelope(resourceAttributes: Attributes): { head: string; tail: string } {
  return {
    head: `{"resourceSpans":[{"resource":${resource(resourceAttributes)},"scopeSpans":[{"scope":${SCOPE},"spans":[`,
    tail: ']}]}]}',
  };
}

/** Body of an export of metrics. */
export function metricsBody(resourceAttributes: Attributes, metrics: string): string {
  return `{"resourceMetrics":[{"resource":${resource(resourceAttributes)},"scopeMetrics":[{"scope":${SCOPE},"metrics":[${metrics}]}]}]}`;
}
