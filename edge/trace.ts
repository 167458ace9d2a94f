// Where in which trace the edge stands: in the caller's, or in one that it starts.
import type { CloudFrontHeaders } from 'aws-lambda';
import { randomUUID } from 'node:crypto';
import { TRACEPARENT_HEADER } from '../contracts/headers';
import { readTraceparent, type TraceContext } from '../contracts/trace-context';

/** The edge's own place, and the caller's span above it. */
export type EdgePlace = TraceContext & { readonly parentSpanId?: string };

/**
 * A caller who sent a trace has decided whether it is recorded; of the others `share` (0 to 1) is. The
 * service follows: its sampler asks the parent.
 */
export function placeInTrace(headers: CloudFrontHeaders, share: number): EdgePlace {
  const caller = readTraceparent(headers[TRACEPARENT_HEADER]?.[0]?.value);
  // Not of version 4's fixed digits alone, so never zeros; and much cheaper than bytes by themselves.
  const spanId = digits().slice(16);
  if (caller !== undefined) {
    return { ...caller, spanId, parentSpanId: caller.spanId };
  }
  const traceId = digits();
  return { traceId, spanId, sampled: parseInt(traceId.slice(0, 8), 16) < share * 2 ** 32 };
}

/** 32 hexadecimal digits by chance. */
function digits(): string {
  return randomUUID().replaceAll('-', '');
}
