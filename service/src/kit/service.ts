// A service put together from its definition and its environment: what both entries start with.
import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import type { Hono } from 'hono';
import { SERVICE_METRICS } from '../../../contracts/metrics';
import type { Workload } from '../../../contracts/workload';
import { readConfig, type EnvReader, type KitConfig } from './config';
import type { ErrorKind } from './errors';
import { guard } from './guard';
import type { AppEnv } from './identity';
import { Logger } from './logger';
import { startTelemetry, type Telemetry } from './telemetry';
import type { TelemetryReports } from './telemetry/settings';

/** What an API is made of; the kit does the rest. */
export interface ServiceDefinition<Own extends object, App extends Hono<AppEnv>> {
  readonly workload: Pick<Workload, 'rules' | 'health' | 'errors'>;
  /** Reads the variables of the API's own; what is wrong is added to the reader's problems. */
  readonly readConfig: (reader: EnvReader) => Own;
  /** Status and title of the API's own error codes. @default none */
  readonly errors?: Readonly<Record<string, ErrorKind>>;
  /** Makes what the routes need, once a process. */
  readonly create: (config: KitConfig & Own, kit: Kit) => ServiceParts<App>;
}

/** What the kit lends to an API. */
export interface Kit {
  readonly logger: Logger;
  /** Makes spans and durations of a client's calls to AWS. */
  readonly instrument: Telemetry['instrument'];
  /** Options of clients of AWS that keep a call within the time limit of a request. */
  readonly clientOptions: Pick<
    DynamoDBClientConfig,
    'region' | 'maxAttempts' | 'requestHandler'
  > & { region: string };
}

/** What an API is at run time. */
export interface ServiceParts<App extends Hono<AppEnv>> {
  /** An empty app; the kit puts its guard on it before {@link addRoutes}. */
  readonly app: App;
  readonly addRoutes: (app: App) => void;
  /** Resolves when the dependencies answer. */
  readonly check: () => Promise<void>;
  /** Closes connections. */
  readonly close: () => void;
}

/** A service that is ready to be served. */
export interface Runtime<App extends Hono<AppEnv> = Hono<AppEnv>> {
  readonly app: App;
  readonly config: KitConfig;
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
 * Builds a service.
 * @param write Takes the log's text. @default standard output
 * @throws ConfigError when the environment is not usable.
 */
export function createRuntime<Own extends object, App extends Hono<AppEnv>>(
  definition: ServiceDefinition<Own, App>,
  env: NodeJS.ProcessEnv,
  write?: (text: string) => void,
): Runtime<App> {
  const config = readConfig(env, definition.readConfig);
  const logger = new Logger(config.logLevel, write);
  const telemetry = startTelemetry(config.telemetry, reportsTo(logger, config.stack));
  if (config.originSecrets.length === 0) {
    logger.warn('ORIGIN_SECRET is missing: every request that is not for health will be refused');
  }
  const parts = definition.create(config, {
    logger,
    instrument: (client, service) => telemetry.instrument(client, service),
    clientOptions: { region: config.region, ...CLIENT_OPTIONS },
  });
  let draining = false;
  const { app } = parts;
  guard(app, {
    ...definition.workload,
    errorKinds: definition.errors ?? {},
    config,
    logger,
    telemetry: telemetry.middleware,
    readiness: { isDraining: () => draining, check: () => parts.check() },
  });
  parts.addRoutes(app);
  return {
    app,
    config,
    logger,
    telemetry,
    startDraining: () => {
      draining = true;
    },
    close: () => parts.close(),
  };
}

function reportsTo(logger: Logger, stack: string): TelemetryReports {
  const { droppedSpans } = SERVICE_METRICS;
  return {
    trouble: (reason) => logger.warn('telemetry in trouble', { reason }),
    lost: (spans, reason) =>
      logger.embed([droppedSpans], {
        Stack: stack,
        'error.type': reason,
        [droppedSpans.name]: spans,
      }),
  };
}
