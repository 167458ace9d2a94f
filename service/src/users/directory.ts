// What can be done with users: table and KMS together, so that neither is left half written.
import { createHmac, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { UsersError } from './errors';
import { errorFields } from '../kit/logger';
import type { Logger } from '../kit/logger';
import type { CredentialSealer } from './credentials';
import { idempotencyItemId } from './items';
import type { IdempotencyRecord, StoredUser, User } from './items';
import type { UserRepository } from './repository';
import type { NewUser, UserChanges } from './schema';

/** A create that may be sent again: the caller's key, and whose it is. */
export interface IdempotentRequest {
  readonly keyId: string;
  readonly idempotencyKey: string;
}

export interface DirectoryDeps {
  readonly users: UserRepository;
  readonly sealer: CredentialSealer;
  readonly logger: Logger;
  /** Keys the hash of idempotent requests, which else would be a hash of a credential. */
  readonly secret: string;
}

const IDEMPOTENCY_HOURS = 24;
const WRITE_ATTEMPTS = 8;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export class UserDirectory {
  constructor(private readonly deps: DirectoryDeps) {}

  /** @throws UsersError `not_found`; helper items are not users and are never found. */
  async read(id: string): Promise<StoredUser> {
    const user = UUID.test(id) ? await this.deps.users.find(id) : undefined;
    if (user === undefined) {
      throw new UsersError({ code: 'not_found', detail: 'There is no user with this id.' });
    }
    return user;
  }

  /**
   * Creates a user. The same {@link IdempotentRequest} with the same attributes answers with the
   * user that the first one made.
   * @throws UsersError `email_taken`, `idempotency_mismatch`, `idempotency_in_use`.
   */
  async create(attributes: NewUser, request?: IdempotentRequest): Promise<User> {
    const nowMs = Date.now();
    const nowSeconds = Math.floor(nowMs / 1000);
    const record = request && this.idempotencyRecord(attributes, request, nowSeconds);
    const replayed = record && (await this.replay(record, nowSeconds));
    if (replayed !== undefined) return replayed;
    const time = new Date(nowMs).toISOString();
    const { name, email, credentials } = attributes;
    const user = { id: randomUUID(), name, email, createdAt: time, updatedAt: time, version: 1 };
    const sealed =
      credentials === undefined ? undefined : await this.deps.sealer.seal(user.id, credentials);
    const outcome = await this.guardKey(sealed?.credentialsKey, ['created'], () =>
      this.deps.users.create(user, sealed, record, nowSeconds),
    );
    if (outcome === 'created') return user;
    // A replayed request finds its own address taken.
    const first = record && (await this.replay(record, nowSeconds));
    if (first !== undefined) return first;
    // A record that stopped the transaction is one that replay finds: both ask for the same second.
    throw emailTaken();
  }

  /**
   * Changes a user.
   * @param accepts Tells whether a version satisfies the caller's `If-Match`; without it the change
   *   is applied to whatever is there.
   * @throws UsersError `not_found`, `version_mismatch`, `email_taken`, `being_deleted`.
   */
  async change(
    id: string,
    changes: UserChanges,
    accepts?: (version: number) => boolean,
  ): Promise<User> {
    const { credentials, ...attributes } = changes;
    const seen = await this.readFor(id, accepts);
    if (seen.deleting === true) throw beingDeleted();
    if (Object.keys(attributes).length === 0 && credentials === undefined) return seen;
    const { sealer, users } = this.deps;
    const sealed =
      credentials === undefined
        ? undefined
        : await sealer.seal(id, credentials, seen.credentialsKey);
    const madeKey = seen.credentialsKey === undefined ? sealed?.credentialsKey : undefined;
    const apply = async (current: StoredUser, attempt: number): Promise<User> => {
      const next: User = {
        ...publicPart(current),
        ...attributes,
        updatedAt: new Date().toISOString(),
        version: current.version + 1,
      };
      const outcome = await users.change(current, next, sealed);
      if (outcome === 'changed') return next;
      if (outcome === 'email_taken') throw emailTaken();
      const newer = await this.readAgain(id, accepts, attempt);
      if (newer.deleting === true) throw beingDeleted();
      // Another writer gave the user a key meanwhile: ours would orphan it.
      if (madeKey !== undefined && newer.credentialsKey !== undefined) throw changedMeanwhile();
      return apply(newer, attempt + 1);
    };
    return this.guardKey(madeKey, undefined, () => apply(seen, 1));
  }

  /**
   * Deletes a user and, if it has one, its key: first the user is claimed, then the key's end is
   * scheduled, then the item goes. After a crash between the steps the same request finishes it.
   * @throws UsersError `not_found`, `version_mismatch`.
   */
  async remove(id: string, accepts?: (version: number) => boolean): Promise<void> {
    let seen = await this.readFor(id, accepts);
    for (let attempt = 1; !(await this.tryRemove(seen)); attempt += 1) {
      seen = await this.readAgain(id, accepts, attempt);
    }
  }

  /** @returns false when someone else changed the user in the meantime. */
  private async tryRemove(seen: StoredUser): Promise<boolean> {
    const { users, sealer } = this.deps;
    const key = seen.credentialsKey;
    if (key === undefined) return (await users.remove(seen)) === 'removed';
    const claimed = seen.deleting === true ? seen : await users.markDeleting(seen);
    if (claimed === undefined) return false;
    await sealer.destroyKey(key);
    return (await users.remove(claimed)) === 'removed';
  }

  private async readFor(id: string, accepts?: (version: number) => boolean): Promise<StoredUser> {
    const seen = await this.read(id);
    // A user that is being deleted has lost its version; whoever repeats the DELETE may finish it.
    if (accepts !== undefined && seen.deleting !== true && !accepts(seen.version)) {
      throw new UsersError({
        code: 'version_mismatch',
        detail: 'The user was changed since it was read. Read it again and repeat the change.',
        source: { header: 'If-Match' },
      });
    }
    return seen;
  }

  private async readAgain(
    id: string,
    accepts: ((version: number) => boolean) | undefined,
    attempt: number,
  ): Promise<StoredUser> {
    if (attempt === WRITE_ATTEMPTS) throw changedMeanwhile();
    await sleep(Math.random() * 10 * attempt);
    return this.readFor(id, accepts);
  }

  /** Runs a write; when it does not end in one of `keeps` (or throws), the key made for it goes. */
  private async guardKey<T>(
    key: string | undefined,
    keeps: readonly T[] | undefined,
    write: () => Promise<T>,
  ): Promise<T> {
    let kept = false;
    try {
      const outcome = await write();
      kept = keeps?.includes(outcome) ?? true;
      return outcome;
    } finally {
      if (key !== undefined && !kept) await this.dropKey(key);
    }
  }

  private async dropKey(key: string): Promise<void> {
    try {
      await this.deps.sealer.destroyKey(key);
    } catch (error) {
      // The request has failed already; its own reason matters more to the caller than this one.
      this.deps.logger.error('key without a user', { credentialsKey: key, ...errorFields(error) });
    }
  }

  private idempotencyRecord(
    attributes: NewUser,
    { keyId, idempotencyKey }: IdempotentRequest,
    nowSeconds: number,
  ): IdempotencyRecord {
    const { name, email, credentials } = attributes;
    return {
      id: idempotencyItemId(this.hmac([keyId, idempotencyKey])),
      requestHash: this.hmac([name, email, credentials ?? null]),
      purgeAt: nowSeconds + IDEMPOTENCY_HOURS * 3600,
    };
  }

  private async replay(record: IdempotencyRecord, nowSeconds: number): Promise<User | undefined> {
    const found = await this.deps.users.findIdempotent(record.id, nowSeconds);
    if (found === undefined) return undefined;
    if (found.requestHash !== record.requestHash) {
      throw new UsersError({
        code: 'idempotency_mismatch',
        detail:
          'This Idempotency-Key was used for a user with other attributes. Send a new key with a new request.',
        source: { header: 'Idempotency-Key' },
      });
    }
    const user = await this.deps.users.find(found.userId);
    if (user === undefined) throw idempotencyInUse();
    return user;
  }

  private hmac(parts: readonly unknown[]): string {
    return createHmac('sha256', `gatehouse idempotency\0${this.deps.secret}`)
      .update(JSON.stringify(parts))
      .digest('base64url');
  }
}

function publicPart({ id, name, email, createdAt, updatedAt, version }: StoredUser): User {
  return { id, name, email, createdAt, updatedAt, version };
}

function emailTaken(): UsersError {
  return new UsersError({
    code: 'email_taken',
    detail: 'Another user has this e-mail address (upper and lower case are the same).',
    source: { pointer: '/data/attributes/email' },
  });
}

function beingDeleted(): UsersError {
  return new UsersError({
    code: 'being_deleted',
    detail: 'The user is being deleted and cannot be changed any more.',
  });
}

function changedMeanwhile(): UsersError {
  return new UsersError(
    {
      code: 'dependency_unavailable',
      detail: 'Others keep changing this user. Nothing was written; try again.',
    },
    { retryAfterSeconds: 1 },
  );
}

function idempotencyInUse(): UsersError {
  return new UsersError({
    code: 'idempotency_in_use',
    detail:
      'The user that this Idempotency-Key made is not there any more. Send a new key to make another.',
    source: { header: 'Idempotency-Key' },
  });
}
