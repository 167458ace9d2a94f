// A Lambda function's answers: whole, and an error document where they can't be.
import { trace } from '@opentelemetry/api';
import { Hono } from 'hono';
import type { LambdaContext } from 'hono/aws-lambda';
import { XRAY_EXPORTER } from '../../../contracts/env';
import { until } from '../../../contracts/testing/time';
import { startDaemon } from '../../testing/daemon';
import { setTelemetryEnvironment } from '../../testing/telemetry';
import { lambdaHandler, MAX_ANSWER_BYTES } from './lambda';
import { streamBody } from './streaming';
import type { AppEnv } from './identity';
import type { ServiceDefinition } from './service';

/** An API that streams as many kibibytes as its path says, or breaks off. */
const ended: string[] = [];
const streams: ServiceDefinition<object, Hono<AppEnv>> = {
  workload: {
    health: '/healthz',
    errors: 'problem',
    rules: [{ methods: ['GET', 'POST'], path: '/**', access: 'public' }],
  },
  readConfig: () => ({}),
  create: (_, { logger }) => ({
    app: new Hono<AppEnv>(),
    addRoutes(app) {
      app.get('/:kib', (c) => {
        const pieces = kibibytes(Number(c.req.param('kib')));
        return c.body(streamBody(c, { pieces, onEnd: () => ended.push(c.req.path), logger }));
      });
      app.post('/', (c) => c.body(null, 204));
    },
    check: () => Promise.resolve(),
    close: () => undefined,
  }),
};

async function* kibibytes(count: number): AsyncGenerator<string, void, undefined> {
  if (count === 0)
    throw Object.assign(await Promise.resolve(new Error('down')), { $fault: 'server' });
  for (let at = 0; at < count; at += 1) yield await Promise.resolve('x'.repeat(1024));
}

const SECRET = 'a-secret-of-the-origin-for-tests';
const env = { AWS_REGION: 'us-east-1', ORIGIN_SECRET: SECRET, OTEL_SDK_DISABLED: 'true' };
const handler = lambdaHandler(streams, { ...env, LOG_LEVEL: 'error' });

async function call(method: string, path: string, through = handler) {
  const event = {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: '',
    headers: { host: 'api.example', 'x-gatehouse-origin-secret': SECRET },
    requestContext: { http: { method, path } },
    isBase64Encoded: false,
  };
  const answer = await through(
    event as unknown as Parameters<typeof handler>[0],
    {} as LambdaContext,
  );
  const body = Buffer.from(answer.body, answer.isBase64Encoded ? 'base64' : 'utf8');
  return { status: answer.statusCode, headers: answer.headers, body };
}

describe('lambdaHandler', () => {
  beforeEach(() => void jest.spyOn(process.stdout, 'write').mockReturnValue(true));
  afterEach(() => jest.restoreAllMocks());

  it('answers with all of a stream, up to what Lambda can give', async () => {
    const { status, body } = await call('GET', `/${MAX_ANSWER_BYTES / 1024}`);
    expect([status, body.length]).toEqual([200, MAX_ANSWER_BYTES]);
    expect((await call('POST', '/')).status).toBe(204);
  });

  it('says so when an answer is larger, and ends what makes it', async () => {
    const path = `/${MAX_ANSWER_BYTES / 1024 + 1}`;
    const { status, headers, body } = await call('GET', path);
    expect([status, headers?.['content-type']]).toEqual([501, 'application/problem+json']);
    expect(JSON.parse(body.toString())).toMatchObject({
      code: 'answer_too_large',
      requestId: headers?.['x-request-id'],
    });
    expect(ended).toContain(path);
  });

  it('answers with an error when a stream breaks off', async () => {
    const { status, body } = await call('GET', '/0');
    expect(status).toBe(503);
    expect(JSON.parse(body.toString())).toMatchObject({ code: 'dependency_unavailable' });
  });

  it('has sent the spans of a call, or counted them, before it answers', async () => {
    const daemon = await startDaemon();
    const lines = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
    setTelemetryEnvironment({ OTEL_TRACES_EXPORTER: XRAY_EXPORTER, OTEL_METRICS_EXPORTER: 'none' });
    const traced = lambdaHandler(streams, {
      ...env,
      ...process.env,
      OTEL_SDK_DISABLED: 'false',
      AWS_XRAY_DAEMON_ADDRESS: daemon.address,
      LOG_LEVEL: 'error',
    });
    expect((await call('GET', '/1', traced)).status).toBe(200);
    await until(() => daemon.spans.length === 1);
    expect(daemon.spans).toMatchObject([{ name: 'GET /:kib' }]);
    trace
      .getTracer('own')
      .startSpan('x', { attributes: { a: 'a'.repeat(65_507) } })
      .end();
    expect((await call('POST', '/', traced)).status).toBe(204);
    const log = lines.mock.calls.map(([text]) => String(text)).join('');
    expect(log).toContain('"error.type":"EMSGSIZE","otel.sdk.processor.span.processed":1');
    daemon.close();
  });
});
