// Structured logs: one JSON object a line, written once per turn of the event loop.
import type { MetricContract } from '../../../contracts/metrics';
import type { LogLevel } from './config';

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

const SEVERITY: Record<LogLevel, number> = { debug: 10, info: 20, warn: 30, error: 40 };

/**
 * Writes lines to `write`. Fields are few and named by the caller: nothing that a client sent (body,
 * header, URL) is ever logged whole, so neither a credential nor personal data can slip in.
 */
export class Logger {
  private lines = '';
  private scheduled = false;

  constructor(
    private readonly level: LogLevel,
    private readonly write: (text: string) => void = (text) => void process.stdout.write(text),
  ) {}

  isEnabled(level: LogLevel): boolean {
    return SEVERITY[level] >= SEVERITY[this.level];
  }

  debug(message: string, fields?: LogFields): void {
    this.log('debug', message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.log('info', message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.log('warn', message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.log('error', message, fields);
  }

  /**
   * Writes metrics in CloudWatch's embedded format, whatever the level is.
   * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
   * @param values Value of each dimension and of each metric.
   */
  embed(
    metrics: readonly MetricContract[],
    values: Readonly<Record<string, string | number>>,
  ): void {
    const directives = metrics.map(({ namespace, name, dimensions, unit }) => ({
      Namespace: namespace,
      Dimensions: [dimensions],
      Metrics: [{ Name: name, Unit: unit }],
    }));
    this.add({ _aws: { Timestamp: Date.now(), CloudWatchMetrics: directives }, ...values });
  }

  /** Writes what is still buffered; called before the process ends. */
  flush(): void {
    this.scheduled = false;
    if (this.lines === '') return;
    const text = this.lines;
    this.lines = '';
    this.write(text);
  }

  private log(level: LogLevel, message: string, fields: LogFields = {}): void {
    if (!this.isEnabled(level)) return;
    this.add({ time: new Date().toISOString(), level, message, ...fields });
  }

  private add(line: object): void {
    this.lines += `${JSON.stringify(line)}\n`;
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => this.flush());
  }
}

/** What may be said about an error in a log: its name and, for our own ones, nothing of the input. */
export function errorFields(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: typeof error };
  const metadata = (error as { $metadata?: { requestId?: string; httpStatusCode?: number } })
    .$metadata;
  return {
    error: error.name,
    // The frames, without the first line: an error's message may quote what the client sent.
    stack: error.stack
      ?.split('\n')
      .filter((line) => line.startsWith('    at '))
      .join('\n'),
    awsRequestId: metadata?.requestId,
    awsStatus: metadata?.httpStatusCode,
  };
}
