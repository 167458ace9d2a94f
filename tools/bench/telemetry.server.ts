// Servers of the telemetry benchmark: one JSON route with or without telemetry, or a collector's stand-in.
import { serve } from '@hono/node-server';
import { httpInstrumentationMiddleware } from '@hono/otel';
import { context } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { Hono } from 'hono';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startTelemetry } from '../../service/src/kit/telemetry';
import type { MeasuredApp } from '../../service/src/kit/telemetry/http-server';
import { readTelemetrySettings } from '../../service/src/kit/telemetry/settings';

type Variant = 'collector' | 'plain' | 'gatehouse' | 'hono-otel';

function announce(port: number): void {
  process.stdout.write(`${port}\n`);
}

/** A search in the bytes: parsing would take the processor from those that are measured. */
function count(bytes: Buffer, what: string): number {
  let found = 0;
  for (let at = bytes.indexOf(what); at >= 0; at = bytes.indexOf(what, at + 1)) found += 1;
  return found;
}

/** Takes everything, keeps nothing, and tells on GET how many spans came. */
function startCollector(): void {
  let spans = 0;
  const server = createServer((request, response) => {
    const isTraces = request.url === '/v1/traces';
    // What lies across two chunks is missed: one span in some ten thousand.
    request.on('data', (chunk: Buffer) => (spans += isTraces ? count(chunk, '"traceId"') : 0));
    request.on('end', () => {
      response.setHeader('content-type', 'application/json');
      response.end(request.method === 'GET' ? JSON.stringify({ spans }) : '{}');
      if (request.method === 'GET') spans = 0;
    });
  });
  server.listen(0, '127.0.0.1', () => announce((server.address() as AddressInfo).port));
}

function startApp(variant: Exclude<Variant, 'collector'>): void {
  const app = new Hono();
  let fetch: MeasuredApp['fetch'] = app.fetch;
  if (variant === 'gatehouse') {
    const problems: string[] = [];
    const settings = readTelemetrySettings(process.env, problems);
    if (problems.length > 0) throw new Error(problems.join('\n'));
    const telemetry = startTelemetry(settings, process.env, (message, fields) => {
      process.stderr.write(`${message} ${JSON.stringify(fields)}\n`);
    });
    fetch = telemetry.around(app);
  }
  if (variant === 'hono-otel') {
    const sdk = new NodeSDK({
      traceExporter: new OTLPTraceExporter(),
      metricReaders: [new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter() })],
      instrumentations: [],
    });
    sdk.start();
    void context.active();
    app.use(httpInstrumentationMiddleware());
  }
  app.get('/users/:id', (c) =>
    c.json({ data: { type: 'users', id: c.req.param('id'), attributes: { name: 'Ana' } } }),
  );
  serve({ fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => announce(port));
}

const variant = process.argv[2] as Variant;
if (variant === 'collector') startCollector();
else startApp(variant);
