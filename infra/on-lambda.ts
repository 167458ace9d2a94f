// Wires Lambda: the service's bundle, its function behind API Gateway, and a group that admits nobody.
import { join } from 'node:path';
import { bundleService } from '../service/bundle';
import type { Compute, ComputeKind } from './compute';
import { NAME, type Context } from './context';
import type { Foundation } from './foundation';
import { ServiceFunction } from './lambda/function';
import type { Network } from './network/network';
import { environmentOf, statementsOf } from './process';

/**
 * Lambda behind an API Gateway HTTP API. Lambda itself, outside the VPC, fetches the code and ships
 * logs and traces.
 */
export const lambda: ComputeKind = {
  endpointServices: ['kms', 'secretsmanager'],
  run: onLambda,
};

/** Where the bundles are written. */
const BUNDLES = join(__dirname, '..', 'dist', 'service');

/** By folder of the API; the same for every stack, so made once a process. */
const bundles = new Map<string, ReturnType<typeof bundleService>>();

async function onLambda(
  context: Context,
  foundation: Foundation,
  network: Network,
): Promise<Compute> {
  const { config, accountId, opts } = context;
  const { data, originSecret } = foundation;
  const logKeyArn = foundation.logKeyArns[config.region];
  const bundle = await bundleOf(config.source.folder);
  const fn = new ServiceFunction(
    NAME,
    {
      bundlePath: bundle.lambda,
      vpcId: network.vpcId,
      subnetIds: network.privateSubnetIds,
      egressTargets: network.egressTargets,
      environment: environmentOf(context, foundation),
      secrets: config.workload.secrets,
      statements: statementsOf(context, foundation),
      originSecretArns: originSecret.arns,
      secretKeyArn: data.tablesKey.arn,
      accountId,
      region: config.region,
      logLevel: config.logLevel,
      memory: config.lambdaMemory,
      concurrency: config.lambdaConcurrency,
      requestTimeoutSeconds: config.requestTimeoutSeconds,
      logRetentionDays: config.logRetentionDays,
      ...(logKeyArn === undefined ? {} : { logKeyArn }),
    },
    opts,
  );
  return {
    origin: { kind: 'api', domainName: fn.apiHost },
    references: {
      kind: 'lambda',
      functionName: fn.functionName,
      apiId: fn.apiId,
      reservedConcurrency: config.lambdaConcurrency,
      memory: config.lambdaMemory,
    },
    serviceLogGroup: fn.logGroupName,
    apiLogGroup: fn.apiLogGroupName,
    outputs: { function: fn.functionName, api: fn.apiId },
  };
}

function bundleOf(folder: string): ReturnType<typeof bundleService> {
  const bundle = bundles.get(folder) ?? bundleService(join(BUNDLES, folder), folder, 'lambda');
  bundles.set(folder, bundle);
  return bundle;
}
