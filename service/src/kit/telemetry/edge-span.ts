// The edge's span, written by the service from what the edge told: Lambda@Edge exports nothing itself.
import { SpanKind, SpanStatusCode, TraceFlags, type SpanContext } from '@opentelemetry/api';
import { millisToHrTime } from '@opentelemetry/core';
import { resourceFromAttributes, type Resource } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { ATTR_SERVICE_NAME } from '@opentelemetry/semantic-conventions';
import type { EdgeTiming } from '../../../../contracts/trace-context';

/** What the edge told of a request, and the place in the trace that it took. */
export interface EdgeSpan {
  readonly timing: EdgeTiming;
  readonly place: SpanContext;
}

/** The same object each time: the exporter groups spans by it. */
const SCOPE = { name: 'gatehouse.edge' };

/** The edge as what makes its spans: a node of its own in a map of services. */
export function edgeResource(service: Resource): Resource {
  const name = `${String(service.attributes[ATTR_SERVICE_NAME])}-edge`;
  return service.merge(resourceFromAttributes({ [ATTR_SERVICE_NAME]: name }));
}

/** The span as the edge's own function would export it, above the service's. */
export function edgeSpan({ timing, place }: EdgeSpan, resource: Resource): ReadableSpan {
  const { startMs, durationMs, lookupMs, cache, parentSpanId } = timing;
  const { traceId } = place;
  const traceFlags = TraceFlags.SAMPLED;
  return {
    name: 'edge check',
    kind: SpanKind.SERVER,
    spanContext: () => ({ ...place, traceFlags }),
    ...(parentSpanId === undefined
      ? {}
      : { parentSpanContext: { traceId, spanId: parentSpanId, traceFlags, isRemote: true } }),
    startTime: millisToHrTime(startMs),
    endTime: millisToHrTime(startMs + durationMs),
    duration: millisToHrTime(durationMs),
    ended: true,
    status: { code: SpanStatusCode.UNSET },
    attributes: {
      ...(cache === undefined ? {} : { 'gatehouse.edge.cache': cache }),
      ...(lookupMs === undefined ? {} : { 'gatehouse.edge.lookup_ms': lookupMs }),
    },
    links: [],
    events: [],
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    resource,
    instrumentationScope: SCOPE,
  };
}
