// Embedded DynamoDB: dynalite's engine with the transactions and TTL that it lacks added on top.
import * as engine from 'dynalite/db';
import type { Callback, DynaliteStore, DynaliteTable, Item } from 'dynalite/db';
import * as validations from 'dynalite/validations';
import { keyOf, type Input } from './engine';
import { AwsFault } from './faults';
import { ReadWriteLock } from './read-write-lock';
import { Transactions } from './transactions';

type Action = (store: DynaliteStore, data: object, callback: Callback<Input>) => void;
interface Operation {
  run: Action;
  types: object;
  custom: unknown;
}

const OPERATIONS = [
  'BatchGetItem',
  'BatchWriteItem',
  'CreateTable',
  'DeleteItem',
  'DeleteTable',
  'DescribeTable',
  'GetItem',
  'ListTables',
  'PutItem',
  'Query',
  'Scan',
  'UpdateItem',
  'UpdateTable',
] as const;

/** One in-memory DynamoDB; tables are active as soon as they are created. */
export class EmbeddedDynamoDb {
  private readonly store = engine.create({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  private readonly operations = new Map<string, Operation>();
  private readonly lock = new ReadWriteLock();
  private readonly ttlAttributes = new Map<string, string>();
  private readonly transactions = new Transactions({
    run: (operation, input) => this.run(operation, input),
    validated: (operation, input) => this.validated(this.operation(operation), input),
    table: (name) => this.table(name),
    stored: (tableName, key) => this.stored(tableName, key),
  });

  constructor() {
    for (const name of OPERATIONS) this.operations.set(name, loadOperation(name));
  }

  /**
   * Runs one operation of the DynamoDB API.
   * @throws AwsFault with the exception that AWS would answer.
   */
  async call(operation: string, input: Input): Promise<Input> {
    switch (operation) {
      case 'TransactWriteItems':
        return this.lock.exclusive(() => this.transactions.write(input));
      case 'TransactGetItems':
        return this.lock.exclusive(() => this.transactions.get(input));
      case 'UpdateTimeToLive':
        return this.updateTimeToLive(input);
      case 'DescribeTimeToLive':
        return this.describeTimeToLive(input);
      default:
        return this.lock.shared(() => this.run(operation, input));
    }
  }

  /** Deletes the items whose TTL attribute lies before `nowSeconds`; answers how many. */
  async sweepExpired(nowSeconds: number): Promise<number> {
    let deleted = 0;
    for (const [TableName, attribute] of this.ttlAttributes) {
      const table = await this.table(TableName);
      const { Items } = (await this.call('Scan', {
        TableName,
        FilterExpression: 'attribute_exists(#ttl) AND #ttl < :now',
        ExpressionAttributeNames: { '#ttl': attribute },
        ExpressionAttributeValues: { ':now': { N: String(nowSeconds) } },
      })) as { Items: Item[] };
      for (const item of Items) {
        await this.call('DeleteItem', { TableName, Key: keyOf(item, table) });
        deleted += 1;
      }
    }
    return deleted;
  }

  /** Closes the store; no call may follow. */
  async close(): Promise<void> {
    await this.lock.exclusive(
      () => new Promise<void>((resolve) => this.store.db.close(() => resolve())),
    );
  }

  private async run(name: string, input: Input): Promise<Input> {
    const operation = this.operation(name);
    const data = this.validated(operation, input);
    return new Promise<Input>((resolve, reject) => {
      operation.run(this.store, data, (error, value) => {
        if (error) reject(asFault(error));
        else resolve(value);
      });
    });
  }

  private operation(name: string): Operation {
    const operation = this.operations.get(name);
    if (operation === undefined) {
      throw new AwsFault('UnknownOperationException', `${name} is not supported locally.`);
    }
    return operation;
  }

  private validated(operation: Operation, input: Input): Input {
    try {
      // dynalite edits what it is given; the caller's object stays as it was.
      const data = validations.checkTypes(structuredClone(input), operation.types);
      validations.checkValidations(data, operation.types, operation.custom, this.store);
      return data;
    } catch (error) {
      throw asFault(error);
    }
  }

  private table(name: string): Promise<DynaliteTable> {
    return new Promise((resolve, reject) => {
      this.store.getTable(name, (error, table) => {
        if (error) reject(asFault(error));
        else resolve(table);
      });
    });
  }

  private stored(tableName: string, key: string): Promise<Item | undefined> {
    return new Promise((resolve, reject) => {
      this.store.getItemDb(tableName).get(key, (error, item) => {
        if (error && error.name !== 'NotFoundError') reject(asFault(error));
        else resolve(error ? undefined : item);
      });
    });
  }

  private async updateTimeToLive(input: Input): Promise<Input> {
    const specification = input.TimeToLiveSpecification as {
      Enabled: boolean;
      AttributeName: string;
    };
    const name = String(input.TableName);
    await this.table(name);
    if (specification.Enabled) this.ttlAttributes.set(name, specification.AttributeName);
    else this.ttlAttributes.delete(name);
    return { TimeToLiveSpecification: specification };
  }

  private async describeTimeToLive(input: Input): Promise<Input> {
    const name = String(input.TableName);
    await this.table(name);
    const AttributeName = this.ttlAttributes.get(name);
    return {
      TimeToLiveDescription:
        AttributeName === undefined
          ? { TimeToLiveStatus: 'DISABLED' }
          : { TimeToLiveStatus: 'ENABLED', AttributeName },
    };
  }
}

function loadOperation(name: string): Operation {
  const file = name.charAt(0).toLowerCase() + name.slice(1);
  /* eslint-disable @typescript-eslint/no-require-imports -- one CommonJS file an operation */
  const run = require(`dynalite/actions/${file}`) as Action;
  const { types, custom } = require(`dynalite/validations/${file}`) as Omit<Operation, 'run'>;
  /* eslint-enable @typescript-eslint/no-require-imports */
  return { run, types, custom };
}

/** dynalite's errors carry an AWS body; anything else is a fault of ours and stays one. */
function asFault(error: unknown): Error {
  const { body, statusCode } = error as {
    body?: { __type: string; message?: string; Message?: string };
    statusCode?: number;
  };
  if (body === undefined) return error as Error;
  const type = body.__type.slice(body.__type.indexOf('#') + 1);
  return new AwsFault(type, body.message ?? body.Message ?? type, statusCode);
}
