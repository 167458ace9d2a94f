import { gzipSync } from 'node:zlib';
import { MetricStore } from '../cloudwatch/metric-store';
import { OtlpReceiver } from './otlp';
import { SERVICE_NAMESPACE } from './otlp-metrics';

describe('OtlpReceiver', () => {
  let receiver: OtlpReceiver;
  let store: MetricStore;
  let url: string;

  beforeEach(async () => {
    store = new MetricStore({ now: Date.now });
    receiver = new OtlpReceiver(store, 'dev');
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
    expect(receiver.all().map(({ name }) => name)).toEqual(['first', 'second']);
    expect(receiver.all()[1]).toMatchObject({
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

  it('keeps no span of the route that is quiet', async () => {
    const quiet = new OtlpReceiver(store, 'dev', '/healthz');
    const own = `http://127.0.0.1:${await quiet.start()}`;
    const spans = ['/healthz', '/items'].map((route) => ({
      ...{ traceId: 't', spanId: route, name: route },
      ...{ startTimeUnixNano: '1700000000000000000', endTimeUnixNano: '1700000000012500000' },
      attributes: [{ key: 'http.route', value: { stringValue: route } }],
    }));
    const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
    await fetch(`${own}/v1/traces`, { method: 'POST', body });
    expect(quiet.all().map(({ name }) => name)).toEqual(['/items']);
    await quiet.close();
  });

  it('answers 400 to what is not OTLP', async () => {
    expect((await post('/v1/traces', 'garbage')).status).toBe(400);
    expect(receiver.all()).toEqual([]);
  });
});
