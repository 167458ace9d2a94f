// The containers of a task as JSON: the service and its telemetry collector.
import { SERVICE_ENV } from '../../contracts/env';
import { keyVariable, tableVariable } from '../../contracts/workload';
import { collectorConfig, OTLP_PORT } from './collector-config';

/** Unprivileged user (`nonroot`) of distroless images; both containers run as it. */
export const NON_ROOT_USER = '65532:65532';

/**
 * AWS's distribution of the OpenTelemetry collector, by the digest of its index.
 * https://gallery.ecr.aws/aws-observability/aws-otel-collector
 */
export const COLLECTOR_IMAGE =
  'public.ecr.aws/aws-observability/aws-otel-collector:v0.50.0@sha256:7968fb60db6a2390a47ba6a2df029745638486e285c9b2487da1b722d0855a3e';

/** What the service is told by its environment. */
export interface ServiceSettings {
  readonly stack: string;
  readonly region: string;
  readonly port: number;
  readonly usersTable: string;
  readonly credentialsKeyArn: string;
  readonly credentialKeys: string;
  readonly logLevel: string;
  readonly bodyLimitBytes: number;
  readonly requestTimeoutSeconds: number;
  /** Part of the requests that is traced, 0 to 1. */
  readonly traceSampling: number;
}

/** What the containers of a task are made of; plain values all. */
export interface TaskSettings extends ServiceSettings {
  readonly image: string;
  readonly collectorImage: string;
  /** The shipped image has a Node.js to ask its own health with; another may not. */
  readonly isShippedImage: boolean;
  readonly healthPath: string;
  /** ARN of the secret that holds the origin secret. */
  readonly originSecretArn: string;
  readonly serviceLogGroup: string;
  readonly collectorLogGroup: string;
  readonly metricsLogGroup: string;
  /** Seconds between SIGTERM and SIGKILL. */
  readonly stopTimeoutSeconds: number;
}

/** Environment of the service, the same in a container and in a function. */
export function serviceEnvironment(settings: ServiceSettings): Record<string, string> {
  return {
    AWS_REGION: settings.region,
    [SERVICE_ENV.bodyLimitBytes]: String(settings.bodyLimitBytes),
    CREDENTIAL_KEYS: settings.credentialKeys,
    [keyVariable('credentials')]: settings.credentialsKeyArn,
    [SERVICE_ENV.logLevel]: settings.logLevel,
    [SERVICE_ENV.port]: String(settings.port),
    [SERVICE_ENV.requestTimeoutSeconds]: String(settings.requestTimeoutSeconds),
    [SERVICE_ENV.stack]: settings.stack,
    [tableVariable('users')]: settings.usersTable,
    // The collector's awsemf exporter takes histograms for deltas.
    OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta',
    OTEL_RESOURCE_ATTRIBUTES: `service.namespace=gatehouse,deployment.environment.name=${settings.stack}`,
    OTEL_SERVICE_NAME: 'gatehouse',
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    OTEL_TRACES_SAMPLER_ARG: String(settings.traceSampling),
  };
}

/**
 * `containerDefinitions` of the task. Every default that ECS would fill in is written out and lists
 * are sorted as ECS sorts them, or every preview would show a difference
 * (terraform-provider-aws PR 46132).
 */
export function containerDefinitions(settings: TaskSettings): string {
  return JSON.stringify([serviceContainer(settings), collectorContainer(settings)]);
}

function serviceContainer(settings: TaskSettings): object {
  const environment = {
    ...serviceEnvironment(settings),
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${OTLP_PORT}`,
  };
  return {
    ...hardened('service', settings.image, settings.serviceLogGroup, settings),
    environment: pairs(environment),
    secrets: [{ name: SERVICE_ENV.originSecret, valueFrom: settings.originSecretArn }],
    portMappings: [{ containerPort: settings.port, hostPort: settings.port, protocol: 'tcp' }],
    // Distroless has no shell.
    ...(settings.isShippedImage
      ? {
          healthCheck: check([
            'CMD',
            '/nodejs/bin/node',
            '-e',
            `fetch('http://127.0.0.1:${settings.port}${settings.healthPath}').then(r=>process.exit(r.ok?0:1),()=>process.exit(1))`,
          ]),
        }
      : {}),
    dependsOn: [{ condition: 'START', containerName: 'collector' }],
    stopTimeout: settings.stopTimeoutSeconds,
  };
}

function collectorContainer(settings: TaskSettings): object {
  return {
    ...hardened('collector', settings.collectorImage, settings.collectorLogGroup, settings),
    environment: pairs({ AOT_CONFIG_CONTENT: collectorConfig(settings) }),
    secrets: [],
    portMappings: [],
    // No shell here either: the image brings this program (aws-otel-collector#1124).
    healthCheck: check(['CMD', '/healthcheck']),
    // The service must serve although telemetry is down.
    essential: false,
    stopTimeout: settings.stopTimeoutSeconds,
  };
}

function hardened(
  name: string,
  image: string,
  logGroup: string,
  settings: TaskSettings,
): Record<string, unknown> {
  return {
    name,
    image,
    essential: true,
    user: NON_ROOT_USER,
    readonlyRootFilesystem: true,
    privileged: false,
    linuxParameters: { capabilities: { add: [], drop: ['ALL'] }, initProcessEnabled: false },
    cpu: 0,
    mountPoints: [],
    volumesFrom: [],
    systemControls: [],
    logConfiguration: {
      logDriver: 'awslogs',
      options: {
        'awslogs-group': logGroup,
        'awslogs-region': settings.region,
        'awslogs-stream-prefix': name,
        // A full log must not stop requests: lines are dropped, not waited for.
        'max-buffer-size': '4m',
        mode: 'non-blocking',
      },
      secretOptions: [],
    },
  };
}

function check(command: string[]): object {
  return { command, interval: 10, retries: 3, startPeriod: 15, timeout: 5 };
}

function pairs(environment: Record<string, string>): { name: string; value: string }[] {
  return Object.entries(environment)
    .map(([name, value]) => ({ name, value }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
