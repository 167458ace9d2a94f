// OpenTelemetry's SDK behind its API: spans that the service, an owner's code or a library makes by
// `trace.getTracer()` become part of the request's trace, and leave by OTLP like the service's own.
import { context, logs, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import type { Resource } from '@opentelemetry/resources';
import { NodeSDK } from '@opentelemetry/sdk-node';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
} from '@opentelemetry/sdk-trace';
import type { ReadableSpan, Sampler } from '@opentelemetry/sdk-trace';
import { RequestContextManager } from './api-context';
import type { Exporter } from './exporter';
import { ECS_ATTRIBUTES } from './resource';
import type { Attributes, SamplerSettings, TelemetrySettings } from './settings';

export interface ApiOptions {
  readonly settings: TelemetrySettings & { readonly tracesUrl: string };
  /** Attributes of the resource that need no look-up. */
  readonly resource: Attributes;
  /** Those of the ECS task; `undefined` elsewhere. */
  readonly ecs: Promise<Attributes> | undefined;
  /** Counts and reports what is not exported, together with the service's own spans. */
  readonly exporter: Exporter;
}

export interface ApiTelemetry {
  /** Resolves when the spans so far are exported or given up. Never rejects. */
  flush(): Promise<void>;
  /** As `flush`, and ends; another may start then. */
  shutdown(): Promise<void>;
}

/**
 * Starts the SDK and makes it the process's provider of traces. Propagators are those of
 * OTEL_PROPAGATORS, W3C's by default; nothing is instrumented, and the API's meters and logs are
 * left without an exporter.
 *
 * The service's own two kinds of spans (HTTP server, AWS client) do not take this way: an object for
 * each span that is serialised with the batch costs several times the string that is written at
 * once (docs/service.md, "Telemetry").
 */
export function startApi({ settings, resource, ecs, exporter }: ApiOptions): ApiTelemetry {
  const processor = new BatchSpanProcessor({
    exporter: new ReportingExporter(settings, exporter),
    scheduledDelayMillis: settings.scheduleDelayMs,
    maxQueueSize: settings.maxQueueSize,
    maxExportBatchSize: settings.maxBatchSize,
  });
  const sdk = new NodeSDK({
    autoDetectResources: false,
    resource: fullResource(resource, ecs, settings.resource),
    contextManager: new RequestContextManager(),
    sampler: samplerOf(settings.sampler),
    spanProcessors: [processor],
    metricReaders: [],
    logRecordProcessors: [],
    instrumentations: [],
  });
  sdk.start();
  // Where somebody traces every request to elsewhere, an export must not be the reason of a next one.
  exporter.aside = (work) => context.with(suppressTracing(ROOT_CONTEXT), work);
  return {
    flush: () => processor.forceFlush().catch(() => undefined),
    async shutdown() {
      // Whoever asks for a tracer from now on gets one that does nothing.
      for (const api of [trace, context, propagation, logs]) api.disable();
      await sdk.shutdown().catch(() => undefined);
    },
  };
}

/** OTLP over HTTP, whose failures are counted and logged as those of the service's own spans. */
class ReportingExporter extends OTLPTraceExporter {
  private readonly url: string;

  constructor(
    { tracesUrl, headers, timeoutMs }: ApiOptions['settings'],
    private readonly exporter: Exporter,
  ) {
    super({ url: tracesUrl, headers: { ...headers }, timeoutMillis: timeoutMs });
    this.url = tracesUrl;
  }

  override export(spans: ReadableSpan[], done: Parameters<OTLPTraceExporter['export']>[1]): void {
    super.export(spans, (result) => {
      const refusal = result.error === undefined ? undefined : reasonOf(result.error);
      if (!this.exporter.noteOutcome(this.url, refusal)) {
        this.exporter.droppedSpans += spans.length;
      }
      done(result);
    });
  }
}

/** The code, where there is one: the message beside it may quote what the collector answered. */
function reasonOf(error: Error): string {
  const { code } = error as { code?: number | string };
  return typeof code === 'number' ? `HTTP ${code}` : (code ?? error.message);
}

/**
 * A local parent's decision is always followed: that of the request is made by then. A span without
 * one is taken for part of a request that is not recorded, unless every request is.
 */
function samplerOf({ parentBased, ratio }: SamplerSettings): Sampler {
  const root = ratio === 1 ? new AlwaysOnSampler() : new AlwaysOffSampler();
  return new ParentBasedSampler(
    parentBased ? { root } : { root, remoteParentSampled: root, remoteParentNotSampled: root },
  );
}

function fullResource(
  base: Attributes,
  ecs: Promise<Attributes> | undefined,
  configured: Attributes,
): Resource {
  const { 'service.name': _, ...sdk } = defaultResource().attributes;
  const looked =
    ecs === undefined ? [] : ECS_ATTRIBUTES.map((key) => [key, ecs.then((found) => found[key])]);
  return resourceFromAttributes({
    ...base,
    ...sdk,
    ...(Object.fromEntries(looked) as Attributes),
    ...configured,
  });
}
