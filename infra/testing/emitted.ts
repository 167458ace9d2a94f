// Finds what emits a metric among recorded resources, or says why nothing does.
import {
  AWS_METRICS,
  type AwsMetricFamily,
  type DimensionSource,
} from '../../contracts/aws-metrics';
import { SERVICE_ENV } from '../../contracts/env';
import { EDGE_METRICS, EDGE_REASONS, KEYS_METRICS, SERVICE_METRICS } from '../../contracts/metrics';
import type { RecordedResource, Recording } from '../../recorder/record';

/** A metric as a dashboard or an alarm names it. */
export interface NamedMetric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly region: string;
  readonly stat: string;
}

/** Why no resource of the recording emits the metric; undefined when one does. */
export function notEmitted(recording: Recording, metric: NamedMetric): string | undefined {
  const what = `${metric.namespace} ${metric.name} ${JSON.stringify(metric.dimensions)}`;
  if (metric.namespace === EDGE_METRICS.decisions.namespace)
    return notByEdge(recording, metric, what);
  if (metric.namespace === SERVICE_METRICS.requestDuration.namespace) {
    return notByService(recording, metric, what);
  }
  if (metric.namespace === KEYS_METRICS.expiring.namespace) {
    return notByKeyCheck(recording, metric, what);
  }
  const families = AWS_METRICS.filter(
    (family) =>
      family.namespace === metric.namespace &&
      family.names.includes(metric.name) &&
      sameNames(Object.keys(family.dimensions), Object.keys(metric.dimensions)),
  );
  const [family] = families;
  if (family === undefined) return `${what}: AWS emits no such metric`;
  return notByAws(recording, metric, family, what);
}

function notByAws(
  recording: Recording,
  metric: NamedMetric,
  family: AwsMetricFamily,
  what: string,
): string | undefined {
  for (const [dimension, source] of Object.entries(family.dimensions)) {
    const value = metric.dimensions[dimension] ?? '';
    if (!hasValue(recording, source, value))
      return `${what}: nothing has the ${dimension} ${value}`;
  }
  if (family.statistics?.test(metric.stat) === false) return `${what}: has no ${metric.stat}`;
  const home = String(recording.outputs.region);
  const isThere =
    metric.region === (family.region ?? home) ||
    (family.region === undefined && hasElsewhere(recording, family, metric));
  if (!isThere) return `${what}: is not in ${metric.region}`;
  if (
    family.needs !== undefined &&
    !recording.resources.some(({ type }) => type === family.needs)
  ) {
    return `${what}: needs a ${family.needs}`;
  }
  return undefined;
}

/** Whether a resource of the metric's own region, which is not the home region, emits it. */
function hasElsewhere(
  recording: Recording,
  { dimensions }: AwsMetricFamily,
  metric: NamedMetric,
): boolean {
  return Object.entries(dimensions).every(
    ([dimension, source]) =>
      'type' in source &&
      recording.resources.some(
        (resource) =>
          resource.type === source.type &&
          resource.inputs.region === metric.region &&
          property(resource, source.property) === metric.dimensions[dimension],
      ),
  );
}

function hasValue(recording: Recording, source: DimensionSource, value: string): boolean {
  if ('values' in source) return source.values.includes(value);
  if ('pattern' in source) return source.pattern.test(value);
  return recording.resources.some(
    (resource) => resource.type === source.type && property(resource, source.property) === value,
  );
}

function property(resource: RecordedResource, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, key) => (value as Record<string, unknown>)?.[key], resource.outputs);
}

/** The edge function embeds metrics in its log lines, so it needs a log group in the region. */
function notByEdge(recording: Recording, metric: NamedMetric, what: string): string | undefined {
  const contract = Object.values(EDGE_METRICS).find(
    ({ name, dimensions }) =>
      name === metric.name && sameNames(dimensions, Object.keys(metric.dimensions)),
  );
  if (contract === undefined) return `${what}: is not in the contract`;
  const fn = recording.resources.find(
    ({ type, name }) => type === 'aws:lambda/function:Function' && name.endsWith('-edge-fn'),
  );
  if (fn === undefined) return `${what}: there is no edge function`;
  if (!JSON.stringify(fn.inputs.code).includes(contract.name))
    return `${what}: the code has no such name`;
  const { Stack, Decision, Reason } = metric.dimensions;
  if (Stack !== recording.stack) return `${what}: is another stack's`;
  if (Decision !== undefined) {
    const reasons: readonly string[] = EDGE_REASONS[Decision as keyof typeof EDGE_REASONS] ?? [];
    if (!reasons.includes(Reason ?? '')) return `${what}: no decision has this reason`;
  }
  const hasLogs = recording.resources.some(
    ({ type, inputs }) =>
      type === 'aws:cloudwatch/logGroup:LogGroup' &&
      inputs.name === `/aws/lambda/us-east-1.${String(fn.outputs.name)}` &&
      inputs.region === metric.region,
  );
  return hasLogs ? undefined : `${what}: the edge function has no log group in ${metric.region}`;
}

/** The daily check embeds its count in its log lines, under the name of the stack that it is told. */
function notByKeyCheck(
  recording: Recording,
  { name, dimensions }: NamedMetric,
  what: string,
): string | undefined {
  const contract = Object.values(KEYS_METRICS).find(
    (each) => each.name === name && sameNames(each.dimensions, Object.keys(dimensions)),
  );
  if (contract === undefined) return `${what}: is not in the contract`;
  const isEmitted = recording.resources.some(
    ({ type, name: resource, inputs }) =>
      type === 'aws:lambda/function:Function' &&
      resource.endsWith('-key-check') &&
      JSON.stringify(inputs.code).includes(contract.name) &&
      JSON.stringify(inputs.environment).includes(`"STACK":"${dimensions.Stack}"`),
  );
  return isEmitted ? undefined : `${what}: no check embeds it`;
}

/** The collector sends what its configuration declares, by exactly these dimensions. */
function notByService(recording: Recording, metric: NamedMetric, what: string): string | undefined {
  const task = recording.resources.find(
    ({ type }) => type === 'aws:ecs/taskDefinition:TaskDefinition',
  );
  if (task === undefined) return notByFunction(recording, metric, what);
  const containers = JSON.parse(String(task.inputs.containerDefinitions)) as {
    environment?: { name: string; value: string }[];
  }[];
  const config = containers
    .flatMap(({ environment }) => environment ?? [])
    .find(({ name }) => name === 'AOT_CONFIG_CONTENT')?.value;
  const { exporters, processors } = JSON.parse(config ?? '{}') as {
    exporters: {
      awsemf: {
        namespace: string;
        metric_declarations: { dimensions: string[][]; metric_name_selectors: string[] }[];
      };
    };
    processors: unknown;
  };
  if (exporters.awsemf.namespace !== metric.namespace) return `${what}: has another namespace`;
  if (!JSON.stringify(processors).includes(`"value":"${metric.dimensions.Stack}"`)) {
    return `${what}: the collector adds no such Stack`;
  }
  const isDeclared = exporters.awsemf.metric_declarations.some(
    (declaration) =>
      declaration.metric_name_selectors.some((selector) =>
        new RegExp(selector).test(metric.name),
      ) && declaration.dimensions.some((set) => sameNames(set, Object.keys(metric.dimensions))),
  );
  return isDeclared ? undefined : `${what}: the collector declares no such metric`;
}

/** Beside a function no collector runs: what the kit embeds in its log lines is all that there is. */
function notByFunction(
  recording: Recording,
  metric: NamedMetric,
  what: string,
): string | undefined {
  const embedded = [SERVICE_METRICS.keyRequests, SERVICE_METRICS.keyErrors].some(
    ({ name, dimensions }) =>
      name === metric.name && sameNames(dimensions, Object.keys(metric.dimensions)),
  );
  const isCounted = recording.resources.some(
    ({ type, inputs }) =>
      type === 'aws:lambda/function:Function' &&
      (inputs.environment as { variables?: Record<string, string> } | undefined)?.variables?.[
        SERVICE_ENV.keyMetrics
      ] === 'log',
  );
  return embedded && isCounted ? undefined : `${what}: there is no task to send it`;
}

function sameNames(one: readonly string[], other: readonly string[]): boolean {
  return JSON.stringify([...one].sort()) === JSON.stringify([...other].sort());
}
