// The attributes of a recorded span, to be written without what the SDK's `setAttribute` does for each.
import type { Attributes, Span } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';

/** By `setAttribute` each value costs a WeakSet, and so the garbage collector. */
export function attributesOf(span: Span): Attributes {
  return (span as unknown as ReadableSpan).attributes;
}
