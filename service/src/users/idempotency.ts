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
  /** The origin's, that came with it: while secrets change it is the one that every task knows. */
  readonly secret: string;
}

const IDEMPOTENCY_HOURS = 24;

export class Idempotency {
  /** @param secrets The origin's: each keys the hash of requests, which else would be a hash of a credential. */
  constructor(
    private readonly users: UserRepository,
    private readonly secrets: readonly string[],
  ) {}

  /** What is to be remembered of a request; then, what may be remembered of it under another secret. */
  recordsOf(
    { name, email, credentials }: NewUser,
    { keyId, idempotencyKey, secret }: IdempotentRequest,
    nowSeconds: number,
  ): readonly [IdempotencyRecord, ...IdempotencyRecord[]] {
    const under = (each: string): IdempotencyRecord => ({
      id: idempotencyItemId(hmac(each, [keyId, idempotencyKey])),
      requestHash: hmac(each, [name, email, credentials ?? null]),
      purgeAt: nowSeconds + IDEMPOTENCY_HOURS * 3600,
    });
    return [under(secret), ...this.secrets.filter((each) => each !== secret).map(under)];
  }

  /**
   * The user that the same request made before, if it did.
   * @throws UsersError `idempotency_mismatch`, `idempotency_in_use`.
   */
  async replay(
    records: readonly IdempotencyRecord[],
    nowSeconds: number,
  ): Promise<User | undefined> {
    for (const record of records) {
      const user = await this.replayOne(record, nowSeconds);
      if (user !== undefined) return user;
    }
    return undefined;
  }

  private async replayOne(
    record: IdempotencyRecord,
    nowSeconds: number,
  ): Promise<User | undefined> {
    const found = await this.users.findIdempotent(record.id, nowSeconds);
    if (found === undefined) return undefined;
    if (found.requestHash !== record.requestHash) throw idempotencyMismatch();
    const user = await this.users.find(found.userId);
    if (user === undefined) throw idempotencyInUse();
    return user;
  }
}

function hmac(secret: string, parts: readonly unknown[]): string {
  return createHmac('sha256', `gatehouse idempotency\0${secret}`)
    .update(JSON.stringify(parts))
    .digest('base64url');
}
