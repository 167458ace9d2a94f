import { gzipSync } from 'node:zlib';
import { addEmbeddedMetrics, MetricStore } from './metrics';
import { OtlpReceiver, SERVICE_NAMESPACE } from './otlp';

describe('MetricStore', () => {
  it('aggregates the observations of one second', () => {
    const store = new MetricStore();
    for (const value of [3, 1, 2]) store.add('N', 'latency', { Stack: 'dev' }, value, 20_500);
    store.add('N', 'latency', { Stack: 'dev' }, 9, 30_000);
    expect(store.query({ namespace: 'N', name: 'latency' })).toEqual([
      {
        namespace: 'N',
        name: 'latency',
        dimensions: { Stack: 'dev' },
        points: [
          { time: '1970-01-01T00:00:20.000Z', sum: 6, count: 3, min: 1, max: 3 },
          { time: '1970-01-01T00:00:30.000Z', sum: 9, count: 1, min: 9, max: 9 },
        ],
      },
    ]);
  });

  it('finds series by a part of their dimensions and points by time', () => {
    const store = new MetricStore();
    store.add('N', 'count', { Stack: 'dev', KeyId: 'a' }, 1, 10_000);
    store.add('N', 'count', { KeyId: 'b', Stack: 'dev' }, 1, 10_000);
    const query = (dimensions: Record<string, string>, sinceMs = 0) =>
      store.query({ dimensions, sinceMs });
    expect(query({ Stack: 'dev' })).toHaveLength(2);
    expect(query({ KeyId: 'a' })).toHaveLength(1);
    expect(query({ KeyId: 'a' }, 60_000)[0]?.points).toEqual([]);
  });

  it('answers the statistics that a scaling policy may ask for', () => {
    const store = new MetricStore();
    const metric = { namespace: 'N', name: 'latency', dimensions: { Stack: 'dev' } };
    for (let value = 1; value <= 100; value += 1) {
      store.add('N', 'latency', { Stack: 'dev' }, value / 1000, 50_000 + value * 10);
    }
    store.add('N', 'latency', { Stack: 'dev' }, 9, 1000);
    const statistic = (stat: string, sinceMs = 50_000) => store.statistic(metric, stat, sinceMs);
    expect(statistic('Average')).toBeCloseTo(0.0505, 6);
    expect(statistic('SampleCount')).toBe(100);
    expect(statistic('Sum')).toBeCloseTo(5.05, 6);
    expect([statistic('Minimum'), statistic('Maximum')]).toEqual([0.001, 0.1]);
    expect(statistic('p95') ?? 0).toBeGreaterThan(0.09);
    expect(statistic('p95') ?? 0).toBeLessThan(0.1);
    expect(statistic('Average', 60_000)).toBeUndefined();
    expect(() => statistic('median')).toThrow('median');
  });

  it('drops new series beyond its limit instead of growing', () => {
    const store = new MetricStore();
    for (let index = 0; index < 10_050; index += 1) store.add('N', 'm', { id: String(index) }, 1);
    expect(store.query({})).toHaveLength(10_000);
  });
});

describe('addEmbeddedMetrics', () => {
  it('takes the metrics of a line under each set of dimensions', () => {
    const store = new MetricStore();
    addEmbeddedMetrics(
      store,
      JSON.stringify({
        _aws: {
          Timestamp: 1_000_000,
          CloudWatchMetrics: [
            {
              Namespace: 'Gatehouse/Edge',
              Dimensions: [['Stack'], ['Stack', 'Decision']],
              Metrics: [{ Name: 'Decisions', Unit: 'Count' }, { Name: 'Missing' }],
            },
          ],
        },
        Stack: 'dev',
        Decision: 'allow',
        Decisions: 1,
      }),
    );
    expect(store.query({}).map(({ name, dimensions }) => [name, dimensions])).toEqual([
      ['Decisions', { Stack: 'dev' }],
      ['Decisions', { Stack: 'dev', Decision: 'allow' }],
    ]);
  });

  it.each(['plain text', '{"_aws": broken', '{"_aws":{}}'])('ignores %s', (line) => {
    const store = new MetricStore();
    addEmbeddedMetrics(store, line);
    expect(store.query({})).toEqual([]);
  });
});

describe('OtlpReceiver', () => {
  let receiver: OtlpReceiver;
  let store: MetricStore;
  let url: string;

  beforeEach(async () => {
    store = new MetricStore();
    receiver = new OtlpReceiver(store);
    url = `http://127.0.0.1:${await receiver.start()}`;
  });
  afterEach(() => receiver.close());

  const post = (
    path: string,
    body: string | Uint8Array<ArrayBuffer>,
    headers: Record<string, string> = {},
  ) => fetch(`${url}${path}`, { method: 'POST', body, headers });

  it('keeps spans, newest first, also when they come compressed', async () => {
    const span = (name: string) => ({
      traceId: 't',
      spanId: name,
      name,
      kind: 2,
      startTimeUnixNano: '1700000000000000000',
      endTimeUnixNano: '1700000000012500000',
      status: { code: 2 },
      attributes: [
        { key: 'http.route', value: { stringValue: '/users' } },
        { key: 'http.response.status_code', value: { intValue: '500' } },
      ],
    });
    const body = (name: string) =>
      JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span(name)] }] }] });
    await post('/v1/traces', body('first'));
    await post('/v1/traces', gzipSync(body('second')), { 'content-encoding': 'gzip' });
    expect(receiver.latest().map(({ name }) => name)).toEqual(['second', 'first']);
    expect(receiver.latest(1)[0]).toMatchObject({
      durationMs: 12.5,
      error: true,
      attributes: { 'http.route': '/users', 'http.response.status_code': 500 },
    });
  });

  it('turns cumulative histograms into what was gained since the last export', async () => {
    const body = (count: number, sum: number) =>
      JSON.stringify({
        resourceMetrics: [
          {
            scopeMetrics: [
              {
                metrics: [
                  {
                    name: 'http.server.request.duration',
                    histogram: {
                      aggregationTemporality: 2,
                      dataPoints: [{ startTimeUnixNano: '1', count, sum, min: 0.1, max: 0.4 }],
                    },
                  },
                ],
              },
            ],
          },
        ],
      });
    await post('/v1/metrics', body(2, 0.5));
    await post('/v1/metrics', body(5, 1.1));
    const [series] = store.query({ namespace: SERVICE_NAMESPACE });
    const total = series?.points.reduce((sum, point) => sum + point.sum, 0);
    const count = series?.points.reduce((sum, point) => sum + point.count, 0);
    expect([total, count]).toEqual([1.1, 5]);
  });

  it('answers 400 to what is not OTLP', async () => {
    expect((await post('/v1/traces', 'garbage')).status).toBe(400);
    expect(receiver.latest()).toEqual([]);
  });
});
