// What the function does that keeps users' own KMS keys: it makes them and schedules their end, nothing else.
import type { KMSClient } from '@aws-sdk/client-kms';
import { CreateKeyCommand, ScheduleKeyDeletionCommand } from '@aws-sdk/client-kms';
import { FUNCTION_ENV } from '../../../contracts/env';
import { STACK_TAG_KEY, USER_TAG_KEY } from './table';

/** What the service asks for. */
export type KeeperRequest =
  | { readonly action: 'make'; readonly userId: string }
  | { readonly action: 'end'; readonly keyArn: string };

/** What it is told; a failure comes as an error of Lambda's. */
export interface KeeperAnswer {
  /** ARN of the key that was made. */
  readonly keyArn?: string;
}

/** KMS waits at least seven days before a key is gone (KMS API, ScheduleKeyDeletion). */
const DELETION_WINDOW_DAYS = 7;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const KEY_ARN = /^arn:aws:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/;

/**
 * The handler. Neither tags nor policy of a key are the caller's to choose: the one is the stack's and
 * the user's, the other the platform's.
 * @throws Error for anything that is not a {@link KeeperRequest}, and what KMS throws.
 */
export function keyKeeper(
  kms: KMSClient,
  env: NodeJS.ProcessEnv,
): (request: Partial<KeeperRequest>) => Promise<KeeperAnswer> {
  return async (request) => {
    if (request.action === 'make' && UUID.test(String(request.userId))) {
      return { keyArn: await make(kms, env, String(request.userId)) };
    }
    if (request.action === 'end' && KEY_ARN.test(String(request.keyArn))) {
      await end(kms, String(request.keyArn));
      return {};
    }
    throw new Error('Expected { action: "make", userId } or { action: "end", keyArn }.');
  };
}

async function make(kms: KMSClient, env: NodeJS.ProcessEnv, userId: string): Promise<string> {
  const { [FUNCTION_ENV.stack]: stack, [FUNCTION_ENV.keyPolicy]: policy } = env;
  if (stack === undefined || policy === undefined) {
    throw new Error(`${FUNCTION_ENV.stack} or ${FUNCTION_ENV.keyPolicy} is missing.`);
  }
  const { KeyMetadata } = await kms.send(
    new CreateKeyCommand({
      Description: 'Credentials of one user of Gatehouse',
      Policy: policy,
      Tags: [
        { TagKey: STACK_TAG_KEY, TagValue: stack },
        { TagKey: USER_TAG_KEY, TagValue: userId },
      ],
    }),
  );
  if (KeyMetadata?.Arn === undefined) throw new Error('KMS answered without a key');
  return KeyMetadata.Arn;
}

/** One that is already on its way is fine. */
async function end(kms: KMSClient, keyArn: string): Promise<void> {
  try {
    await kms.send(
      new ScheduleKeyDeletionCommand({ KeyId: keyArn, PendingWindowInDays: DELETION_WINDOW_DAYS }),
    );
  } catch (error) {
    const { name } = error as Error;
    if (name !== 'KMSInvalidStateException' && name !== 'NotFoundException') throw error;
  }
}
