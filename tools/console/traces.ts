// Spans as traces: one row each with its parts, and the waterfall of one.
import type { ReceivedSpan } from '../local/otlp';
import type { LogLine, SpanRow, TraceRow } from './view';

/**
 * Traces, newest first.
 * @param filter words that route, status, owner or id must contain, all of them.
 */
export function traceRows(
  spans: readonly ReceivedSpan[],
  options: {
    filter?: string;
    sinceMs?: number;
    limit: number;
    ownerOf: (keyId: string) => string;
  },
): TraceRow[] {
  const { filter = '', sinceMs = 0, limit, ownerOf } = options;
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return [...Map.groupBy(spans, ({ traceId }) => traceId)]
    .map(([traceId, own]) => rowOf(traceId, own, ownerOf))
    .filter((row) => row.startMs >= sinceMs)
    .filter((row) => {
      const text = `${row.route} ${row.status} ${row.owner} ${row.traceId}`.toLowerCase();
      return words.every((word) => text.includes(word));
    })
    .sort((a, b) => b.startMs - a.startMs)
    .slice(0, limit);
}

function rowOf(
  traceId: string,
  spans: readonly ReceivedSpan[],
  ownerOf: (keyId: string) => string,
): TraceRow {
  const startMs = Math.min(...spans.map((span) => span.startMs));
  const endMs = Math.max(...spans.map((span) => span.startMs + span.durationMs));
  const served = spans.find(isService) ?? spans[0];
  const { attributes = {}, name = '' } = served ?? {};
  const status = attributes['http.response.status_code'];
  const keyId = attributes['enduser.id'] ?? attributes['gatehouse.key_id'];
  return {
    traceId,
    startMs,
    durationMs: endMs - startMs,
    route: name,
    status: status === undefined ? null : Number(status),
    error: spans.some(({ error }) => error) || Number(status) >= 500,
    owner: keyId === undefined ? '' : ownerOf(String(keyId)),
    parts: partsOf(spans, endMs - startMs),
  };
}

/** The edge's own span, which the service writes: above the service's. */
function isEdge({ kind, name }: ReceivedSpan): boolean {
  return kind === SERVER && name === 'edge check';
}

/** The service's own span of a request, which ends after all that it called. */
function isService(span: ReceivedSpan): boolean {
  return span.kind === SERVER && !isEdge(span);
}

/** Two exports of the service, and what a slow machine adds: what is later than that has been lost. */
const LATEST_MS = 20_000;

/**
 * Whether all of a trace has arrived: its calls can be exported before the service's own span, and after it
 * where a call outlives its request or an export is sent again.
 */
export function isComplete(
  spans: readonly ReceivedSpan[],
  traceId: string,
  nowMs: number,
): boolean {
  return spans.some(
    (span) =>
      span.traceId === traceId &&
      isService(span) &&
      span.startMs + span.durationMs < nowMs - LATEST_MS,
  );
}

/** SPAN_KIND_SERVER and SPAN_KIND_CLIENT of OTLP. */
const SERVER = 2;
const CLIENT = 3;

/** Time at the edge and in calls to something else by what it is; the rest is the service's own. */
function partsOf(spans: readonly ReceivedSpan[], durationMs: number): TraceRow['parts'] {
  const parts = new Map<string, number>();
  for (const span of spans) {
    if (span.kind !== CLIENT && !isEdge(span)) continue;
    const name = isEdge(span) ? 'edge' : dependencyOf(span);
    parts.set(name, (parts.get(name) ?? 0) + span.durationMs);
  }
  const called = [...parts].map(([name, ms]) => ({ name, ms }));
  const own = durationMs - called.reduce((sum, { ms }) => sum + ms, 0);
  return [{ name: 'service', ms: Math.max(0, own) }, ...called];
}

function dependencyOf({ name, attributes }: ReceivedSpan): string {
  if (String(attributes['db.system.name'] ?? attributes['db.system'] ?? '').includes('dynamodb')) {
    return 'DynamoDB';
  }
  return /kms/i.test(name) ? 'KMS' : name;
}

/** The spans of one trace in the order of a waterfall: children below their parents, by start. */
export function waterfall(spans: readonly ReceivedSpan[], traceId: string): SpanRow[] {
  const own = spans.filter((span) => span.traceId === traceId);
  const known = new Set(own.map(({ spanId }) => spanId));
  const children = Map.groupBy(own, ({ parentSpanId = '' }) =>
    known.has(parentSpanId) ? parentSpanId : '',
  );
  const rows: SpanRow[] = [];
  const walk = (parent: string, depth: number) => {
    const below = children.get(parent) ?? [];
    for (const span of below.toSorted((a, b) => a.startMs - b.startMs)) {
      const { spanId, name, startMs, durationMs, error, attributes } = span;
      rows.push({ spanId, name, depth, startMs, durationMs, error, attributes });
      walk(spanId, depth + 1);
    }
  };
  walk('', 0);
  return rows;
}

/** The way to the service and back, from the access log's line; and the edge's part, where no span tells of it. */
export function withFront(spans: SpanRow[], lines: readonly LogLine[]): SpanRow[] {
  const front = lines.find(({ source }) => source === 'access');
  // Lines come at once, spans a moment later: until then there is nothing to frame.
  if (front === undefined || spans.length === 0) return spans;
  const hasEdge = spans.some(({ name }) => name === 'edge check');
  const { durationMs, originMs, method, path, status, by } = front.fields;
  const all = Number(durationMs);
  const startMs = front.atMs - all;
  const row = (spanId: string, name: string, depth: number, ms: number): SpanRow => ({
    ...{ spanId, name, depth, startMs, durationMs: ms, error: Number(status) >= 500 },
    attributes: {
      ...{ 'measured by': 'the access log of this machine', status: status ?? '', by: by ?? '' },
    },
  });
  const before = originMs === undefined ? all : Math.max(0, all - Number(originMs));
  return [
    row('cloudfront', `CloudFront ${method} ${path}`, 0, all),
    ...(hasEdge ? [] : [{ ...row('edge', 'edge check', 1, before), error: false }]),
    ...spans.map((span) => ({ ...span, depth: span.depth + 1 })),
  ];
}
