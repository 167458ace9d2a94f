// Credentials into ciphertext: it encrypts, under the stack's key or a user's own, and never decrypts.
import type { KMSClient } from '@aws-sdk/client-kms';
import { EncryptCommand } from '@aws-sdk/client-kms';
import { CREDENTIALS_CONTEXT } from './table';
import type { CredentialKeys } from './config';
import type { SealedCredentials } from './items';
import type { UserKeys } from './user-keys';

const { userKey, purposeKey, purpose } = CREDENTIALS_CONTEXT;

export interface CredentialSealerOptions {
  readonly mode: CredentialKeys;
  /** ARN of the stack's key; mode `shared` encrypts under it. */
  readonly sharedKeyArn: string;
  /** Makes and ends keys of users' own; mode `per-user` needs it. */
  readonly userKeys: UserKeys | undefined;
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
    const made = await this.userKeys().make(userId);
    try {
      return await this.encrypt(userId, plaintext, made, true);
    } catch (error) {
      await this.destroyKey(made);
      throw error;
    }
  }

  /** Schedules the end of a user's own key; one that is already on its way is fine. */
  destroyKey(keyArn: string): Promise<void> {
    return this.userKeys().end(keyArn);
  }

  private userKeys(): UserKeys {
    const { userKeys } = this.options;
    if (userKeys === undefined) {
      throw new Error('A user has a key of its own, which CREDENTIAL_KEYS "shared" can not end.');
    }
    return userKeys;
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
}
