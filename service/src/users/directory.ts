// What can be done with users: table and KMS together, so that neither is left half written.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  beingDeleted,
  changedMeanwhile,
  emailTaken,
  notFound,
  readOnlyChanged,
  versionMismatch,
} from './errors';
import { errorFields } from '../kit/logger';
import type { Logger } from '../kit/logger';
import type { CredentialSealer } from './credentials';
import type { Idempotency, IdempotentRequest } from './idempotency';
import type { StoredUser, User } from './items';
import type { UserRepository } from './repository';
import { READ_ONLY_FIELDS, type NewUser, type UserChanges } from './schema';
import { Turns } from './turns';

export interface DirectoryDeps {
  readonly users: UserRepository;
  readonly sealer: CredentialSealer;
  readonly idempotency: Idempotency;
  readonly logger: Logger;
}

/** Writers of other tasks come between; some 2.5 s in all, half of each pause on average. */
const WRITE_ATTEMPTS = 50;
const PAUSE_STEP_MS = 10;
const MAX_PAUSE_MS = 100;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export class UserDirectory {
  /** Writers of one user within this task; their changes would only stop each other. */
  private readonly turns = new Turns();

  constructor(private readonly deps: DirectoryDeps) {}

  /** @throws UsersError `not_found`; helper items are not users and are never found. */
  async read(id: string): Promise<StoredUser> {
    const user = UUID.test(id) ? await this.deps.users.find(id) : undefined;
    if (user === undefined) throw notFound();
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
    const { idempotency } = this.deps;
    const records = request && idempotency.recordsOf(attributes, request, nowSeconds);
    const replayed = records && (await idempotency.replay(records, nowSeconds));
    if (replayed !== undefined) return replayed;
    const time = new Date(nowMs).toISOString();
    const { name, email, credentials } = attributes;
    const user = { id: randomUUID(), name, email, createdAt: time, updatedAt: time, version: 1 };
    if (!(await this.isInVain(email, credentials))) {
      const sealed =
        credentials === undefined ? undefined : await this.deps.sealer.seal(user.id, credentials);
      const outcome = await this.guardKey(sealed?.credentialsKey, 'created', () =>
        this.deps.users.create(user, sealed, records?.[0], nowSeconds),
      );
      if (outcome === 'created') return user;
    }
    // A replayed request finds its own address taken.
    const first = records && (await idempotency.replay(records, nowSeconds));
    if (first !== undefined) return first;
    // A record that stopped the transaction is one that replay finds: both ask for the same second.
    throw emailTaken();
  }

  /**
   * Changes a user.
   * @param accepts Tells whether a version satisfies the caller's `If-Match`; without it the change
   *   is applied to whatever is there.
   * @throws UsersError `not_found`, `version_mismatch`, `email_taken`, `being_deleted`,
   *   `unsupported_update` when an attribute that the service sets is not as it is.
   */
  change(id: string, changes: UserChanges, accepts?: (version: number) => boolean): Promise<User> {
    return this.turns.run(id, () => this.changeInTurn(id, changes, accepts));
  }

  private async changeInTurn(
    id: string,
    { credentials, createdAt, updatedAt, ...attributes }: UserChanges,
    accepts?: (version: number) => boolean,
  ): Promise<User> {
    const seen = await this.readFor(id, accepts);
    if (seen.deleting === true) throw beingDeleted();
    const readOnly = { createdAt, updatedAt };
    const changed = READ_ONLY_FIELDS.filter(
      (field) => readOnly[field] !== undefined && readOnly[field] !== seen[field],
    );
    // Clients send back what they read: only what differs asks for what can't be done.
    if (changed.length > 0) throw readOnlyChanged(changed);
    if (Object.keys(attributes).length === 0 && credentials === undefined) return seen;
    const { sealer, users } = this.deps;
    const wanted = attributes.email === seen.email ? undefined : attributes.email;
    if (await this.isInVain(wanted, credentials, seen.credentialsKey)) throw emailTaken();
    const sealed =
      credentials === undefined
        ? undefined
        : await sealer.seal(id, credentials, seen.credentialsKey);
    const madeKey = seen.credentialsKey === undefined ? sealed?.credentialsKey : undefined;
    let changedUser: User = seen;
    const apply = async (
      current: StoredUser,
      attempt: number,
    ): Promise<'changed' | 'sealed_elsewhere'> => {
      const next: User = {
        ...publicPart(current),
        ...attributes,
        updatedAt: new Date().toISOString(),
        version: current.version + 1,
      };
      const outcome = await users.change(current, next, sealed);
      if (outcome === 'changed') {
        changedUser = next;
        return outcome;
      }
      if (outcome === 'email_taken') throw emailTaken();
      const newer = await this.readAgain(id, accepts, attempt);
      if (newer.deleting === true) throw beingDeleted();
      // Another task gave the user a key meanwhile: ours would orphan it.
      if (madeKey !== undefined && newer.credentialsKey !== undefined) return 'sealed_elsewhere';
      return apply(newer, attempt + 1);
    };
    const outcome = await this.guardKey(madeKey, 'changed', () => apply(seen, 1));
    return outcome === 'changed'
      ? changedUser
      : this.changeInTurn(id, { ...attributes, credentials }, accepts);
  }

  /**
   * Deletes a user and, if it has one, its key: first the user is claimed, then the key's end is
   * scheduled, then the item goes. After a crash between the steps the same request finishes it.
   * @throws UsersError `not_found`, `version_mismatch`.
   */
  remove(id: string, accepts?: (version: number) => boolean): Promise<void> {
    return this.turns.run(id, () => this.removeInTurn(id, accepts));
  }

  private async removeInTurn(id: string, accepts?: (version: number) => boolean): Promise<void> {
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
      throw versionMismatch();
    }
    return seen;
  }

  private async readAgain(
    id: string,
    accepts: ((version: number) => boolean) | undefined,
    attempt: number,
  ): Promise<StoredUser> {
    if (attempt === WRITE_ATTEMPTS) throw changedMeanwhile();
    await sleep(Math.random() * Math.min(PAUSE_STEP_MS * attempt, MAX_PAUSE_MS));
    return this.readFor(id, accepts);
  }

  /**
   * Whether a key of the user's own would be made for an address that somebody else has: KMS makes
   * five a second for an account (quotas page, CreateKey), and none is to be had for nothing.
   */
  private async isInVain(
    email: string | undefined,
    credentials: string | undefined,
    ownKey?: string,
  ): Promise<boolean> {
    const { sealer, users } = this.deps;
    return (
      email !== undefined &&
      credentials !== undefined &&
      sealer.makesKey(ownKey) &&
      (await users.isReserved(email))
    );
  }

  /** Runs a write; when it does not end in `success`, the key that was made for it goes. */
  private async guardKey<T>(
    key: string | undefined,
    success: T,
    write: () => Promise<T>,
  ): Promise<T> {
    let kept = false;
    try {
      const outcome = await write();
      kept = outcome === success;
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
}

function publicPart({ id, name, email, createdAt, updatedAt, version }: StoredUser): User {
  return { id, name, email, createdAt, updatedAt, version };
}
