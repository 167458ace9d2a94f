// The containers of a task as JSON: the service and its telemetry collector.
import { collectorConfig, OTLP_PORT } from './collector-config';

/** Unprivileged user (`nonroot`) of distroless images; both containers run as it. */
export const NON_ROOT_USER = '65532:65532';

/**
 * AWS's distribution of the OpenTelemetry collector, by the digest of its index.
 * https://gallery.ecr.aws/aws-observability/aws-otel-collector
 */
export const COLLECTOR_IMAGE =
  'public.ecr.aws/aws-observability/aws-otel-collector:v0.50.0@sha256:7968fb60db6a2390a47ba6a2df029745638486e285c9b2487da1b722d0855a3e';

/** What the containers of a task are made of; plain values all. */
export interface TaskSettings {
  readonly stack: string;
  readonly region: string;
  readonly image: string;
  readonly collectorImage: string;
  /** An image that is built here has a Node.js to ask its own health with; another may not. */
  readonly isBuiltHere: boolean;
  readonly port: number;
  readonly healthPath: string;
  /** Variables of the service, in clear. */
  readonly environment: Readonly<Record<string, string>>;
  /** ARNs of what ECS reads for the service when a task starts, by variable. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly serviceLogGroup: string;
  readonly collectorLogGroup: string;
  readonly metricsLogGroup: string;
  /** Seconds between SIGTERM and SIGKILL. */
  readonly stopTimeoutSeconds: number;
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
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${OTLP_PORT}`,
    ...settings.environment,
    AWS_REGION: settings.region,
  };
  return {
    ...hardened('service', settings.image, settings.serviceLogGroup, settings),
    environment: pairs(environment),
    secrets: sorted(settings.secrets).map(([name, valueFrom]) => ({ name, valueFrom })),
    portMappings: [{ containerPort: settings.port, hostPort: settings.port, protocol: 'tcp' }],
    // Distroless has no shell.
    ...(settings.isBuiltHere
      ? {
          healthCheck: check([
            'CMD',
            '/nodejs/bin/node',
            '-e',
            `fetch('http://127.0.0.1:${settings.port}${settings.healthPath}').then(r=>process.exit(r.ok?0:1),()=>process.exit(1))`,
          ]),
        }
      : {}),
    // On no collector: a registry that throttles must not stop scale-out.
    dependsOn: [],
    stopTimeout: settings.stopTimeoutSeconds,
  };
}

function collectorContainer(settings: TaskSettings): object {
  return {
    ...hardened('collector', settings.collectorImage, settings.collectorLogGroup, settings),
    environment: pairs({ AOT_CONFIG_CONTENT: collectorConfig(settings) }),
    secrets: [],
    portMappings: [],
    dependsOn: [],
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

function pairs(environment: Readonly<Record<string, string>>): { name: string; value: string }[] {
  return sorted(environment).map(([name, value]) => ({ name, value }));
}

/** By name, as ECS sorts them. */
function sorted(values: Readonly<Record<string, string>>): [name: string, value: string][] {
  return Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));
}
