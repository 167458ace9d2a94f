// The service's telemetry in one piece: what the app, the AWS clients and the entries need of it.
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { KMSClient } from '@aws-sdk/client-kms';
import { AwsClientTelemetry } from './telemetry/aws-client';
import { Sampler } from './telemetry/context';
import { Exporter } from './telemetry/exporter';
import type { TroubleReporter } from './telemetry/exporter';
import { HttpServerTelemetry } from './telemetry/http-server';
import type { MeasuredApp } from './telemetry/http-server';
import { ObservedSum } from './telemetry/metrics';
import { baseResource, ecsResource } from './telemetry/resource';
import type { Attributes, TelemetrySettings } from './telemetry/settings';

export interface Telemetry {
  /** The app's `fetch`, measured; as it is when neither traces nor metrics are exported. */
  around(app: MeasuredApp): MeasuredApp['fetch'];
  instrument(client: DynamoDBClient | KMSClient, service: 'DynamoDB' | 'KMS'): void;
  /** Sends what is there, for at most `timeoutMs`. */
  flush(timeoutMs: number): Promise<void>;
  /** Flushes, and ends all timers. */
  shutdown(timeoutMs: number): Promise<void>;
}

const OFF: Telemetry = {
  around: (app) => app.fetch,
  instrument: () => undefined,
  flush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};

/**
 * Starts telemetry as the settings say.
 * @param report Told when exports fail, once an outage.
 */
export function startTelemetry(
  settings: TelemetrySettings,
  env: NodeJS.ProcessEnv,
  report: TroubleReporter,
): Telemetry {
  if (settings.tracesUrl === undefined && settings.metricsUrl === undefined) return OFF;
  let resource: Attributes = baseResource(env, settings.resource);
  void ecsResource(env).then((found) => {
    resource = { ...resource, ...found, ...settings.resource };
  });
  const exporter = new Exporter(settings, () => resource, report);
  exporter.add(
    new ObservedSum(
      'otel.sdk.processor.span.dropped',
      'Spans dropped because the collector did not take them.',
      '{span}',
      true,
      () => [{ labels: '', value: exporter.droppedSpans }],
    ),
  );
  const sampler = settings.tracesUrl === undefined ? undefined : new Sampler(settings.sampler);
  const requests = new HttpServerTelemetry({ exporter, sampler });
  const clients = new AwsClientTelemetry(exporter, env['AWS_REGION'] ?? '');
  return {
    around: (app) => requests.around(app),
    instrument: (client, service) => clients.instrument(client, service),
    flush: (timeoutMs) => exporter.flush(timeoutMs),
    shutdown: (timeoutMs) => exporter.shutdown(timeoutMs),
  };
}
