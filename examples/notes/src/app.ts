// Notes: write one, read it, publish it. The kit brings identity, limits, errors, health, telemetry.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocument } from '@aws-sdk/lib-dynamodb';
import { Hono } from 'hono';
import { randomUUID } from 'node:crypto';
import { tableVariable } from '../../../contracts/workload';
import { ServiceError } from '../../../service/src/kit/errors';
import type { AppEnv } from '../../../service/src/kit/identity';
import type { ServiceDefinition } from '../../../service/src/kit/service';
import { workload } from '../workload';

interface NotesConfig {
  readonly table: string;
}

interface Note {
  readonly id: string;
  readonly text: string;
  /** Id of the API key that wrote it. */
  readonly author: string;
  readonly published?: boolean;
}

export const notes: ServiceDefinition<NotesConfig, Hono<AppEnv>> = {
  workload,
  readConfig: (reader) => ({
    table: reader.required(tableVariable('notes'), 'the name of the notes table'),
  }),
  create({ table }, { clientOptions, instrument }) {
    const client = new DynamoDBClient(clientOptions);
    instrument(client, 'DynamoDB');
    const store = new NoteStore(DynamoDBDocument.from(client), table);
    return {
      app: new Hono<AppEnv>(),
      addRoutes: (app) => addNoteRoutes(app, store),
      check: async () => void (await store.find('readiness')),
      close: () => client.destroy(),
    };
  },
};

function addNoteRoutes(app: Hono<AppEnv>, store: NoteStore): void {
  app.post('/notes', async (c) => {
    const body: unknown = await c.req.json().catch(() => undefined);
    const text = (body as { text?: unknown } | null | undefined)?.text;
    if (typeof text !== 'string' || text === '' || text.length > 10_000) {
      throw new ServiceError({
        code: 'invalid_request',
        detail: 'Send {"text": "…"} with 1 to 10000 characters.',
        source: { pointer: '/text' },
      });
    }
    const note = await store.add({ id: randomUUID(), text, author: c.get('identity').keyId });
    return c.json(note, 201, { Location: `/notes/${note.id}` });
  });
  app.get('/notes/:id', async (c) => c.json(found(await store.find(c.req.param('id')))));
  app.post('/notes/:id/publish', async (c) =>
    c.json(found(await store.publish(c.req.param('id')))),
  );
  app.get('/published/:id', async (c) => {
    const note = await store.find(c.req.param('id'));
    return c.json({ text: found(note?.published === true ? note : undefined).text });
  });
}

/** The note, or 404: who may read none learns nothing of one that is not published. */
function found(note: Note | undefined): Note {
  if (note !== undefined) return note;
  throw new ServiceError({ code: 'not_found', detail: 'There is no such note.' });
}

class NoteStore {
  constructor(
    private readonly documents: DynamoDBDocument,
    private readonly table: string,
  ) {}

  async add(note: Note): Promise<Note> {
    await this.documents.put({ TableName: this.table, Item: note });
    return note;
  }

  async find(id: string): Promise<Note | undefined> {
    const { Item } = await this.documents.get({ TableName: this.table, Key: { id } });
    return Item as Note | undefined;
  }

  async publish(id: string): Promise<Note | undefined> {
    try {
      const { Attributes } = await this.documents.update({
        TableName: this.table,
        Key: { id },
        UpdateExpression: 'SET published = :yes',
        ConditionExpression: 'attribute_exists(id)',
        ExpressionAttributeValues: { ':yes': true },
        ReturnValues: 'ALL_NEW',
      });
      return Attributes as Note;
    } catch (error) {
      if ((error as Error).name === 'ConditionalCheckFailedException') return undefined;
      throw error;
    }
  }
}
