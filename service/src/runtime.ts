// The service put together from its environment: what both entries start with.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { randomBytes } from 'node:crypto';
import { createApp } from './app';
import type { AppEnv } from './kit/identity';
import { readConfig } from './config';
import type { Config } from './config';
import { Logger } from './kit/logger';
import { startTelemetry } from './kit/telemetry';
import type { Telemetry } from './kit/telemetry';
import type { MeasuredApp } from './kit/telemetry/http-server';
import { CredentialSealer } from './users/credentials';
import { CursorCodec } from './users/cursor';
import { UserDirectory } from './users/directory';
import { UserRepository } from './users/repository';

export interface Runtime {
  readonly app: OpenAPIHono<AppEnv>;
  /** The app, measured: what an entry serves. */
  readonly fetch: MeasuredApp['fetch'];
  readonly config: Config;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
  /** From now on `/readyz` answers 503. */
  startDraining(): void;
  /** Closes the connections to AWS. */
  close(): void;
}

/**
 * The SDK retries with jitter (mode `standard`). The limits keep the worst case of one call, three
 * attempts with their pauses, below the time limit of a request.
 */
const CLIENT_OPTIONS = {
  maxAttempts: 3,
  requestHandler: {
    // Counts while a socket is silent, connecting included. The SDK's other two limits count while
    // a request waits for one of the 50 sockets too, and so turn a burst into a storm of retries.
    socketTimeout: 2500,
  },
};

/**
 * Builds the service.
 * @throws ConfigError when the environment is not usable.
 */
export function createRuntime(env: NodeJS.ProcessEnv, write?: (text: string) => void): Runtime {
  const config = readConfig(env);
  const logger = new Logger(config.logLevel, write);
  const telemetry = startTelemetry(config.telemetry, env, (message, fields) =>
    logger.warn(message, fields),
  );
  const dynamodb = new DynamoDBClient({ region: config.region, ...CLIENT_OPTIONS });
  const kms = new KMSClient({ region: config.region, ...CLIENT_OPTIONS });
  telemetry.instrument(dynamodb, 'DynamoDB');
  telemetry.instrument(kms, 'KMS');
  const users = new UserRepository(
    DynamoDBDocumentClient.from(dynamodb, { marshallOptions: { removeUndefinedValues: true } }),
    config.usersTable,
  );
  const sealer = new CredentialSealer(kms, {
    mode: config.credentialKeys,
    sharedKeyArn: config.credentialsKeyArn,
    stackTag: config.stackTag,
  });
  if (config.originSecret === undefined) {
    logger.warn('ORIGIN_SECRET is missing: every request to /users will be refused');
  }
  // Without the secret nobody gets as far as a cursor; the random one only fills the place.
  const secret = config.originSecret ?? randomBytes(32).toString('hex');
  let draining = false;
  const app = createApp({
    directory: new UserDirectory({ users, sealer, logger, secret }),
    users,
    cursors: new CursorCodec(secret),
    originSecret: config.originSecret,
    bodyLimitBytes: config.bodyLimitBytes,
    requestTimeoutSeconds: config.requestTimeoutSeconds,
    logger,
    readiness: { isDraining: () => draining, check: () => users.ping() },
  });
  return {
    app,
    fetch: telemetry.around(app),
    config,
    logger,
    telemetry,
    startDraining: () => {
      draining = true;
    },
    close: () => {
      dynamodb.destroy();
      kms.destroy();
    },
  };
}
