// The move of ciphertexts, on the tables of a running service, and the command as a real process.
import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, ScanCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import {
  CREDENTIALS,
  documentOf,
  startHarness,
  TABLE,
  type Harness,
  type UserBody,
} from '../../service/testing/harness';
import { create, decrypt, itemOf, MARKER, patch } from '../../service/testing/holders';
import { AwsFault } from '../local/aws/faults';
import { moveCredentials } from './credentials';

const TABLES = { users: TABLE, credentials: CREDENTIALS };

describe('moveCredentials', () => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await startHarness();
  });
  afterEach(() => harness.close());

  const move = () => moveCredentials(harness.dynamodb, TABLES);
  /** A user as it was before: the ciphertext is in its own item, and nowhere else. */
  const old = async (): Promise<UserBody> => {
    const { data } = await documentOf(await create(harness));
    const { ciphertext } = await itemOf(harness, data.id);
    await DynamoDBDocumentClient.from(harness.dynamodb).send(
      new UpdateCommand({
        TableName: TABLE,
        Key: { id: data.id },
        UpdateExpression: 'SET credentials = :ciphertext',
        ExpressionAttributeValues: { ':ciphertext': ciphertext },
      }),
    );
    await harness.dynamodb.send(
      new DeleteItemCommand({ TableName: CREDENTIALS, Key: { id: { S: data.id } } }),
    );
    return data;
  };
  const plaintextOf = async ({ id }: UserBody) =>
    decrypt(id, (await itemOf(harness, id)).ciphertext);
  const left = async () => {
    const { Items = [] } = await harness.dynamodb.send(new ScanCommand({ TableName: TABLE }));
    return Items.filter((item) => 'credentials' in item).length;
  };

  it('moves what is there, leaves the user as it was, and finds nothing the second time', async () => {
    const holders = [await old(), await old()];
    await create(harness, { credentials: undefined });
    expect([await left(), await move(), await left(), await move()]).toEqual([2, 2, 0, 0]);
    for (const holder of holders) {
      expect(await plaintextOf(holder)).toBe(MARKER);
      const { data } = await documentOf(await harness.call('GET', holder.links.self));
      expect(data).toEqual(holder);
    }
  });

  it('keeps newer credentials, and brings back no user that is deleted meanwhile', async () => {
    const changed = await old();
    const deleted = await old();
    expect((await patch(harness, changed, { credentials: 'newer' })).status).toBe(200);
    harness.aws.inject = async (operation) => {
      if (operation !== 'DynamoDB.TransactWriteItems') return undefined;
      harness.aws.inject = undefined;
      expect((await harness.call('DELETE', deleted.links.self)).status).toBe(204);
      return undefined;
    };
    await move();
    expect([await left(), await plaintextOf(changed)]).toEqual([0, 'newer']);
    expect(await itemOf(harness, deleted.id)).toEqual({ attributes: [] });
  });

  it('stops at what it does not expect, and goes on when it is run again', async () => {
    const holder = await old();
    const conflict = new AwsFault('TransactionCanceledException', 'x', 400, {
      CancellationReasons: [{ Code: 'TransactionConflict' }, { Code: 'None' }],
    });
    for (const fault of [conflict, new AwsFault('AccessDeniedException', 'no')]) {
      harness.aws.inject = (operation) =>
        operation === 'DynamoDB.TransactWriteItems' ? fault : undefined;
      await expect(move()).rejects.toThrow();
    }
    harness.aws.inject = undefined;
    expect([await move(), await plaintextOf(holder)]).toEqual([1, MARKER]);
  });

  it('is a command that says what it did, or what to do', async () => {
    await old();
    const run = (...args: string[]) =>
      promisify(execFile)(
        process.execPath,
        ['-r', require.resolve('../tsx.cjs'), require.resolve('./main.ts'), ...args],
        { env: process.env },
      );
    const args = ['--region', 'us-east-1', '--credentials', CREDENTIALS, '--users'];
    const { stdout } = await run(...args, TABLE);
    expect(stdout).toBe(`Moved the ciphertexts of 1 users; none is left in ${TABLE}.\n`);
    await expect(run(...args, 'no-such-table')).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('The move stopped: ResourceNotFoundException') as unknown,
    });
    await expect(run('--region', 'x')).rejects.toMatchObject({ code: 2 });
    await expect(run('--nonsense')).rejects.toMatchObject({ code: 2 });
    expect((await run('--help')).stdout).toContain('npm run move-credentials');
  });
});
