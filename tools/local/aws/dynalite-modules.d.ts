// Types of the parts of dynalite that the embedded DynamoDB calls (dynalite ships none).

declare module 'dynalite/db' {
  export type Item = Record<string, Record<string, unknown>>;
  export interface DynaliteTable {
    KeySchema: { AttributeName: string; KeyType: 'HASH' | 'RANGE' }[];
  }
  export type Callback<T> = (error: Error | null, value: T) => void;
  export interface DynaliteStore {
    getTable(name: string, callback: Callback<DynaliteTable>): void;
    getItemDb(name: string): { get(key: string, callback: Callback<Item>): void };
    db: { close(callback: (error?: Error | null) => void): void };
  }
  export function create(options: {
    createTableMs: number;
    deleteTableMs: number;
    updateTableMs: number;
  }): DynaliteStore;
  export function createKey(key: Item, table: DynaliteTable): string;
  export function checkConditional(data: object, existing: Item | undefined): Error | null;
  export function validateKey(key: Item, table: DynaliteTable): Error | null | undefined;
}

declare module 'dynalite/validations' {
  import type { DynaliteStore } from 'dynalite/db';

  export function checkTypes(data: object, types: object): Record<string, unknown>;
  export function checkValidations(
    data: object,
    types: object,
    custom: unknown,
    store: DynaliteStore,
  ): void;
}
