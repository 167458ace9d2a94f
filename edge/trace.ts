// Where in which trace the edge stands: in the caller's, or in one that it starts.
import type { CloudFrontHeaders } from 'aws-lambda';
import { randomUUID } from 'node:crypto';
import { TRACEPARENT_HEADER } from '../contracts/headers';
import { readTraceparent, type TraceContext } from '../contracts/trace-context';

/** The edge's own place, and the caller's span above it. */
export type EdgePlace = TraceContext & { readonly parentSpanId?: string };

/**
 * Goes on with the caller's trace, of which `share` (0 to 1) is recorded as of any other: by the caller's
 * flag anybody could have all of it recorded at our cost, and by its trace id as well, for who sends it
 * chooses it. The service follows: its sampler asks the parent.
 */
export function placeInTrace(headers: CloudFrontHeaders, share: number): EdgePlace {
  const [sent, ...more] = headers[TRACEPARENT_HEADER] ?? [];
  // Several are none: https://www.w3.org/TR/trace-context/#traceparent-header
  const caller = more.length > 0 ? undefined : readTraceparent(sent?.value);
  // Not of version 4's fixed digits alone, so never zeros; and much cheaper than bytes by themselves.
  const spanId = digits().slice(16);
  const sampled = parseInt(spanId.slice(8), 16) < share * 2 ** 32;
  return caller === undefined
    ? { traceId: digits(), spanId, sampled }
    : { traceId: caller.traceId, spanId, sampled, parentSpanId: caller.spanId };
}

/** 32 hexadecimal digits by chance. */
function digits(): string {
  return randomUUID().replaceAll('-', '');
}
