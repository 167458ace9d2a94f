// Spans as X-Ray's daemon gets them: its wire format, what fits into a datagram, and what does not.
import { trace } from '@opentelemetry/api';
import { Hono } from 'hono';
import { XRAY_EXPORTER } from '../../../../contracts/env';
import { EDGE_TIMING_HEADER } from '../../../../contracts/headers';
import { until } from '../../../../contracts/testing/time';
import { writeEdgeTiming } from '../../../../contracts/trace-context';
import { startDaemon, type Daemon } from '../../../testing/daemon';
import { telemetryOf } from '../../../testing/telemetry';
import type { Telemetry } from '../telemetry';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const EDGE = 'b7ad6b7169203331';
/** Most that a datagram holds. */
const DATAGRAM = 65_507;

describe('XrayExporter', () => {
  let daemon: Daemon;
  let telemetry: Telemetry;
  const reports: string[] = [];
  beforeEach(async () => {
    daemon = await startDaemon();
    reports.length = 0;
  });
  afterEach(async () => {
    await telemetry.shutdown(60_000);
    daemon.close();
  });

  function start(address = daemon.address): Hono {
    telemetry = telemetryOf(
      {
        OTEL_TRACES_EXPORTER: XRAY_EXPORTER,
        OTEL_METRICS_EXPORTER: 'none',
        OTEL_SERVICE_NAME: 'mine',
        AWS_XRAY_DAEMON_ADDRESS: address,
      },
      reports,
    );
    return new Hono().use(telemetry.middleware).get('/things/:id', (c) => {
      trace.getTracer('own').startSpan('look up').end();
      return c.text('done');
    });
  }
  const flush = () => telemetry.flush(60_000);
  function spans(count: number, attribute: string): void {
    for (let at = 0; at < count; at += 1) {
      trace.getTracer('own').startSpan('x', { attributes: { attribute } }).end();
    }
  }

  it('sends edge, service and what is within in one trace, searchable by route', async () => {
    const app = start();
    const timing = writeEdgeTiming({ startMs: Date.now(), durationMs: 1, cache: 'hit' });
    const headers = { traceparent: `00-${TRACE}-${EDGE}-01`, [EDGE_TIMING_HEADER]: timing };
    expect((await app.request('/things/1', { headers })).status).toBe(200);
    await flush();
    await until(() => daemon.spans.length === 3);
    const named = (name: string) => daemon.spans.find((span) => span.name === name);
    const request = named('GET /things/:id');
    expect(named('edge check')).toMatchObject({ traceId: TRACE, spanId: EDGE });
    expect(request).toMatchObject({
      traceId: TRACE,
      parentSpanId: EDGE,
      attributes: { 'http.route': '/things/:id', 'aws.xray.annotations': ['http.route'] },
    });
    expect(named('look up')).toMatchObject({ traceId: TRACE, parentSpanId: request?.spanId });
    expect(named('look up')?.attributes).toEqual({});
    expect(daemon.resources.map((resource) => resource['service.name'])).toEqual([
      'mine',
      'mine-edge',
    ]);
    expect(daemon.lengths).toHaveLength(1);
    expect(reports).toEqual([]);
  });

  it('takes as many datagrams as it needs', async () => {
    start();
    spans(7, 'a'.repeat(10_000));
    await flush();
    await until(() => daemon.spans.length === 7);
    expect(daemon.lengths.length).toBeGreaterThan(1);
    expect(Math.max(...daemon.lengths)).toBeLessThanOrEqual(DATAGRAM);
    expect(reports).toEqual([]);
  });

  it('counts what fits into none, and sends the rest', async () => {
    start();
    spans(1, 'a'.repeat(DATAGRAM));
    spans(2, 'small');
    await flush();
    await until(() => daemon.spans.length >= 1);
    expect(reports[0]).toMatch(/^[12] EMSGSIZE$/);
    expect(reports[1]).toMatch(/EMSGSIZE/);
  });

  it('answers as ever where nobody listens', async () => {
    const app = start('127.0.0.1:9');
    expect((await app.request('/things/1')).status).toBe(200);
    await flush();
    expect(reports).toEqual([]);
  });
});
