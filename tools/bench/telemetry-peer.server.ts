// In the place of the kit's telemetry: @hono/otel and OpenTelemetry's instrumentation of the AWS SDK.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { httpInstrumentationMiddleware } from '@hono/otel';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { AwsInstrumentation } from '@opentelemetry/instrumentation-aws-sdk';
import { PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { NodeSDK } from '@opentelemetry/sdk-node';
import type { Telemetry } from '../../service/src/kit/telemetry';

/** The base class of all clients, which the instrumentation replaces `send` of when it is loaded. */
interface Patching {
  patchV3SmithyClient(module: { Client: unknown }, version: string): void;
}

export function startTelemetry(): Telemetry {
  const aws = new AwsInstrumentation();
  const sdk = new NodeSDK({
    traceExporter: new OTLPTraceExporter(),
    metricReaders: [new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter() })],
    logRecordProcessors: [],
    instrumentations: [aws],
  });
  sdk.start();
  // It waits for modules to be loaded, and in a bundle none is.
  const patching = aws as unknown as Patching;
  patching.patchV3SmithyClient({ Client: Object.getPrototypeOf(DynamoDBClient) }, '3.24.0');
  return {
    middleware: httpInstrumentationMiddleware(),
    instrument: () => undefined,
    flush: () => Promise.resolve(),
    shutdown: () => sdk.shutdown(),
  };
}
