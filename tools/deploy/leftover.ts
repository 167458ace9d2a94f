// One thing that AWS may still have of a stack: its kind, and whether it is really there.
import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { DescribeNatGatewaysCommand, DescribeVpcsCommand } from '@aws-sdk/client-ec2';
import { DescribeClustersCommand, DescribeTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import { DescribeKeyCommand } from '@aws-sdk/client-kms';
import { GetFunctionCommand } from '@aws-sdk/client-lambda';
import { GONE, isFault, Region } from './aws';
import type { Located } from './inventory';
import { hasHelper } from './later/removal';

/** Kinds that a sweep can delete, in the order in which it does; `other` it only names. */
export const KINDS = [
  'edge-function',
  'log-group',
  'vpc-origin-group',
  'vpc',
  'helper',
  'table',
  'key',
  'other',
] as const;

/** One thing that is still there. */
export interface Leftover extends Located {
  readonly kind: (typeof KINDS)[number];
  /** Whether it holds data, and goes only when that was asked for. */
  readonly isData: boolean;
}

const isData = (kind: Leftover['kind']): boolean => kind === 'table' || kind === 'key';

/** What is found of a kind. */
export function leftover(kind: Leftover['kind'], { region, id }: Located): Leftover {
  return { kind, region, id, isData: isData(kind) };
}

/**
 * Tags outlive what carries them, for hours: each is asked for by its own API.
 * @throws the error of AWS when it can't be asked.
 */
export async function exists({ kind, region: name, id }: Leftover): Promise<boolean> {
  const region = new Region(name);
  try {
    switch (kind) {
      case 'edge-function':
        await region.lambda().send(new GetFunctionCommand({ FunctionName: id }));
        return true;
      case 'log-group': {
        const { logGroups = [] } = await region
          .logs()
          .send(new DescribeLogGroupsCommand({ logGroupNamePrefix: id }));
        return logGroups.some(({ logGroupName }) => logGroupName === id);
      }
      case 'vpc-origin-group':
        return true;
      case 'vpc':
        await region.ec2().send(new DescribeVpcsCommand({ VpcIds: [id] }));
        return true;
      case 'helper':
        return await hasHelper(id);
      case 'table':
        await region.dynamodb().send(new DescribeTableCommand({ TableName: id }));
        return true;
      case 'key': {
        const { KeyMetadata } = await region.kms().send(new DescribeKeyCommand({ KeyId: id }));
        // AWS deletes it by itself, after the days that were set.
        return !/^Pending/.test(KeyMetadata?.KeyState ?? '');
      }
      case 'other':
        return await isNoGhost(region, id);
    }
  } catch (error) {
    if (isFault(error, ...GONE)) return false;
    throw error;
  }
}

/** ECS and EC2 go on listing what was deleted, as inactive. */
async function isNoGhost(region: Region, arn: string): Promise<boolean> {
  if (/:ecs:.*:task-definition\//.test(arn)) {
    const { taskDefinition } = await region
      .ecs()
      .send(new DescribeTaskDefinitionCommand({ taskDefinition: arn }));
    return taskDefinition?.status === 'ACTIVE';
  }
  const cluster = /:ecs:[^:]*:[^:]*:(?:cluster|service)\/([^/]+)/.exec(arn)?.[1];
  if (cluster !== undefined) {
    const { clusters = [] } = await region
      .ecs()
      .send(new DescribeClustersCommand({ clusters: [cluster] }));
    return clusters.some(({ status }) => status !== 'INACTIVE');
  }
  const gateway = /:natgateway\/(.+)$/.exec(arn)?.[1];
  if (gateway !== undefined) {
    const { NatGateways = [] } = await region
      .ec2()
      .send(new DescribeNatGatewaysCommand({ NatGatewayIds: [gateway] }));
    return NatGateways.some(({ State }) => State !== 'deleted');
  }
  return true;
}
