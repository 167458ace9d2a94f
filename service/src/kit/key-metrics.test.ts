// Requests by key: counted once the answer is known, sent or logged, and never for a key that is made up.
import { Hono } from 'hono';
import { SERVICE_METRICS } from '../../../contracts/metrics';
import { pointsOf, startCollector } from '../../testing/collector';
import { telemetryOf } from '../../testing/telemetry';
import type { KeyMetrics } from './config';
import type { AppEnv } from './identity';
import { countKeys } from './key-metrics';
import { Logger } from './logger';

const { keyRequests, keyErrors } = SERVICE_METRICS;

/** An app that answers with the status of its path to the key of a header. */
function start(keyMetrics: KeyMetrics) {
  const lines: string[] = [];
  const logger = new Logger('error', (text) => void lines.push(text));
  const app = new Hono<AppEnv>().use(countKeys({ keyMetrics, stack: 'dev', logger }));
  app.get('/:status', (c) => {
    const keyId = c.req.header('x-key');
    if (keyId !== undefined) c.set('identity', { keyId, scopes: [] });
    return c.body(null, Number(c.req.param('status')) as 204);
  });
  const call = async (status: number, key?: string) =>
    void (await app.request(`/${status}`, { headers: key === undefined ? {} : { 'x-key': key } }));
  const log = () => {
    logger.flush();
    return lines.join('').split('\n').filter(Boolean);
  };
  return { call, log };
}

async function callAll({ call }: ReturnType<typeof start>): Promise<void> {
  for (const status of [204, 204, 404, 503]) await call(status, 'KeyA');
  await call(200, 'KeyB');
  await call(500);
}

describe('countKeys', () => {
  it('sends requests and errors of each key, and of nobody else', async () => {
    const collector = await startCollector();
    const telemetry = telemetryOf({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
    const app = start('otlp');
    await callAll(app);
    await telemetry.flush(60_000);
    const counted = ({ name }: { name: string }) =>
      pointsOf(collector.metrics.get(name)).map(({ attributes, asInt, asDouble }) => [
        attributes,
        Number(asInt ?? asDouble),
      ]);
    expect(counted(keyRequests)).toEqual([
      [{ KeyId: 'KeyA' }, 4],
      [{ KeyId: 'KeyB' }, 1],
    ]);
    expect(counted(keyErrors)).toEqual([[{ KeyId: 'KeyA' }, 2]]);
    expect(collector.metrics.get(keyRequests.name)?.sum?.aggregationTemporality).toBe(1);
    expect(app.log()).toEqual([]);
    await telemetry.shutdown(60_000);
    collector.close();
  });

  it('writes a line of embedded metrics a request, whatever the log level', async () => {
    const app = start('log');
    await callAll(app);
    const lines = app.log().map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toHaveLength(5);
    const directive = ({ name }: { name: string }) => ({
      Namespace: 'Gatehouse/Service',
      Dimensions: [['Stack', 'KeyId']],
      Metrics: [{ Name: name, Unit: 'Count' }],
    });
    const values = { Stack: 'dev', KeyId: 'KeyA', [keyRequests.name]: 1 };
    expect(lines[0]).toEqual({
      _aws: {
        Timestamp: expect.any(Number) as number,
        CloudWatchMetrics: [directive(keyRequests)],
      },
      ...values,
    });
    expect(lines[3]).toMatchObject({
      _aws: { CloudWatchMetrics: [directive(keyRequests), directive(keyErrors)] },
      ...values,
      [keyErrors.name]: 1,
    });
  });

  it('does nothing where nobody asks for it', async () => {
    const app = start('off');
    await callAll(app);
    expect(app.log()).toEqual([]);
  });
});
