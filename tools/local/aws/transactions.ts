// TransactWriteItems and TransactGetItems over single-item calls: checked, applied, undone as one.
import * as engine from 'dynalite/db';
import type { DynaliteTable, Item } from 'dynalite/db';
import { createHash } from 'node:crypto';
import { keyOf, type Input } from './engine';
import { AwsFault } from './faults';

/** AWS keeps a ClientRequestToken for ten minutes (API reference, TransactWriteItems). */
const TOKEN_LIFETIME_MS = 10 * 60 * 1000;
/** Most actions in one transaction (API reference, TransactWriteItems). */
const TRANSACTION_LIMIT = 100;

/** What a transaction needs of the store; nothing else may use the store while it runs. */
export interface TransactionStore {
  run(operation: string, input: Input): Promise<Input>;
  validated(operation: string, input: Input): Input;
  table(name: string): Promise<DynaliteTable>;
  stored(tableName: string, key: string): Promise<Item | undefined>;
}

type Kind = 'Put' | 'Update' | 'Delete' | 'ConditionCheck';

interface Action {
  kind: Kind;
  input: Input;
  key: Item;
  identity: string;
  existing: Item | undefined;
}

type Reason = Record<string, unknown>;

/** Runs transactions against one store; remembers client request tokens. */
export class Transactions {
  private readonly tokens = new Map<string, { digest: string; expires: number }>();

  constructor(private readonly store: TransactionStore) {}

  /** @throws AwsFault TransactionCanceledException with the reasons, in the order of the actions. */
  async write(input: Input): Promise<Input> {
    const entries = entriesOf(input);
    if (this.isRepeated(input, entries)) return {};
    const actions: Action[] = [];
    for (const entry of entries) actions.push(await this.prepare(entry));
    if (new Set(actions.map((action) => action.identity)).size < actions.length) {
      throw new AwsFault(
        'ValidationException',
        'Transaction request cannot include multiple operations on one item',
      );
    }
    cancelIfAny(actions.map((action) => this.conditionFailure(action)));
    await this.apply(actions);
    this.remember(input, entries);
    return {};
  }

  async get(input: Input): Promise<Input> {
    const Responses = [];
    for (const entry of entriesOf(input)) {
      const { Item } = await this.store.run('GetItem', { ...entry.Get, ConsistentRead: true });
      Responses.push(Item === undefined ? {} : { Item });
    }
    return { Responses };
  }

  private async prepare(entry: Record<string, Input>): Promise<Action> {
    const [kind, input] = Object.entries(entry)[0] as [Kind, Input];
    const name = String(input.TableName);
    const table = await this.store.table(name);
    const key = kind === 'Put' ? keyOf(input.Item as Item, table) : (input.Key as Item);
    const invalid = engine.validateKey(key, table);
    if (invalid) throw new AwsFault('ValidationException', invalid.message);
    const stored = engine.createKey(key, table);
    const existing = await this.store.stored(name, stored);
    return { kind, input, key, identity: `${name} ${stored}`, existing };
  }

  private conditionFailure({ kind, input, existing }: Action): Reason | undefined {
    const { ReturnValuesOnConditionCheckFailure: returnValues, ...request } = input;
    // A condition check is validated as a delete: the same members, none of the effect.
    const operation = kind === 'ConditionCheck' ? 'DeleteItem' : `${kind}Item`;
    const data = this.store.validated(operation, request);
    if (!engine.checkConditional(data, existing)) return undefined;
    return {
      Code: 'ConditionalCheckFailed',
      Message: 'The conditional request failed',
      ...(returnValues === 'ALL_OLD' && existing ? { Item: existing } : {}),
    };
  }

  private async apply(actions: Action[]): Promise<void> {
    for (const [index, { kind, input }] of actions.entries()) {
      if (kind === 'ConditionCheck') continue;
      const { ReturnValuesOnConditionCheckFailure: _unused, ...request } = input;
      try {
        await this.store.run(`${kind}Item`, request);
      } catch (error) {
        for (const done of actions.slice(0, index).reverse()) await this.restore(done);
        const reason = { Code: 'ValidationError', Message: (error as Error).message };
        cancelIfAny(actions.map((_action, at) => (at === index ? reason : undefined)));
      }
    }
  }

  private async restore({ kind, input, key, existing }: Action): Promise<void> {
    if (kind === 'ConditionCheck') return;
    const TableName = input.TableName;
    if (existing) await this.store.run('PutItem', { TableName, Item: existing });
    else await this.store.run('DeleteItem', { TableName, Key: key });
  }

  private isRepeated(input: Input, entries: unknown): boolean {
    const token = input.ClientRequestToken;
    const known = typeof token === 'string' ? this.tokens.get(token) : undefined;
    if (known === undefined || known.expires < Date.now()) return false;
    if (known.digest === digest(entries)) return true;
    throw new AwsFault(
      'IdempotentParameterMismatchException',
      'The request was made with a ClientRequestToken of another transaction.',
    );
  }

  private remember(input: Input, entries: unknown): void {
    if (typeof input.ClientRequestToken !== 'string') return;
    const now = Date.now();
    for (const [token, { expires }] of this.tokens) if (expires < now) this.tokens.delete(token);
    this.tokens.set(input.ClientRequestToken, {
      digest: digest(entries),
      expires: now + TOKEN_LIFETIME_MS,
    });
  }
}

function entriesOf(input: Input): Record<string, Input>[] {
  const entries = input.TransactItems;
  if (!Array.isArray(entries) || entries.length === 0 || entries.length > TRANSACTION_LIMIT) {
    throw new AwsFault(
      'ValidationException',
      `Member must have length between 1 and ${TRANSACTION_LIMIT}: transactItems`,
    );
  }
  return entries as Record<string, Input>[];
}

function cancelIfAny(failures: (Reason | undefined)[]): void {
  if (failures.every((failure) => failure === undefined)) return;
  const CancellationReasons = failures.map((failure) => failure ?? { Code: 'None' });
  const codes = CancellationReasons.map((reason) => String(reason.Code)).join(', ');
  throw new AwsFault(
    'TransactionCanceledException',
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    400,
    { CancellationReasons },
  );
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
