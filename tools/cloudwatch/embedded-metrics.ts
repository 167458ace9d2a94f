// Metrics out of log lines in CloudWatch's embedded metric format.
import type { MetricStore } from './metric-store';

interface EmbeddedMetrics {
  _aws?: {
    Timestamp?: number;
    CloudWatchMetrics?: {
      Namespace: string;
      Dimensions: string[][];
      Metrics: { Name: string }[];
    }[];
  };
  [member: string]: unknown;
}

/**
 * Adds the metrics of one log line; other lines are none of its business.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function addEmbeddedMetrics(store: MetricStore, line: string): void {
  if (!line.includes('"_aws"')) return;
  const event = parse(line);
  for (const directive of event?._aws?.CloudWatchMetrics ?? []) {
    for (const names of directive.Dimensions) {
      const dimensions = Object.fromEntries(names.map((name) => [name, String(event?.[name])]));
      for (const { Name } of directive.Metrics) {
        for (const value of [event?.[Name]].flat()) {
          if (typeof value === 'number') {
            store.add(directive.Namespace, Name, dimensions, value, event?._aws?.Timestamp);
          }
        }
      }
    }
  }
}

function parse(line: string): EmbeddedMetrics | undefined {
  try {
    return JSON.parse(line) as EmbeddedMetrics;
  } catch {
    return undefined;
  }
}
