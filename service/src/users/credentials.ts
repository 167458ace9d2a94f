// Credentials into ciphertext: the only file that calls KMS, and it never asks to decrypt.
import type { KMSClient } from '@aws-sdk/client-kms';
import { CreateKeyCommand, EncryptCommand, ScheduleKeyDeletionCommand } from '@aws-sdk/client-kms';
import { CREDENTIALS_CONTEXT, STACK_TAG_KEY } from './table';
import type { CredentialKeys } from './config';
import type { SealedCredentials } from './items';

/** KMS waits at least seven days before a key is gone (KMS API, ScheduleKeyDeletion). */
const DELETION_WINDOW_DAYS = 7;
const { userKey, purposeKey, purpose } = CREDENTIALS_CONTEXT;
const USER_TAG_KEY = 'gatehouse:user';

export interface CredentialSealerOptions {
  readonly mode: CredentialKeys;
  /** ARN of the stack's key; mode `shared` encrypts under it. */
  readonly sharedKeyArn: string;
  /** Value of the tag `gatehouse:stack` on every per-user key. */
  readonly stackTag: string | undefined;
}

export class CredentialSealer {
  constructor(
    private readonly kms: KMSClient,
    private readonly options: CredentialSealerOptions,
  ) {}

  /** Whether {@link seal} makes a key. @param ownKey The user's own, if there is one. */
  makesKey(ownKey: string | undefined): boolean {
    return ownKey === undefined && this.options.mode === 'per-user';
  }

  /**
   * Encrypts with the context `{ user, purpose }`. A user that has a key of its own keeps it,
   * whatever the mode is now; in mode `per-user` one that has none gets one.
   * When encryption fails, the key that was made for it does not stay.
   */
  async seal(userId: string, plaintext: string, ownKey?: string): Promise<SealedCredentials> {
    if (ownKey !== undefined) return this.encrypt(userId, plaintext, ownKey, true);
    if (this.options.mode === 'shared') {
      return this.encrypt(userId, plaintext, this.options.sharedKeyArn, false);
    }
    const made = await this.createKey(userId);
    try {
      return await this.encrypt(userId, plaintext, made, true);
    } catch (error) {
      await this.destroyKey(made);
      throw error;
    }
  }

  /** Schedules the end of a user's own key; one that is already on its way is fine. */
  async destroyKey(keyArn: string): Promise<void> {
    try {
      await this.kms.send(
        new ScheduleKeyDeletionCommand({
          KeyId: keyArn,
          PendingWindowInDays: DELETION_WINDOW_DAYS,
        }),
      );
    } catch (error) {
      const { name } = error as Error;
      if (name !== 'KMSInvalidStateException' && name !== 'NotFoundException') throw error;
    }
  }

  private async encrypt(
    userId: string,
    plaintext: string,
    key: string,
    own: boolean,
  ): Promise<SealedCredentials> {
    const answer = await this.kms.send(
      new EncryptCommand({
        KeyId: key,
        Plaintext: Buffer.from(plaintext),
        EncryptionContext: { [userKey]: userId, [purposeKey]: purpose },
      }),
    );
    if (answer.CiphertextBlob === undefined) throw new Error('KMS answered without a ciphertext');
    return { ciphertext: answer.CiphertextBlob, ...(own ? { credentialsKey: key } : {}) };
  }

  private async createKey(userId: string): Promise<string> {
    const answer = await this.kms.send(
      new CreateKeyCommand({
        Description: 'Credentials of one user of Gatehouse',
        Tags: [
          { TagKey: STACK_TAG_KEY, TagValue: this.options.stackTag },
          { TagKey: USER_TAG_KEY, TagValue: userId },
        ],
      }),
    );
    const arn = answer.KeyMetadata?.Arn;
    if (arn === undefined) throw new Error('KMS answered without a key');
    return arn;
  }
}
