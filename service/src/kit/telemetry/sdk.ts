// OpenTelemetry's SDK put together: of what, how often and in what form spans and metrics are sent.
import { context, diag, DiagLogLevel, logs, metrics, propagation, trace } from '@opentelemetry/api';
import type { Exception } from '@opentelemetry/api';
import {
  getNumberFromEnv,
  getStringFromEnv,
  globalErrorHandler,
  setGlobalErrorHandler,
} from '@opentelemetry/core';
import {
  AggregationTemporalityPreference,
  OTLPMetricExporter as JsonMetricExporter,
} from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter as JsonTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { awsEcsDetector, awsLambdaDetector } from '@opentelemetry/resource-detector-aws';
import {
  defaultResource,
  detectResources,
  envDetector,
  serviceInstanceIdDetector,
} from '@opentelemetry/resources';
import {
  AggregationType,
  InstrumentType,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace';
import { edgeResource, edgeSpan, type EdgeSpan } from './edge-span';
import type { TelemetryReports, TelemetrySettings } from './settings';
import { XrayExporter } from './xray-exporter';

export interface RunningSdk {
  /** Exports the edge's span besides those of this process. */
  readonly recordEdge: (span: EdgeSpan) => void;
  /** Sends what is there. Never rejects. */
  flush(): Promise<unknown>;
  /** Sends what is there, and ends. Never rejects. */
  shutdown(): Promise<unknown>;
}

const TROUBLE_INTERVAL_MS = 60_000;

/**
 * Starts the SDK and makes it the process's provider of traces and metrics. Nothing is instrumented
 * by itself. Sampler, propagators and limits are those of the environment.
 */
export function startSdk(settings: TelemetrySettings, reports: TelemetryReports): RunningSdk {
  reportTrouble(reports);
  // Those of the process and the host are left out: a command line may hold anything.
  const detectors = [serviceInstanceIdDetector, awsLambdaDetector, awsEcsDetector, envDetector];
  const resource = defaultResource().merge(detectResources({ detectors }));
  const meters = new MeterProvider({
    resource,
    readers: settings.metrics ? [metricReader(settings)] : [],
  });
  metrics.setGlobalMeterProvider(meters);
  const edge = edgeResource(resource);
  const spans = settings.traces ? [spanProcessor(spanExporter(settings, reports), meters)] : [];
  const sdk = new NodeSDK({
    autoDetectResources: false,
    resource,
    spanProcessors: spans,
    metricReaders: [],
    logRecordProcessors: [],
    instrumentations: [],
  });
  sdk.start();
  const quietly = (work: Promise<unknown>) => work.catch(globalErrorHandler);
  return {
    recordEdge(span) {
      const readable = edgeSpan(span, edge);
      for (const each of spans) each.onEnd(readable);
    },
    flush: () =>
      Promise.all([
        quietly(meters.forceFlush()),
        ...spans.map((each) => quietly(each.forceFlush())),
      ]),
    shutdown() {
      // Whoever asks for a tracer from now on gets one that does nothing.
      for (const api of [trace, metrics, logs, propagation, context]) api.disable();
      return Promise.all([quietly(meters.shutdown()), quietly(sdk.shutdown())]);
    },
  };
}

function spanExporter(
  { daemon, protocol }: TelemetrySettings,
  reports: TelemetryReports,
): SpanExporter {
  if (daemon !== undefined) return new XrayExporter(daemon, (...loss) => reports.lost(...loss));
  return protocol === 'http/json' ? new JsonTraceExporter() : new OTLPTraceExporter();
}

/** A bounded queue; what it drops is counted in `otel.sdk.processor.span.processed`, as queue_full. */
function spanProcessor(exporter: SpanExporter, meters: MeterProvider): BatchSpanProcessor {
  return new BatchSpanProcessor({
    exporter,
    selfObsMeterProvider: meters,
    scheduledDelayMillis: getNumberFromEnv('OTEL_BSP_SCHEDULE_DELAY'),
    maxQueueSize: getNumberFromEnv('OTEL_BSP_MAX_QUEUE_SIZE'),
    maxExportBatchSize: getNumberFromEnv('OTEL_BSP_MAX_EXPORT_BATCH_SIZE'),
    exportTimeoutMillis: getNumberFromEnv('OTEL_BSP_EXPORT_TIMEOUT'),
  });
}

/**
 * Histograms are exponential, so that percentiles are real: CloudWatch takes their buckets as values
 * with counts, and of those with fixed bounds only sum, count and extremes. The collector's exporter
 * to CloudWatch takes histograms for deltas.
 */
function metricReader({ protocol }: TelemetrySettings): PeriodicExportingMetricReader {
  const preference = getStringFromEnv('OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE');
  const config = {
    ...(preference === undefined
      ? { temporalityPreference: AggregationTemporalityPreference.DELTA }
      : {}),
    aggregationPreference: (instrument: InstrumentType) =>
      instrument === InstrumentType.HISTOGRAM
        ? ({ type: AggregationType.EXPONENTIAL_HISTOGRAM } as const)
        : ({ type: AggregationType.DEFAULT } as const),
  };
  const interval = getNumberFromEnv('OTEL_METRIC_EXPORT_INTERVAL');
  return new PeriodicExportingMetricReader({
    exporter:
      protocol === 'http/json' ? new JsonMetricExporter(config) : new OTLPMetricExporter(config),
    ...(interval === undefined ? {} : { exportIntervalMillis: interval }),
  });
}

/** What the SDK has to say goes into the log, seldom enough that a dead collector does not fill it. */
function reportTrouble(reports: TelemetryReports): void {
  let quietUntilMs = -Infinity;
  const tell = (reason: string): void => {
    if (performance.now() < quietUntilMs) return;
    quietUntilMs = performance.now() + TROUBLE_INTERVAL_MS;
    // No stack: the SDK puts them into its messages.
    reports.trouble(reason.split('\n', 1).join());
  };
  const ignore = () => undefined;
  diag.setLogger(
    { error: tell, warn: tell, info: ignore, debug: ignore, verbose: ignore },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  setGlobalErrorHandler((error) => tell(reasonOf(error)));
}

/** The error's message, or its code where it has none: what the collector answered is not quoted. */
function reasonOf(error: Exception): string {
  if (typeof error === 'string') return error;
  const { message, code, name } = error;
  return message === undefined || message === '' ? String(code ?? name) : message;
}
