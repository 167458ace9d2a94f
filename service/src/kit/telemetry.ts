// The service's telemetry in one piece: what the app, the AWS clients and the entries need of it.
import type { MiddlewareHandler } from 'hono';
import { setTimeout as sleep } from 'node:timers/promises';
import { instrumentAwsClient, type AwsClient, type Service } from './telemetry/aws-client';
import { httpServerTelemetry } from './telemetry/http-server';
import type * as Sdk from './telemetry/sdk';
import type { TelemetryReports, TelemetrySettings } from './telemetry/settings';

export interface Telemetry {
  /** Measures each request of an app; to be its first middleware. */
  readonly middleware: MiddlewareHandler;
  /** Measures each call of an AWS client. */
  instrument(client: AwsClient, service: Service): void;
  /** Sends what is there, for at most `timeoutMs`. */
  flush(timeoutMs: number): Promise<void>;
  /** Flushes, for at most `timeoutMs`, and ends; another may start then. */
  shutdown(timeoutMs: number): Promise<void>;
}

/** Instrumentation scope of the kit's own spans and metrics. */
const SCOPE = 'gatehouse';

const OFF: Telemetry = {
  middleware: (_c, next) => next(),
  instrument: () => undefined,
  flush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};

/**
 * Starts OpenTelemetry's SDK as OTEL_* in the process's environment say, and makes it the provider
 * behind OpenTelemetry's API: a span that somebody makes by `trace.getTracer()` within a request
 * becomes part of the request's trace.
 */
export function startTelemetry(settings: TelemetrySettings, reports: TelemetryReports): Telemetry {
  if (!settings.traces && !settings.metrics) return OFF;
  const sdk = loadSdk().startSdk(settings, reports);
  return {
    middleware: httpServerTelemetry(SCOPE, sdk.recordEdge),
    instrument: (client, service) => instrumentAwsClient(client, service, SCOPE),
    flush: (timeoutMs) => inTime(sdk.flush(), timeoutMs),
    shutdown: (timeoutMs) => inTime(sdk.shutdown(), timeoutMs),
  };
}

/** The SDK is loaded where it is used: a process that exports nothing starts without it. */
function loadSdk(): typeof Sdk {
  // At once, before the first request is taken: a span made until then would be lost.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require('./telemetry/sdk') as typeof Sdk;
}

async function inTime(work: Promise<unknown>, timeoutMs: number): Promise<void> {
  const timer = new AbortController();
  const late = sleep(timeoutMs, undefined, { signal: timer.signal }).catch(() => undefined);
  // What fails is reported where it is exported.
  await Promise.race([work.catch(() => undefined), late]);
  timer.abort();
}
