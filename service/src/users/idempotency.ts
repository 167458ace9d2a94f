// Creates that may be sent again: what is remembered of them, and the user that the first one made.
import { createHmac } from 'node:crypto';
import { idempotencyInUse, idempotencyMismatch } from './errors';
import { idempotencyItemId } from './items';
import type { IdempotencyRecord, User } from './items';
import type { UserRepository } from './repository';
import type { NewUser } from './schema';

/** A create that may be sent again: the caller's key, and whose it is. */
export interface IdempotentRequest {
  readonly keyId: string;
  readonly idempotencyKey: string;
}

const IDEMPOTENCY_HOURS = 24;

export class Idempotency {
  /** @param secret Keys the hash of requests, which else would be a hash of a credential. */
  constructor(
    private readonly users: UserRepository,
    private readonly secret: string,
  ) {}

  /** What is to be remembered of a request. */
  recordOf(
    { name, email, credentials }: NewUser,
    { keyId, idempotencyKey }: IdempotentRequest,
    nowSeconds: number,
  ): IdempotencyRecord {
    return {
      id: idempotencyItemId(this.hmac([keyId, idempotencyKey])),
      requestHash: this.hmac([name, email, credentials ?? null]),
      purgeAt: nowSeconds + IDEMPOTENCY_HOURS * 3600,
    };
  }

  /**
   * The user that the same request made before, if it did.
   * @throws UsersError `idempotency_mismatch`, `idempotency_in_use`.
   */
  async replay(record: IdempotencyRecord, nowSeconds: number): Promise<User | undefined> {
    const found = await this.users.findIdempotent(record.id, nowSeconds);
    if (found === undefined) return undefined;
    if (found.requestHash !== record.requestHash) throw idempotencyMismatch();
    const user = await this.users.find(found.userId);
    if (user === undefined) throw idempotencyInUse();
    return user;
  }

  private hmac(parts: readonly unknown[]): string {
    return createHmac('sha256', `gatehouse idempotency\0${this.secret}`)
      .update(JSON.stringify(parts))
      .digest('base64url');
  }
}
