// Wires the VPC for the compute that is to run in it.
import { NAME, type Context } from './context';
import { privateSubnetMask } from './settings/contradictions';
import type { Foundation } from './foundation';
import { Network } from './network/network';

/**
 * Services that are called from inside the VPC and have no gateway endpoint. Lambda itself, outside
 * the VPC, fetches the code and ships logs and traces.
 */
const ENDPOINTS = {
  fargate: ['ecr.api', 'ecr.dkr', 'kms', 'logs', 'secretsmanager', 'xray'],
  lambda: ['kms', 'secretsmanager'],
} as const;

/** The network of the stack. */
export function networkOf({ config, zoneNames, opts }: Context, foundation: Foundation): Network {
  const logKeyArn = foundation.logKeyArns[config.region];
  return new Network(
    NAME,
    {
      cidrBlock: config.vpcCidr,
      privateMask: privateSubnetMask(config.vpcCidr, config.zones),
      zoneNames,
      region: config.region,
      egress: config.egress,
      endpointServices: ENDPOINTS[config.compute],
      logRetentionDays: config.logRetentionDays,
      ...(logKeyArn === undefined ? {} : { logKeyArn }),
    },
    opts,
  );
}
