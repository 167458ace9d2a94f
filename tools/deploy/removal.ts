// Deletes one leftover, or says what AWS makes it wait for.
import { DeleteLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DeleteTableCommand, UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { DeleteSecurityGroupCommand, DeleteVpcCommand } from '@aws-sdk/client-ec2';
import { ScheduleKeyDeletionCommand } from '@aws-sdk/client-kms';
import { DeleteFunctionCommand } from '@aws-sdk/client-lambda';
import { GONE, isFault, Region } from './aws';
import type { Leftover } from './leftover';
import { removeHelper } from './later/removal';

/** How an attempt to delete something ended. */
export type Removal =
  | { readonly state: 'gone' }
  | { readonly state: 'waiting'; readonly reason: string }
  | { readonly state: 'failed'; readonly reason: string };

/** The longest that KMS offers: until then a key can be brought back. */
const KEY_WINDOW_DAYS = 30;

const DELETE: Readonly<
  Record<Exclude<Leftover['kind'], 'other'>, (region: Region, id: string) => Promise<unknown>>
> = {
  'edge-function': (region, FunctionName) =>
    region.lambda().send(new DeleteFunctionCommand({ FunctionName })),
  'log-group': (region, logGroupName) =>
    region.logs().send(new DeleteLogGroupCommand({ logGroupName })),
  'vpc-origin-group': (region, GroupId) =>
    region.ec2().send(new DeleteSecurityGroupCommand({ GroupId })),
  vpc: (region, VpcId) => region.ec2().send(new DeleteVpcCommand({ VpcId })),
  helper: (_region, name) => removeHelper(name),
  table: async (region, TableName) => {
    await region
      .dynamodb()
      .send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: false }))
      // Already as it should be.
      .catch((error: unknown) => {
        if (!isFault(error, 'ValidationException')) throw error;
      });
    await region.dynamodb().send(new DeleteTableCommand({ TableName }));
  },
  key: (region, KeyId) =>
    region
      .kms()
      .send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: KEY_WINDOW_DAYS })),
};

/** Tries once. What somebody else deleted meanwhile is gone, too. */
export async function removeLeftover({ kind, region, id }: Leftover): Promise<Removal> {
  if (kind === 'other') return { state: 'failed', reason: 'a sweep does not delete this kind' };
  try {
    await DELETE[kind](new Region(region), id);
    return { state: 'gone' };
  } catch (error) {
    if (isFault(error, ...GONE)) return { state: 'gone' };
    const { name, message } = error as Error;
    if (/replicated function/.test(message)) {
      return { state: 'waiting', reason: 'CloudFront removes its replicas, which takes hours' };
    }
    if (name === 'DependencyViolation') {
      return { state: 'waiting', reason: 'network interfaces in it are not released yet' };
    }
    if (/Throttl|TooManyRequests|RequestLimit|LimitExceeded|InUse/.test(name)) {
      return { state: 'waiting', reason: `AWS asks for patience (${name})` };
    }
    return { state: 'failed', reason: `${name}: ${message}` };
  }
}
