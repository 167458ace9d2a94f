// Configuration of the telemetry collector: OTLP in, X-Ray and CloudWatch metrics out.
import { SEARCHABLE_ATTRIBUTES, SERVICE_METRICS } from '../../contracts/metrics';

/** Loopback port on which the collector takes OTLP over HTTP. */
export const OTLP_PORT = 4318;

/** What the collector is told. */
export interface CollectorSettings {
  readonly stack: string;
  readonly region: string;
  /** Log group that metrics are embedded in. */
  readonly metricsLogGroup: string;
}

/** In the order that the collector's authors recommend: what refuses first, what batches last. */
const PROCESSORS = ['memory_limiter', 'resourcedetection', 'resource', 'batch'];

/** The configuration as YAML, of which JSON is a part. */
export function collectorConfig(settings: CollectorSettings): string {
  return JSON.stringify({
    extensions: { health_check: { endpoint: '127.0.0.1:13133' } },
    receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${OTLP_PORT}` } } } },
    processors: {
      memory_limiter: { check_interval: '1s', limit_mib: 96, spike_limit_mib: 32 },
      // `{TaskId}` of the log stream is `aws.ecs.task.id`, which the task's metadata endpoint knows.
      resourcedetection: { detectors: ['ecs'], timeout: '2s', override: false },
      // The dimension of every metric of the platform.
      resource: { attributes: [{ key: 'Stack', value: settings.stack, action: 'upsert' }] },
      batch: { timeout: '5s', send_batch_size: 512 },
    },
    exporters: {
      awsxray: {
        region: settings.region,
        // What is not named here is shown with a trace, and can't be searched for.
        indexed_attributes: Object.values(SEARCHABLE_ATTRIBUTES),
      },
      awsemf: {
        region: settings.region,
        namespace: SERVICE_METRICS.requestDuration.namespace,
        log_group_name: settings.metricsLogGroup,
        log_stream_name: '{TaskId}',
        // One series for each declared set of dimensions, not one for every subset.
        dimension_rollup_option: 'NoDimensionRollup',
        resource_to_telemetry_conversion: { enabled: true },
        metric_declarations: declarations(),
      },
    },
    service: {
      extensions: ['health_check'],
      pipelines: {
        traces: {
          receivers: ['otlp'],
          processors: PROCESSORS,
          exporters: ['awsxray'],
        },
        metrics: {
          receivers: ['otlp'],
          processors: PROCESSORS,
          exporters: ['awsemf'],
        },
      },
    },
  });
}

/** One entry a metric, with all the sets of dimensions that it has; nothing else is sent. */
function declarations(): object[] {
  const metrics = Object.values(SERVICE_METRICS);
  const names = [...new Set(metrics.map(({ name }) => name))];
  return names.map((name) => ({
    dimensions: metrics.filter((metric) => metric.name === name).map((metric) => metric.dimensions),
    metric_name_selectors: [`^${name.replaceAll('.', '\\.')}$`],
  }));
}
