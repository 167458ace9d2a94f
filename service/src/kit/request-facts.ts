// What is known of a request wherever it is logged: ids, route, key; never a path, query, header or body.
import { trace, TraceFlags, type SpanContext } from '@opentelemetry/api';
import type { Context } from 'hono';
import { CLOUDFRONT_ID_HEADER } from '../../../contracts/headers';
import type { AppEnv } from './identity';
import type { LogFields } from './logger';
import { routeOf } from './telemetry/http-server';

/** CloudFront's ids are Base64 in its URL form; anything else was not made there. */
const CLOUDFRONT_ID = /^[\w=-]{1,128}$/;

/**
 * Fields of a log line that lead on: `cloudFrontId` to the edge's and the access log, `traceId` to the
 * trace where there is one.
 */
export function requestFacts(c: Context<AppEnv>): LogFields {
  const span = recordedSpan();
  const cloudFrontId = c.req.header(CLOUDFRONT_ID_HEADER) ?? '';
  return {
    route: routeOf(c),
    keyId: (c.get('identity') as { keyId: string } | undefined)?.keyId,
    requestId: c.get('requestId'),
    cloudFrontId: CLOUDFRONT_ID.test(cloudFrontId) ? cloudFrontId : undefined,
    traceId: span?.traceId,
    spanId: span?.spanId,
  };
}

/** The request's own span, where a trace holds it. */
function recordedSpan(): SpanContext | undefined {
  const span = trace.getActiveSpan()?.spanContext();
  return span !== undefined && (span.traceFlags & TraceFlags.SAMPLED) !== 0 ? span : undefined;
}
