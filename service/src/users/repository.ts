// The users table: the only file that calls DynamoDB. It writes credentials, and no read names them.
import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient, TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import {
  GetCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { USERS_TABLE } from './table';
import { UsersError } from './errors';
import * as items from './items';
import type { IdempotencyRecord, SealedCredentials, StoredUser, User } from './items';

/** A position in the index: where the page before ended. */
export interface Position {
  readonly id: string;
  readonly email: string;
}

export interface Page {
  readonly users: User[];
  readonly next: Position | undefined;
}

/** How a create ended; `idempotent`: its record is there already. */
type Creation = 'created' | 'email_taken' | 'idempotent';

/** Which of a transaction's conditions did not hold. */
type Outcome = 'done' | 'user' | 'address' | 'idempotency';

/** Transactions on one address collide; each attempt waits a random time up to this, doubled. */
const CONFLICT_ATTEMPTS = 6;
const CONFLICT_BASE_MS = 20;
/** How DynamoDB says that another writer was there. */
const LOST = new Set(['ConditionalCheckFailedException', 'TransactionConflictException']);
const INDEX = USERS_TABLE.emailIndex.name;
const USER_PROJECTION = items.projection(items.PUBLIC_ATTRIBUTES);

export class UserRepository {
  private readonly creating = new Map<string, Promise<Creation>>();

  constructor(
    private readonly client: DynamoDBDocumentClient,
    private readonly table: string,
  ) {}

  /** A user with what writers need, read consistently; `undefined` when there is none. */
  async find(id: string): Promise<StoredUser | undefined> {
    return this.get<StoredUser>(id, items.STORED_ATTRIBUTES);
  }

  /** By normalised address, through the index: a change shows within about a second. */
  async findByEmail(email: string): Promise<User | undefined> {
    const answer = await this.client.send(
      new QueryCommand({
        TableName: this.table,
        IndexName: INDEX,
        Select: 'SPECIFIC_ATTRIBUTES',
        ...USER_PROJECTION,
        KeyConditionExpression: '#email = :email',
        ExpressionAttributeValues: { ':email': email },
      }),
    );
    return answer.Items?.[0] as User | undefined;
  }

  /** At most `size` users after `after`, in the index's own stable order. */
  async list(size: number, after: Position | undefined): Promise<Page> {
    const users: User[] = [];
    let start: Position | undefined = after;
    do {
      // One more than asked for tells whether there is a next page.
      const page = await this.scan({ limit: size + 1 - users.length, after: start });
      users.push(...page.users);
      start = page.next;
    } while (start !== undefined && users.length <= size);
    const last = users.length > size ? users[size - 1] : undefined;
    return {
      users: users.slice(0, size),
      next: last === undefined ? undefined : { id: last.id, email: last.email },
    };
  }

  /** One page of the index, or of one of its `total` segments. */
  async scan(options: {
    limit: number;
    after?: Position | undefined;
    segment?: { index: number; total: number };
    signal?: AbortSignal;
  }): Promise<Page> {
    const { limit, after, segment, signal } = options;
    const answer = await this.client.send(
      new ScanCommand({
        TableName: this.table,
        IndexName: INDEX,
        Select: 'SPECIFIC_ATTRIBUTES',
        ...USER_PROJECTION,
        Limit: limit,
        ExclusiveStartKey: after === undefined ? undefined : { id: after.id, email: after.email },
        Segment: segment?.index,
        TotalSegments: segment?.total,
      }),
      { abortSignal: signal },
    );
    return {
      users: answer.Items as User[],
      next: answer.LastEvaluatedKey as Position | undefined,
    };
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
   * Writes the user, the reservation of its address and the idempotency record, or none of them.
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
    ];
    if (idempotency !== undefined) {
      writes.push({
        guards: 'idempotency',
        Update: items.remember(this.table, idempotency, user.id, nowSeconds),
      });
    }
    const outcome = await this.transact(writes, user);
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
    if (next.email === seen.email) {
      return (await this.updateOne(change)) ? 'changed' : 'stale';
    }
    const outcome = await this.transact(
      [
        { guards: 'user', Update: change },
        { guards: 'address', Update: items.reserve(this.table, next.email, seen.id) },
        { guards: 'user', Delete: items.release(this.table, seen.email, seen.id) },
      ],
      next,
    );
    if (outcome === 'done') return 'changed';
    return outcome === 'address' ? 'email_taken' : 'stale';
  }

  /** Claims the user for deletion; `undefined` when someone else changed it in the meantime. */
  async markDeleting(seen: StoredUser): Promise<StoredUser | undefined> {
    const marked = await this.updateOne(items.markDeleting(this.table, seen));
    return marked ? { ...seen, deleting: true, version: seen.version + 1 } : undefined;
  }

  /** Deletes the user and frees its address. */
  async remove(seen: StoredUser): Promise<'removed' | 'stale'> {
    const outcome = await this.transact([
      { guards: 'user', Delete: items.deleteItem(this.table, seen.id, seen.version) },
      { guards: 'user', Delete: items.release(this.table, seen.email, seen.id) },
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

  /**
   * Runs a transaction, again while others hold its items. Between attempts it looks whether the
   * address is taken, so that of many who want one address all but the first are told at once.
   */
  private async transact(writes: Write[], wanted?: User): Promise<Outcome> {
    const input: TransactWriteCommandInput = {
      TransactItems: writes.map(({ guards: _, ...write }) => write),
    };
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.client.send(new TransactWriteCommand(input));
        return 'done';
      } catch (error) {
        if (!(error instanceof TransactionCanceledException)) throw error;
        const codes = (error.CancellationReasons ?? []).map((reason) => reason.Code);
        const failed = writes.filter((_, at) => codes[at] === 'ConditionalCheckFailed');
        // A replayed request finds its own address taken, so its record is asked first.
        for (const guard of ['idempotency', 'user', 'address'] as const) {
          if (failed.some((write) => write.guards === guard)) return guard;
        }
        if (!codes.includes('TransactionConflict')) throw error;
        if (wanted !== undefined && (await this.isHeldByAnother(wanted))) return 'address';
        if (attempt === CONFLICT_ATTEMPTS) throw busy(error);
        const ceiling = CONFLICT_BASE_MS * 2 ** attempt;
        await new Promise((resolve) => setTimeout(resolve, Math.random() * ceiling));
      }
    }
  }

  private async isHeldByAnother(user: User): Promise<boolean> {
    const held = await this.get<{ userId: string }>(items.reservationId(user.email), ['userId']);
    return held !== undefined && held.userId !== user.id;
  }
}

interface Write {
  /** What it means when this write's condition does not hold. */
  readonly guards: Exclude<Outcome, 'done'>;
  readonly Update?: items.UpdateInput;
  readonly Delete?: items.DeleteInput;
}

function busy(cause: unknown): UsersError {
  return new UsersError(
    {
      code: 'dependency_unavailable',
      detail: 'Others keep changing the same user or address. Nothing was written; try again.',
    },
    { cause, retryAfterSeconds: 1 },
  );
}
