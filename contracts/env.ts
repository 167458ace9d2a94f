// Environment variables of the service's container: written by infra, read by service/src/config.ts.
// AWS_REGION, AWS_ENDPOINT_URL and credentials are the AWS SDK's own; OTEL_* are OpenTelemetry's.

export const SERVICE_ENV = {
  /** TCP port to listen on. */
  port: 'PORT',
  /** Name of the users table. */
  usersTable: 'USERS_TABLE',
  /** ARN of the KMS key that encrypts credentials (mode `shared`), or that is the tag's template. */
  credentialsKeyArn: 'CREDENTIALS_KEY_ARN',
  /** `shared`: one key for all users. `per-user`: a key made for each user, which dies with it. */
  credentialKeys: 'CREDENTIAL_KEYS',
  /** Value of the tag `gatehouse:stack` that every per-user key carries; IAM allows no other key. */
  stackTag: 'STACK_TAG',
  /** Secret that CloudFront sends; injected from Secrets Manager, never in plain environment. */
  originSecret: 'ORIGIN_SECRET',
  /** `debug`, `info`, `warn` or `error`. */
  logLevel: 'LOG_LEVEL',
  /** Largest request body that is read, in bytes. */
  bodyLimitBytes: 'BODY_LIMIT_BYTES',
  /** Longest time a request may take, in seconds. */
  requestTimeoutSeconds: 'REQUEST_TIMEOUT_SECONDS',
  /** Seconds between "not ready" and the end of the listener when the service is told to stop. */
  drainNoticeSeconds: 'DRAIN_NOTICE_SECONDS',
} as const;
