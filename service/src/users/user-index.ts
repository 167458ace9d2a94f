// The index of users by address, which holds users alone: what lists, searches and exports read.
import { QueryCommand, ScanCommand, type DocumentClient } from '../kit/document-client';
import { projection, PUBLIC_ATTRIBUTES, type User } from './items';
import { USERS_TABLE } from './table';

/** A position in the index: where the page before ended. */
export interface Position {
  readonly id: string;
  readonly email: string;
}

export interface Page {
  readonly users: User[];
  readonly next: Position | undefined;
}

const INDEX = USERS_TABLE.emailIndex.name;
const USER_PROJECTION = projection(PUBLIC_ATTRIBUTES);

export class UserIndex {
  constructor(
    private readonly client: DocumentClient,
    private readonly table: string,
  ) {}

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
}
