// Wires the VPC for the compute that is to run in it.
import { NAME, type Context } from './context';
import type { Foundation } from './foundation';
import { Network } from './network/network';

/**
 * The network of the stack.
 * @param endpointServices What the compute calls from inside the VPC.
 */
export function networkOf(
  { config, zoneNames, opts }: Context,
  foundation: Foundation,
  endpointServices: readonly string[],
): Network {
  const takesParameters = Object.values(config.workload.secrets).some((arn) =>
    arn.includes(':ssm:'),
  );
  const logKeyArn = foundation.logKeyArns[config.region];
  return new Network(
    NAME,
    {
      cidrBlock: config.vpcCidr,
      zoneNames,
      region: config.region,
      egress: config.egress,
      endpointServices: [
        ...endpointServices,
        ...(takesParameters ? ['ssm'] : []),
        ...(Object.keys(foundation.functions.names).length > 0 ? ['lambda'] : []),
      ],
      logRetentionDays: config.logRetentionDays,
      ...(logKeyArn === undefined ? {} : { logKeyArn }),
    },
    opts,
  );
}
