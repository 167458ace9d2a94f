// Environment variables that the platform gives any service: written by infra, read by its kit.
// AWS_REGION, AWS_ENDPOINT_URL and credentials are the AWS SDK's own; OTEL_* are OpenTelemetry's.

export const SERVICE_ENV = {
  /** TCP port to listen on. */
  port: 'PORT',
  /** Name of the stack; what the process makes itself, such as a KMS key, is tagged with it. */
  stack: 'STACK',
  /** Secret that CloudFront sends; injected from Secrets Manager, never in plain environment. */
  originSecret: 'ORIGIN_SECRET',
  /** The one before, good as long as it is there: neither is refused while CloudFront changes to the other. */
  previousOriginSecret: 'ORIGIN_SECRET_PREVIOUS',
  /** `debug`, `info`, `warn` or `error`. */
  logLevel: 'LOG_LEVEL',
  /** Where requests by key are counted: `otlp`, `log` (where no collector runs) or `off`. */
  keyMetrics: 'KEY_METRICS',
  /** Largest request body that is read, in bytes. */
  bodyLimitBytes: 'BODY_LIMIT_BYTES',
  /** Longest time a request may take, in seconds. */
  requestTimeoutSeconds: 'REQUEST_TIMEOUT_SECONDS',
  /** Seconds between "not ready" and the end of the listener when the service is told to stop. */
  drainNoticeSeconds: 'DRAIN_NOTICE_SECONDS',
} as const;

/**
 * Value of OTEL_TRACES_EXPORTER beside which no collector runs: spans go to X-Ray's daemon, at Lambda's
 * AWS_XRAY_DAEMON_ADDRESS.
 */
export const XRAY_EXPORTER = 'xray';

/** Variables of a function of the workload's own (`FunctionSpec`). */
export const FUNCTION_ENV = {
  /** Name of the stack. */
  stack: 'STACK',
  /** Policy of a KMS key that it makes: no role of the stack decrypts under it, and none changes that. */
  keyPolicy: 'KEY_POLICY',
} as const;
