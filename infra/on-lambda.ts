// Wires Lambda: the service's bundle, its function behind API Gateway, and a group that admits nobody.
import { join } from 'node:path';
import { bundleService } from '../service/bundle';
import type { Compute } from './on-fargate';
import { NAME, type Context } from './context';
import type { Foundation } from './foundation';
import { ServiceFunction } from './lambda/function';
import type { Network } from './network/network';
import { serviceRights, serviceSettings } from './rights/service-rights';

/** Where the bundles are written. */
const BUNDLES = join(__dirname, '..', 'dist', 'service');

/** The same for every stack, so made once a process. */
let bundles: ReturnType<typeof bundleService> | undefined;

/** Lambda behind an API Gateway HTTP API. */
export async function onLambda(
  context: Context,
  foundation: Foundation,
  network: Network,
): Promise<Compute> {
  const { config, accountId, opts } = context;
  const { data, originSecret } = foundation;
  const logKeyArn = foundation.logKeyArns[config.region];
  const { lambda } = await (bundles ??= bundleService(BUNDLES));
  const fn = new ServiceFunction(
    NAME,
    {
      bundlePath: lambda,
      vpcId: network.vpcId,
      subnetIds: network.privateSubnetIds,
      egressTargets: network.egressTargets,
      settings: serviceSettings(context, data),
      statements: serviceRights(context, data),
      originSecretArn: originSecret.arn,
      secretKeyArn: data.tablesKey.arn,
      accountId,
      region: config.region,
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
      kind: 'function',
      functionName: fn.functionName,
      apiId: fn.apiId,
      reservedConcurrency: config.lambdaConcurrency,
      memory: config.lambdaMemory,
    },
    serviceLogGroup: fn.logGroupName,
    outputs: { function: fn.functionName, api: fn.apiId },
  };
}
