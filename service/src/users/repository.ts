// Users and their credentials in their tables: one user read, and written to both as one.
import { GetCommand, UpdateCommand, type DocumentClient } from '../kit/document-client';
import * as items from './items';
import type { IdempotencyRecord, SealedCredentials, StoredUser, User } from './items';
import { transact, type Write } from './transactions';

/** How a create ended; `idempotent`: its record is there already. */
type Creation = 'created' | 'email_taken' | 'idempotent';

/** How DynamoDB says that another writer was there. */
const LOST = new Set(['ConditionalCheckFailedException', 'TransactionConflictException']);

/** Physical names of the tables. */
export interface UserTables {
  readonly users: string;
  /** Ciphertexts; there is no right to read it. */
  readonly credentials: string;
}

export class UserRepository {
  private readonly creating = new Map<string, Promise<Creation>>();
  private readonly table: string;

  constructor(
    private readonly client: DocumentClient,
    private readonly tables: UserTables,
  ) {
    this.table = tables.users;
  }

  /** A user with what writers need, read consistently; `undefined` when there is none. */
  async find(id: string): Promise<StoredUser | undefined> {
    return this.get<StoredUser>(id, items.STORED_ATTRIBUTES);
  }

  /** The record of an idempotent request that has not expired. */
  async findIdempotent(
    id: string,
    nowSeconds: number,
  ): Promise<(IdempotencyRecord & { userId: string }) | undefined> {
    const found = await this.get<IdempotencyRecord & { userId: string }>(id, [
      'id',
      'userId',
      'requestHash',
      'purgeAt',
    ]);
    return found !== undefined && found.purgeAt >= nowSeconds ? found : undefined;
  }

  /**
   * Writes the user, its credentials, the reservation of its address and the idempotency record, or
   * none of them.
   * Of those that want one address at the same time in this process, one asks the table: when it
   * ends with the address taken, that was so while the others waited, and is their answer too.
   */
  async create(
    user: User,
    sealed: SealedCredentials | undefined,
    idempotency: IdempotencyRecord | undefined,
    nowSeconds: number,
  ): Promise<Creation> {
    for (;;) {
      const other = this.creating.get(user.email);
      if (other === undefined) break;
      const outcome = await other.catch(() => undefined);
      if (outcome === 'created' || outcome === 'email_taken') return 'email_taken';
    }
    const mine = this.writeNew(user, sealed, idempotency, nowSeconds);
    this.creating.set(user.email, mine);
    try {
      return await mine;
    } finally {
      this.creating.delete(user.email);
    }
  }

  private async writeNew(
    user: User,
    sealed: SealedCredentials | undefined,
    idempotency: IdempotencyRecord | undefined,
    nowSeconds: number,
  ): Promise<Creation> {
    const writes: Write[] = [
      { guards: 'user', Update: items.createItem(this.table, user, sealed) },
      { guards: 'address', Update: items.reserve(this.table, user.email, user.id) },
      ...this.sealing(user.id, sealed),
    ];
    if (idempotency !== undefined) {
      writes.push({
        guards: 'idempotency',
        Update: items.remember(this.table, idempotency, user.id, nowSeconds),
      });
    }
    const outcome = await transact(this.client, writes, () => this.isHeldByAnother(user));
    if (outcome === 'done') return 'created';
    return outcome === 'idempotency' ? 'idempotent' : 'email_taken';
  }

  /** Writes a change of `seen`; `stale` when someone else changed the user in the meantime. */
  async change(
    seen: StoredUser,
    next: User,
    sealed: SealedCredentials | undefined,
  ): Promise<'changed' | 'stale' | 'email_taken'> {
    const change = items.changeItem(this.table, seen, next, sealed);
    const moves = next.email !== seen.email;
    if (!moves && sealed === undefined) {
      return (await this.updateOne(change)) ? 'changed' : 'stale';
    }
    const outcome = await transact(
      this.client,
      [
        { guards: 'user', Update: change },
        ...(moves ? this.moving(seen, next) : []),
        ...this.sealing(seen.id, sealed),
      ],
      () => this.isHeldByAnother(next),
    );
    if (outcome === 'done') return 'changed';
    return outcome === 'address' ? 'email_taken' : 'stale';
  }

  private moving(seen: User, next: User): Write[] {
    return [
      { guards: 'address', Update: items.reserve(this.table, next.email, seen.id) },
      { guards: 'user', Delete: items.release(this.table, seen.email, seen.id) },
    ];
  }

  private sealing(id: string, sealed: SealedCredentials | undefined): Write[] {
    return sealed === undefined
      ? []
      : [{ Put: items.putCredentials(this.tables.credentials, id, sealed) }];
  }

  /** Claims the user for deletion; `undefined` when someone else changed it in the meantime. */
  async markDeleting(seen: StoredUser): Promise<StoredUser | undefined> {
    const marked = await this.updateOne(items.markDeleting(this.table, seen));
    return marked ? { ...seen, deleting: true, version: seen.version + 1 } : undefined;
  }

  /** Deletes the user with its credentials and frees its address. */
  async remove(seen: StoredUser): Promise<'removed' | 'stale'> {
    const outcome = await transact(this.client, [
      { guards: 'user', Delete: items.deleteItem(this.table, seen.id, seen.version) },
      { guards: 'user', Delete: items.release(this.table, seen.email, seen.id) },
      { Delete: items.deleteCredentials(this.tables.credentials, seen.id) },
    ]);
    return outcome === 'done' ? 'removed' : 'stale';
  }

  /** Whether anyone holds an address; a change shows at once. */
  async isReserved(email: string): Promise<boolean> {
    return (await this.get(items.reservationId(email), ['id'])) !== undefined;
  }

  /** Reads one key, found or not: proof that the table answers. */
  async ping(): Promise<void> {
    await this.get('readiness', ['id']);
  }

  private async get<T>(id: string, attributes: readonly string[]): Promise<T | undefined> {
    const answer = await this.client.send(
      new GetCommand({
        TableName: this.table,
        Key: { id },
        ConsistentRead: true,
        ...items.projection(attributes),
      }),
    );
    return answer.Item as T | undefined;
  }

  /** @returns whether the condition held, and no transaction had hold of the item. */
  private async updateOne(input: items.UpdateInput): Promise<boolean> {
    try {
      await this.client.send(new UpdateCommand({ ...input, ReturnValues: 'NONE' }));
      return true;
    } catch (error) {
      if (error instanceof Error && LOST.has(error.name)) return false;
      throw error;
    }
  }

  private async isHeldByAnother(user: User): Promise<boolean> {
    const held = await this.get<{ userId: string }>(items.reservationId(user.email), ['userId']);
    return held !== undefined && held.userId !== user.id;
  }
}
