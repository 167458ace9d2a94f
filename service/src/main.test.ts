// The built bundles as real processes: start, serve, export telemetry, drain without losing a request.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleService } from '../bundle';
import type { ServiceBundle } from '../bundle';
import { AwsFault } from '../../tools/local/aws/faults';
import { startCollector } from '../testing/collector';
import type { Collector } from '../testing/collector';
import { edgeHeaders, newUser, startHarness } from '../testing/harness';
import type { Harness } from '../testing/harness';
import { until } from '../../contracts/testing/time';
import { JSON_API } from './users/jsonapi';

const MAX_BUNDLE_BYTES = 3_000_000;
const NOTICE_SECONDS = 9;
/** Lets the test end the notice of a drain, instead of the clock: by SIGUSR2. */
const NOTICE = `
  const { setTimeout: wait } = globalThis;
  globalThis.setTimeout = (work, milliseconds, ...rest) => {
    if (milliseconds !== ${NOTICE_SECONDS * 1000}) return wait(work, milliseconds, ...rest);
    process.once('SIGUSR2', work);
    return wait(() => {}, 0);
  };`;
/** What a library would do that traces calls: a span by OpenTelemetry's API for each HTTP request out. */
const PROBE = `
  const { trace } = require(${JSON.stringify(require.resolve('@opentelemetry/api'))});
  require('node:diagnostics_channel').subscribe('http.client.request.start', () => {
    trace.getTracer('probe').startSpan('probe').end();
  });`;

/** What nobody foresees: a library prints, Node.js warns, and an error is caught by nobody. */
const ACCIDENT = `
  process.on('SIGUSR2', () => {
    console.error('a library', new Error('of several\\nlines'));
    process.emitWarning('an old way');
    setImmediate(() => { throw new Error('lost'); });
  });`;

/** Every line of a log; one that is no JSON object is an error. */
function linesOf(output: string): Record<string, unknown>[] {
  const lines = output.split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

interface Running {
  readonly child: ChildProcess;
  readonly url: string;
  readonly output: () => string;
  readonly exit: Promise<number | null>;
}

/** Those within requests are children of the requests' spans, and exports are traced by none. */
function requireProbes({ spans }: Collector, request: string): void {
  const parents = new Map(
    spans.filter(({ kind }) => kind === 2).map((span) => [span.spanId, span] as const),
  );
  const probes = spans.filter(({ name }) => name === 'probe');
  for (const { traceId, parentSpanId } of probes) {
    expect(parents.get(parentSpanId ?? '')?.traceId).toBe(traceId);
  }
  const names = probes.map(({ parentSpanId }) => parents.get(parentSpanId ?? '')?.name);
  expect(names).toContain(request);
}

describe('the bundled service', () => {
  let folder: string;
  let bundle: ServiceBundle;
  let harness: Harness;
  const started: ChildProcess[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gatehouse-service-'));
    [bundle, harness] = await Promise.all([bundleService(folder), startHarness()]);
    await writeFile(join(folder, 'probe.js'), PROBE);
    await writeFile(join(folder, 'notice.js'), NOTICE);
    await writeFile(join(folder, 'accident.js'), ACCIDENT);
  });
  afterAll(async () => {
    for (const child of started) child.kill('SIGKILL');
    await harness.close();
    await rm(folder, { recursive: true });
  });

  function spawnMain(env: NodeJS.ProcessEnv): Omit<Running, 'url'> {
    const child = spawn(process.execPath, [bundle.main], {
      env: { ...process.env, ...harness.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    started.push(child);
    let output = '';
    const take = (chunk: Buffer) => (output += chunk.toString());
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    const exit = once(child, 'close').then(([code]) => code as number | null);
    return { child, output: () => output, exit };
  }

  async function start(env: NodeJS.ProcessEnv = {}): Promise<Running> {
    const running = spawnMain(env);
    const port = () => /"listening","port":(\d+)/.exec(running.output())?.[1];
    await until(() => port() !== undefined || running.child.exitCode !== null);
    if (port() === undefined) throw new Error(`It did not start: ${running.output()}`);
    return { ...running, url: `http://127.0.0.1:${port()}` };
  }

  it('is smaller than 3 MB, each of the two', async () => {
    for (const path of [bundle.main, bundle.lambda]) {
      expect((await stat(path)).size).toBeLessThan(MAX_BUNDLE_BYTES);
    }
  });

  it('serves, exports telemetry, and drains under load without losing a request', async () => {
    const collector = await startCollector();
    const service = await start({
      DRAIN_NOTICE_SECONDS: String(NOTICE_SECONDS),
      NODE_OPTIONS: `--require ${join(folder, 'probe.js')} --require ${join(folder, 'notice.js')}`,
      OTEL_SDK_DISABLED: 'false',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    });
    const headers = { ...edgeHeaders(), 'content-type': JSON_API };
    let number = 0;
    let draining = false;
    const statuses: (number | string)[] = [];
    // As a load balancer does: it sends until it sees that the target is not ready.
    const worker = async () => {
      while (!draining) {
        const body = JSON.stringify(newUser({ email: `load${(number += 1)}@example.com` }));
        const request = fetch(`${service.url}/users`, { method: 'POST', headers, body });
        statuses.push(await request.then((answer) => answer.status, String));
      }
    };
    const workers = Array.from({ length: 8 }, worker);
    await until(() => statuses.length >= 8);
    service.child.kill('SIGTERM');
    await until(async () => {
      const { status } = await fetch(`${service.url}/readyz`);
      expect((await fetch(`${service.url}/healthz`)).status).toBe(200);
      return status === 503;
    });
    // One request of each is under way when the notice ends: one that is still on its way to the server
    // could meet a connection that closes.
    let held = 0;
    let release: (fault: undefined) => void = () => undefined;
    const released = new Promise<undefined>((resolve) => (release = resolve));
    harness.aws.inject = (name) => {
      if (name !== 'DynamoDB.TransactWriteItems') return undefined;
      held += 1;
      return released;
    };
    await until(() => held >= workers.length);
    draining = true;
    service.child.kill('SIGUSR2');
    harness.aws.inject = undefined;
    release(undefined);
    await Promise.all(workers);
    expect(await service.exit).toBe(0);
    expect(new Set(statuses)).toEqual(new Set([201]));
    const posts = collector.spans.filter(({ name }) => name === 'POST /users');
    expect(posts).toHaveLength(statuses.length);
    expect(posts[0]?.attributes['gatehouse.key_id']).toBe('k3yUnderTest');
    const transaction = collector.spans.find(({ name }) => name.startsWith('TransactWriteItems'));
    expect(transaction).toMatchObject({
      kind: 3,
      attributes: {
        'db.system.name': 'aws.dynamodb',
        'db.operation.name': 'TransactWriteItems',
        'db.collection.name': 'users-under-test',
        'http.response.status_code': 200,
      },
    });
    expect(posts.map(({ spanId }) => spanId)).toContain(transaction?.parentSpanId);
    requireProbes(collector, 'POST /users');
    expect(service.output()).toContain(`"traceId":"${posts[0]?.traceId}"`);
    expect(collector.metrics.has('http.server.request.duration')).toBe(true);
    collector.close();
  });

  it('ends with code 1 and every problem when the environment is wrong', async () => {
    const { exit, output } = spawnMain({ USERS_TABLE: '', PORT: 'x' });
    expect(await exit).toBe(1);
    expect(linesOf(output()).map(({ message }) => message)).toEqual([
      expect.stringMatching(/^PORT is "x"/),
      expect.stringMatching(/^USERS_TABLE is missing/),
    ]);
  });

  it('prints one JSON object a line, whatever happens', async () => {
    const service = await start({
      NODE_OPTIONS: `--require ${join(folder, 'accident.js')}`,
      LOG_LEVEL: 'debug',
    });
    await harness.call('POST', '/users', newUser({ email: 'lost@example.com' }));
    harness.aws.inject = (name) =>
      name === 'DynamoDB.Scan' ? new AwsFault('ValidationException', 'AWS went away') : undefined;
    const headers = edgeHeaders();
    await expect(
      fetch(`${service.url}/users/export`, { headers }).then((answer) => answer.text()),
    ).rejects.toThrow();
    harness.aws.inject = undefined;
    service.child.kill('SIGUSR2');
    expect(await service.exit).toBe(1);
    const lines = linesOf(service.output());
    expect(lines.every(({ time, level }) => Boolean(time) && Boolean(level))).toBe(true);
    expect(lines.map(({ message }) => message)).toEqual(
      expect.arrayContaining(['answer broken off', 'printed', 'warning', 'uncaught error']),
    );
    expect(service.output()).not.toContain('AWS went away');
  });

  it('says which port is taken', async () => {
    const blocker = createServer().listen(0);
    await once(blocker, 'listening');
    const { port } = blocker.address() as AddressInfo;
    const { exit, output } = spawnMain({ PORT: String(port) });
    expect(await exit).toBe(1);
    expect(linesOf(output())[0]?.message).toMatch(/^The port is taken .*set PORT to another/);
    blocker.close();
  });

  it('answers on Lambda as in the container, and sends its telemetry before it freezes', async () => {
    const collector = await startCollector();
    const code = `
      const { handler } = require(${JSON.stringify(bundle.lambda)});
      const http = { method: 'GET', path: '/users', protocol: 'HTTP/1.1', sourceIp: '203.0.113.1' };
      const event = { version: '2.0', routeKey: '$default', rawPath: '/users', rawQueryString: '',
        headers: ${JSON.stringify({ ...edgeHeaders(), host: 'api.example' })},
        requestContext: { http, stage: '$default' }, isBase64Encoded: false };
      handler(event, {}).then((answer) => { console.log(JSON.stringify(answer)); });`;
    const child = spawn(process.execPath, ['-e', code], {
      env: {
        ...process.env,
        ...harness.env,
        NODE_OPTIONS: `--require ${join(folder, 'probe.js')}`,
        OTEL_SDK_DISABLED: 'false',
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      },
    });
    started.push(child);
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await until(() => output.includes('statusCode') || child.exitCode !== null);
    expect(output).toContain('"statusCode":200');
    expect(collector.spans.map(({ name }) => name)).toContain('GET /users');
    requireProbes(collector, 'GET /users');
    collector.close();
  });
});
