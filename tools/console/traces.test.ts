// Spans to rows and waterfalls.
import type { ReceivedSpan } from '../local/otlp';
import { isComplete, traceRows, waterfall, withFront } from './traces';
import type { LogLine } from './view';

const span = (values: Partial<ReceivedSpan>): ReceivedSpan => ({
  ...{ traceId: 't1', spanId: 's1', name: 'GET /items', kind: 2, startMs: 100, durationMs: 20 },
  ...{ error: false, attributes: { 'http.response.status_code': 200 }, ...values },
});
const DYNAMODB = span({
  ...{ spanId: 's2', parentSpanId: 's1', name: 'Query items', kind: 3, startMs: 105 },
  ...{ durationMs: 12, attributes: { 'db.system.name': 'aws.dynamodb' } },
});
const KMS = span({
  ...{ spanId: 's3', parentSpanId: 's1', name: 'KMS/Encrypt', kind: 3, startMs: 102 },
  ...{ durationMs: 3, attributes: {} },
});
const EDGE = span({
  ...{ spanId: 'e1', name: 'edge check', startMs: 97, durationMs: 2, attributes: {} },
});
const OTHER = span({ traceId: 't2', startMs: 500, error: true, name: 'POST /items' });
const ownerOf = (keyId: string) => keyId;

describe('traceRows', () => {
  it('tells route, status, duration and who took the time, newest first', () => {
    const rows = traceRows([span({}), DYNAMODB, KMS, OTHER], { limit: 10, ownerOf });
    expect(rows.map(({ traceId }) => traceId)).toEqual(['t2', 't1']);
    expect(rows[0]).toMatchObject({ route: 'POST /items', error: true });
    expect(rows[1]).toMatchObject({
      ...{ route: 'GET /items', status: 200, durationMs: 20, error: false },
      parts: [
        { name: 'service', ms: 5 },
        { name: 'DynamoDB', ms: 12 },
        { name: 'KMS', ms: 3 },
      ],
    });
  });

  it("takes route and status from the service's span, and the edge as a part", () => {
    const [row] = traceRows([EDGE, span({ parentSpanId: 'e1' })], { limit: 1, ownerOf });
    expect(row).toMatchObject({
      ...{ route: 'GET /items', status: 200, durationMs: 23 },
      parts: [
        { name: 'service', ms: 21 },
        { name: 'edge', ms: 2 },
      ],
    });
  });

  it('filters by words and time, and ends at the limit', () => {
    const rows = (options: object) =>
      traceRows([span({}), OTHER], { limit: 10, ownerOf, ...options }).map(
        ({ traceId }) => traceId,
      );
    expect(rows({ filter: 'post items' })).toEqual(['t2']);
    expect(rows({ filter: 'post 404' })).toEqual([]);
    expect(rows({ sinceMs: 400 })).toEqual(['t2']);
    expect(rows({ limit: 1 })).toEqual(['t2']);
  });
});

describe('isComplete', () => {
  it('waits for the span of the service, and for what may come after it', () => {
    const [soon, later] = [1_000, 3_600_000];
    expect(isComplete([], 't1', later)).toBe(false);
    expect(isComplete([EDGE, DYNAMODB, OTHER], 't1', later)).toBe(false);
    expect(isComplete([EDGE, DYNAMODB, span({})], 't1', soon)).toBe(false);
    expect(isComplete([EDGE, DYNAMODB, span({})], 't1', later)).toBe(true);
  });
});

describe('waterfall', () => {
  it('sets children below their parents by their start; what has lost its parent stands at the edge', () => {
    const lost = span({ spanId: 's4', parentSpanId: 'gone', startMs: 90 });
    const rows = waterfall([DYNAMODB, span({}), KMS, OTHER, lost], 't1');
    expect(rows.map(({ spanId, depth }) => [spanId, depth])).toEqual([
      ['s4', 0],
      ['s1', 0],
      ['s3', 1],
      ['s2', 1],
    ]);
  });

  it('is framed by what the access log saw, unless a span tells of the edge', () => {
    const rows = waterfall([span({})], 't1');
    const access: LogLine = {
      ...{ atMs: 125, source: 'access', from: 'access', level: 'info', text: '', ids: {} },
      fields: { durationMs: 30, originMs: 24, method: 'GET', path: '/items', status: 200 },
    };
    expect(withFront(rows, [access])).toMatchObject([
      { name: 'CloudFront GET /items', depth: 0, startMs: 95, durationMs: 30 },
      { name: 'edge check', depth: 1, startMs: 95, durationMs: 6 },
      { name: 'GET /items', depth: 1 },
    ]);
    expect(withFront(rows, [])).toBe(rows);
    expect(withFront([], [access])).toEqual([]);
    const told = waterfall([EDGE, span({ parentSpanId: 'e1' })], 't1');
    expect(withFront(told, [access])).toMatchObject([
      { name: 'CloudFront GET /items', depth: 0 },
      { spanId: 'e1', depth: 1, startMs: 97, durationMs: 2 },
      { name: 'GET /items', depth: 2 },
    ]);
  });
});
