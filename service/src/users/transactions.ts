// Transactions on the tables of users: one condition each write, and who lost when one does not hold.
import type { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import type { TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import { TransactWriteCommand, type DocumentClient } from '../kit/document-client';
import { UsersError } from './errors';
import type { DeleteInput, PutInput, UpdateInput } from './items';

/** Which of a transaction's conditions did not hold. */
export type Outcome = 'done' | 'user' | 'address' | 'idempotency';

export interface Write {
  /** What it means when this write's condition does not hold. @default it has no condition */
  readonly guards?: Exclude<Outcome, 'done'>;
  readonly Update?: UpdateInput;
  readonly Put?: PutInput;
  readonly Delete?: DeleteInput;
}

/** Transactions on one address collide; each attempt waits a random time up to this, doubled. */
const CONFLICT_ATTEMPTS = 6;
const CONFLICT_BASE_MS = 20;

/**
 * Runs a transaction, again while others hold its items.
 * @param isTaken Asked between attempts, so that of many who want one address all but the first are
 *   told at once.
 * @throws UsersError `dependency_unavailable` when others keep holding them.
 */
export async function transact(
  client: DocumentClient,
  writes: readonly Write[],
  isTaken: () => Promise<boolean> = () => Promise.resolve(false),
): Promise<Outcome> {
  const input: TransactWriteCommandInput = {
    TransactItems: writes.map(({ guards: _, ...write }) => write),
  };
  for (let attempt = 1; ; attempt += 1) {
    try {
      await client.send(new TransactWriteCommand(input));
      return 'done';
    } catch (error) {
      if (!isCancelled(error)) throw error;
      const codes = (error.CancellationReasons ?? []).map((reason) => reason.Code);
      const failed = writes.filter((_, at) => codes[at] === 'ConditionalCheckFailed');
      // A replayed request finds its own address taken, so its record is asked first.
      for (const guard of ['idempotency', 'user', 'address'] as const) {
        if (failed.some((write) => write.guards === guard)) return guard;
      }
      if (!codes.includes('TransactionConflict')) throw error;
      if (await isTaken()) return 'address';
      if (attempt === CONFLICT_ATTEMPTS) throw busy(error);
      const ceiling = CONFLICT_BASE_MS * 2 ** attempt;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * ceiling));
    }
  }
}

function isCancelled(error: unknown): error is TransactionCanceledException {
  return error instanceof Error && error.name === 'TransactionCanceledException';
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
