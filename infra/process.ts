// What the workload's process is told and what its role may do, alike in a container and in a function.
import * as pulumi from '@pulumi/pulumi';
import { SERVICE_ENV } from '../contracts/env';
import { functionVariable, keyVariable, tableVariable } from '../contracts/workload';
import type { Statement } from '../contracts/workload';
import type { Context } from './context';
import type { Config } from './settings/config';
import type { Foundation } from './foundation';
import { decryptAtRest, invoke, neverRead, sendTraces } from './rights/statements';
import { resourcesOf } from './rights/workload-resources';

/** Environment of the process; no name that the platform sets may be declared by a workload. */
export function environmentOf(
  { config, stack }: Context,
  { data, functions }: Pick<Foundation, 'data' | 'functions'>,
): Record<string, pulumi.Input<string>> {
  const { workload } = config;
  return {
    [SERVICE_ENV.bodyLimitBytes]: String(config.bodyLimitBytes),
    [SERVICE_ENV.keyMetrics]: keyMetricsOf(config),
    [SERVICE_ENV.logLevel]: config.logLevel,
    [SERVICE_ENV.requestTimeoutSeconds]: String(config.requestTimeoutSeconds),
    // The collector's awsemf exporter takes histograms for deltas.
    OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta',
    // Only of those CloudWatch gets the buckets, and so percentiles; the kit makes no others.
    OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: 'base2_exponential_bucket_histogram',
    // A program in another language may send gRPC by itself; the collector takes HTTP.
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    OTEL_RESOURCE_ATTRIBUTES: `service.namespace=gatehouse,deployment.environment.name=${stack}`,
    OTEL_SERVICE_NAME: workload.name,
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    OTEL_TRACES_SAMPLER_ARG: String(config.traceSampling),
    ...workload.environment,
    ...named(data.tableNames, tableVariable),
    ...named(data.keyArns, keyVariable),
    ...named(functions.names, functionVariable),
    [SERVICE_ENV.port]: String(workload.port),
    [SERVICE_ENV.stack]: stack,
  };
}

/** How the kit counts requests by key; no collector runs beside a function. */
function keyMetricsOf({ perKeyMetrics, compute }: Config): string {
  if (!perKeyMetrics) return 'off';
  return compute === 'lambda' ? 'log' : 'otlp';
}

/** Rights of the process: what the workload declares, and what every workload needs. */
export function statementsOf(
  { config, stack, accountId }: Context,
  { data, functions }: Pick<Foundation, 'data' | 'functions'>,
): pulumi.Output<Statement[]> {
  const { workload, region } = config;
  return pulumi
    .all([
      resourcesOf(workload, data, { stack, region, accountId }),
      pulumi.all(Object.values(functions.arns)),
      data.tablesKey.arn,
    ])
    .apply(([resources, functionArns, tablesKeyArn]) => {
      const tables = Object.entries(resources.tables);
      return [
        ...workload.rights(resources),
        ...neverRead(
          tables.flatMap(([name, arn]) => (workload.tables[name]?.writeOnly === true ? [arn] : [])),
        ),
        ...invoke(functionArns),
        ...(tables.length === 0 ? [] : [decryptAtRest(tablesKeyArn, region)]),
        sendTraces(),
      ];
    });
}

function named(
  values: Readonly<Record<string, pulumi.Output<string>>>,
  variable: (name: string) => string,
): Record<string, pulumi.Output<string>> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [variable(name), value]));
}
