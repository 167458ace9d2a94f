// The shape of what the tables hold, and the writes on it, as DynamoDB expressions.

export interface User {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly updatedAt: string;
  /** Grows by one with each change. */
  readonly version: number;
}

/** A user with what only writers need to know. */
export interface StoredUser extends User {
  /** ARN of the KMS key of this user's own, if there is one. */
  readonly credentialsKey?: string;
  /** Set once the user's key is being scheduled for deletion; the user will be gone. */
  readonly deleting?: boolean;
}

/** An encrypted credential, and the ARN of the user's own key if it is not the shared one. */
export interface SealedCredentials {
  readonly ciphertext: Uint8Array;
  readonly credentialsKey?: string;
}

export interface IdempotencyRecord {
  /** Key of the item: see {@link idempotencyItemId}. */
  readonly id: string;
  readonly requestHash: string;
  /** Epoch seconds from which the record counts for nothing. */
  readonly purgeAt: number;
}

/** One write, as `UpdateItem` and a transaction's `Update` both take it. */
export interface UpdateInput {
  TableName: string;
  Key: { id: string };
  UpdateExpression: string;
  ConditionExpression: string;
  ExpressionAttributeNames: Record<string, string>;
  ExpressionAttributeValues: Record<string, unknown>;
}

/** One deletion in a transaction. */
export interface DeleteInput {
  TableName: string;
  Key: { id: string };
  ConditionExpression?: string;
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: Record<string, unknown>;
}

/** One whole item in a transaction. */
export interface PutInput {
  TableName: string;
  Item: { id: string; ciphertext: Uint8Array };
}

/** What a reader may see of a user; the projection of every read is one of these two. */
export const PUBLIC_ATTRIBUTES = [
  'id',
  'email',
  'name',
  'createdAt',
  'updatedAt',
  'version',
] as const;
export const STORED_ATTRIBUTES = [...PUBLIC_ATTRIBUTES, 'credentialsKey', 'deleting'] as const;

/** Key of the item that reserves an address for one user. */
export function reservationId(email: string): string {
  return `email#${email}`;
}

/** Key of the item that remembers which user an idempotent request made. */
export function idempotencyItemId(digest: string): string {
  return `idempotency#${digest}`;
}

/** `ProjectionExpression` and names for attributes, some of which (`name`) are reserved words. */
export function projection(attributes: readonly string[]) {
  return {
    ProjectionExpression: attributes.map((name) => `#${name}`).join(', '),
    ExpressionAttributeNames: Object.fromEntries(attributes.map((name) => [`#${name}`, name])),
  };
}

/**
 * An update that sets `values` under `condition`, whose own names are `#…` of attributes in `names`
 * and whose own values are in `conditionValues`. IAM allows no PutItem on users, so it creates too.
 */
export function update(
  table: string,
  id: string,
  values: Record<string, unknown>,
  condition: { expression: string; names: readonly string[]; values?: Record<string, unknown> },
): UpdateInput {
  const set = Object.entries(values).filter(([, value]) => value !== undefined);
  return {
    TableName: table,
    Key: { id },
    UpdateExpression: `SET ${set.map(([name]) => `#${name} = :${name}`).join(', ')}`,
    ConditionExpression: condition.expression,
    ExpressionAttributeNames: Object.fromEntries(
      [...set.map(([name]) => name), ...condition.names].map((name) => [`#${name}`, name]),
    ),
    ExpressionAttributeValues: {
      ...Object.fromEntries(set.map(([name, value]) => [`:${name}`, value])),
      ...condition.values,
    },
  };
}

const IS_NEW = { expression: 'attribute_not_exists(#id)', names: ['id'] };

/** Creates the user's item. */
export function createItem(table: string, user: User, sealed?: SealedCredentials): UpdateInput {
  const { id, ...attributes } = user;
  return update(table, id, { ...attributes, credentialsKey: sealed?.credentialsKey }, IS_NEW);
}

/** Reserves an address; fails when anyone holds it. */
export function reserve(table: string, email: string, userId: string): UpdateInput {
  return update(table, reservationId(email), { userId }, IS_NEW);
}

/** Frees an address, if the user holds it. */
export function release(table: string, email: string, userId: string): DeleteInput {
  return {
    TableName: table,
    Key: { id: reservationId(email) },
    ConditionExpression: '#userId = :userId',
    ExpressionAttributeNames: { '#userId': 'userId' },
    ExpressionAttributeValues: { ':userId': userId },
  };
}

/** Remembers an idempotent request; an expired record that TTL has not removed yet is overwritten. */
export function remember(
  table: string,
  record: IdempotencyRecord,
  userId: string,
  nowSeconds: number,
): UpdateInput {
  const { id, requestHash, purgeAt } = record;
  return update(
    table,
    id,
    { userId, requestHash, purgeAt },
    {
      expression: 'attribute_not_exists(#id) OR #purgeAt < :now',
      names: ['id'],
      values: { ':now': nowSeconds },
    },
  );
}

/** Changes the user's item, if it is still what the writer saw and not being deleted. */
export function changeItem(
  table: string,
  seen: StoredUser,
  next: User,
  sealed?: SealedCredentials,
): UpdateInput {
  const { name, email, updatedAt, version } = next;
  return update(
    table,
    seen.id,
    { name, email, updatedAt, version, credentialsKey: sealed?.credentialsKey },
    {
      expression: '#version = :seen AND attribute_not_exists(#deleting)',
      names: ['deleting'],
      values: { ':seen': seen.version },
    },
  );
}

/** Marks the user as being deleted, so that no writer comes between its key's end and its own. */
export function markDeleting(table: string, seen: StoredUser): UpdateInput {
  return update(
    table,
    seen.id,
    { deleting: true, version: seen.version + 1 },
    { expression: '#version = :seen', names: [], values: { ':seen': seen.version } },
  );
}

/** Deletes the user's item, if it is still what the writer saw. */
export function deleteItem(table: string, id: string, version: number): DeleteInput {
  return {
    TableName: table,
    Key: { id },
    ConditionExpression: '#version = :seen',
    ExpressionAttributeNames: { '#version': 'version' },
    ExpressionAttributeValues: { ':seen': version },
  };
}

/**
 * Stores credentials in place of those before. A condition would be a way to ask about them, so there
 * is none: that of the user in the same transaction stands for it.
 */
export function putCredentials(table: string, id: string, sealed: SealedCredentials): PutInput {
  return { TableName: table, Item: { id, ciphertext: sealed.ciphertext } };
}

/** Deletes a user's credentials, whether there are any or not. */
export function deleteCredentials(table: string, id: string): DeleteInput {
  return { TableName: table, Key: { id } };
}
