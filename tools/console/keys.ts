// Keys as the console shows and changes them, by the same functions as the command line.
import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { keyEnvironment } from '../../contracts/api-key';
import { KEY_RECORD_ITEM, KEYS_TABLE } from '../../contracts/keys-table';
import { parseDuration } from '../keys/duration';
import { KeyError } from '../keys/key-error';
import { issueKey, listKeys, revokeKey, rotateKey } from '../keys/store';
import { RequestError } from '../keys/request';
import { viewOf } from '../keys/view';
import type { KeyView } from '../keys/view';
import { BadRequest } from './server';

export interface ConsoleKeysOptions {
  client: DynamoDBClient;
  /** Physical name of the table of API keys. */
  table: string;
  stack: string;
  /** Scopes of the workload. */
  scopes: readonly string[];
}

const ACTOR = { who: 'console', from: 'local platform' };
const DEFAULT_EXPIRES = '90d';
/** Owners are looked up for every row of every view. */
const OWNERS_FOR_MS = 1_500;

/** What the tab Keys does. */
export class ConsoleKeys {
  private owners = new Map<string, string>();
  private ownersUntilMs = 0;

  constructor(private readonly options: ConsoleKeysOptions) {}

  async list(): Promise<KeyView[]> {
    const records = await listKeys(this.table);
    return records.map((record) => viewOf(record, Date.now()));
  }

  /** The owner of a key as last seen, or its id. */
  ownerOf(keyId: string): string {
    return this.owners.get(keyId) ?? keyId;
  }

  /** Looks who has which key, when that was not done for a while. */
  async seeOwners(): Promise<void> {
    if (Date.now() < this.ownersUntilMs) return;
    this.ownersUntilMs = Date.now() + OWNERS_FOR_MS;
    // Without an answer those seen last stay.
    const views = await this.list().catch(() => undefined);
    if (views !== undefined) this.owners = new Map(views.map(({ id, owner }) => [id, owner]));
  }

  /** @throws BadRequest that lists what is wrong. */
  issue(input: Record<string, unknown>): Promise<{ key: string; id: string }> {
    const { stack, scopes } = this.options;
    const given = Array.isArray(input.scopes) ? input.scopes.map(String) : [];
    return this.asking(async () => {
      const { key, record } = await issueKey(
        this.table,
        {
          environment: keyEnvironment(stack),
          owner: text(input.owner),
          name: text(input.name),
          scopes: given,
          knownScopes: scopes,
          expiresInSeconds: parseDuration(text(input.expires) || DEFAULT_EXPIRES),
        },
        ACTOR,
      );
      return { key, id: record.keyId };
    });
  }

  /** @throws BadRequest when it can't be. */
  rotate(keyId: string): Promise<{ key: string; id: string }> {
    return this.asking(async () => {
      const request = { keyId, environment: keyEnvironment(this.options.stack) };
      const { key, record } = await rotateKey(this.table, request, ACTOR);
      return { key, id: record.keyId };
    });
  }

  /** @throws BadRequest when there is no such key. */
  revoke(keyId: string): Promise<{ id: string }> {
    return this.asking(async () => {
      await revokeKey(this.table, keyId, ACTOR);
      return { id: keyId };
    });
  }

  /** A write to the table that changes nothing: no key has this id. */
  async touch(): Promise<void> {
    const { client, table } = this.options;
    const { partitionKey, sortKey } = KEYS_TABLE;
    const command = new DeleteItemCommand({
      TableName: table,
      Key: { [partitionKey]: { S: 'none' }, [sortKey]: { S: KEY_RECORD_ITEM } },
    });
    await client.send(command).catch(() => undefined);
  }

  private get table() {
    const { client, table } = this.options;
    return { client, table };
  }

  private async asking<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      if (
        error instanceof KeyError ||
        error instanceof RequestError ||
        error instanceof RangeError
      ) {
        throw new BadRequest(error.message);
      }
      throw error;
    }
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
