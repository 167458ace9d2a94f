// The examples on the local platform: an API in any language is served behind the edge like ours.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { issueKey } from '../keys/store';
import { clientOf } from './aws/access';
import type { Platform } from './platform';
import { findRunningPlatform } from './state';
import { ROOT } from './testing/command';
import { ExamplePlatform, withCommand } from './testing/examples';

const hasPython = spawnSync('python3', ['--version']).status === 0;

let example: ExamplePlatform;
beforeEach(() => {
  example = new ExamplePlatform();
});
afterEach(() => example.close());

async function keyOf({ edge }: Platform, scopes: string[]): Promise<string> {
  const { aws, region, keysTable } = findRunningPlatform(Number(new URL(edge).port));
  const client = new DynamoDBClient(clientOf({ url: aws, region }));
  const { key } = await issueKey(
    { client, table: keysTable },
    { environment: 'dev', owner: 'ada@example.com', scopes },
    { who: 'a test', from: 'here' },
  );
  client.destroy();
  return key;
}

/** Sends requests by a key, or by none; answers status and body. */
function askOf({ edge }: Platform, body: string) {
  return async (method: string, path: string, key?: string): Promise<[number, unknown]> => {
    const response = await fetch(`${edge}${path}`, {
      method,
      headers: key === undefined ? {} : { 'x-api-key': key },
      ...(method === 'POST' ? { body } : {}),
    });
    return [response.status, await response.json()];
  };
}

const programs: [string, string[]][] = [
  ['Node.js', ['node', join(ROOT, 'examples/orders/server.js')]],
  ...(hasPython
    ? ([['Python', ['python3', join(ROOT, 'examples/orders/app.py')]]] as [string, string[]][])
    : []),
];

describe('an image with a workload file', () => {
  it.each(programs)('in %s is served behind the edge, by its own scopes', async (_, command) => {
    const platform = await example.start(withCommand(command));
    const ask = askOf(platform, 'two apples');
    const reader = await keyOf(platform, ['orders:read']);
    expect((await ask('GET', '/orders'))[0]).toBe(401);
    expect((await ask('POST', '/orders', reader))[0]).toBe(403);
    expect((await ask('GET', '/nothing', platform.key))[0]).toBe(403);
    expect(await ask('GET', '/orders', reader)).toEqual([200, { orders: [] }]);
    const order = { id: 1, text: 'two apples', by: 'demo@localhost' };
    expect(await ask('POST', '/orders', platform.key)).toEqual([201, order]);
    expect(await ask('GET', '/orders', reader)).toEqual([200, { orders: [order] }]);
    expect(await ask('GET', '/status')).toEqual([200, { greeting: 'hello' }]);
    await platform.close();
    expect(example.said).toEqual([]);
  });

  it('finds its own tables, and what it is told to find, in its environment', async () => {
    writeFileSync(
      join(example.folder, 'show.js'),
      `const { createServer } = require('node:http');
       createServer((_, response) => response.end(JSON.stringify(process.env))).listen(process.env.PORT);`,
    );
    const secret = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:payment-AbCdEf';
    const platform = await example.start(
      withCommand(
        ['node', 'show.js'],
        `tables:\n  order-lines: { partitionKey: { id: S } }\nsecrets: { PAYMENT_KEY: ${secret} }\n`,
      ),
    );
    const shown = (await (
      await fetch(`${platform.edge}/orders`, { headers: { 'x-api-key': platform.key } })
    ).json()) as Record<string, string>;
    expect(shown).toMatchObject({ GREETING: 'hello', AWS_ENDPOINT_URL: platform.aws });
    expect(shown.OTEL_EXPORTER_OTLP_ENDPOINT).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(shown.PAYMENT_KEY?.length).toBeGreaterThanOrEqual(32);
    const client = new DynamoDBClient(clientOf({ url: platform.aws, region: 'eu-central-1' }));
    const { TableNames } = await client.send(new ListTablesCommand({}));
    client.destroy();
    expect(TableNames).toContain(shown.ORDER_LINES_TABLE);
    expect(JSON.stringify(TableNames)).not.toContain('users');
    // It answers whoever asks: that is said plainly.
    expect(example.said).toEqual([
      expect.stringContaining('orders is not safe behind the gate') as string,
    ]);
  });
});

describe('a service in a folder of its own', () => {
  it('runs in the place of the one that ships, by its own scopes', async () => {
    const platform = await example.startWith({ service: 'examples/notes' });
    const ask = askOf(platform, '{"text":"hello"}');
    const reader = await keyOf(platform, ['notes:read']);
    expect((await ask('GET', '/notes/1'))[0]).toBe(401);
    expect((await ask('POST', '/notes', reader))[0]).toBe(403);
    const [status, note] = await ask('POST', '/notes', platform.key);
    expect([status, note]).toEqual([201, expect.objectContaining({ text: 'hello' })]);
    const { id } = note as { id: string };
    expect(await ask('GET', `/notes/${id}`, reader)).toEqual([200, note]);
    expect((await ask('GET', `/published/${id}`))[0]).toBe(404);
    expect((await ask('POST', `/notes/${id}/publish`, reader))[0]).toBe(403);
    expect((await ask('POST', `/notes/${id}/publish`, platform.key))[0]).toBe(200);
    expect(await ask('GET', `/published/${id}`)).toEqual([200, { text: 'hello' }]);
    expect(JSON.stringify(findRunningPlatform(Number(new URL(platform.edge).port)))).not.toContain(
      'users',
    );
    await platform.close();
    expect(example.said).toEqual([]);
  });
});
