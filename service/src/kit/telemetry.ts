// The service's telemetry in one piece: what the app, the AWS clients and the entries need of it.
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { KMSClient } from '@aws-sdk/client-kms';
import { setTimeout as sleep } from 'node:timers/promises';
import type * as Api from './telemetry/api';
import { AwsClientTelemetry } from './telemetry/aws-client';
import { Sampler } from './telemetry/context';
import { Exporter } from './telemetry/exporter';
import type { TroubleReporter } from './telemetry/exporter';
import { HttpServerTelemetry } from './telemetry/http-server';
import type { MeasuredApp } from './telemetry/http-server';
import { ObservedSum } from './telemetry/metrics';
import { baseResource, ecsResource, isEcs } from './telemetry/resource';
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
 * Starts telemetry as the settings say, OpenTelemetry's API included where traces are exported.
 * @param report Told when exports fail, once an outage.
 */
export function startTelemetry(
  settings: TelemetrySettings,
  env: NodeJS.ProcessEnv,
  report: TroubleReporter,
): Telemetry {
  if (settings.tracesUrl === undefined && settings.metricsUrl === undefined) return OFF;
  const base = baseResource(env, settings.resource);
  let resource: Attributes = base;
  const ecs = ecsResource(env);
  void ecs.then((found) => {
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
  const { tracesUrl } = settings;
  const api =
    tracesUrl === undefined
      ? undefined
      : loadApi().startApi({
          settings: { ...settings, tracesUrl },
          resource: base,
          ecs: isEcs(env) ? ecs : undefined,
          exporter,
        });
  return {
    around: (app) => requests.around(app),
    instrument: (client, service) => clients.instrument(client, service),
    async flush(timeoutMs) {
      await Promise.all([exporter.flush(timeoutMs), inTime(api?.flush(), timeoutMs)]);
    },
    async shutdown(timeoutMs) {
      await Promise.all([exporter.shutdown(timeoutMs), inTime(api?.shutdown(), timeoutMs)]);
    },
  };
}

/** The SDK is loaded where it is used: a process that exports no traces starts without it. */
function loadApi(): typeof Api {
  // At once, before the first request is taken: a span made until then would be lost.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require('./telemetry/api') as typeof Api;
}

async function inTime(work: Promise<void> | undefined, timeoutMs: number): Promise<void> {
  if (work === undefined) return;
  const timer = new AbortController();
  const late = sleep(timeoutMs, undefined, { signal: timer.signal }).catch(() => undefined);
  await Promise.race([work, late]);
  timer.abort();
}
