// Credentials: encrypted for one user, and found nowhere that can be read.
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { users } from '../app';
import { createRuntime } from '../kit/service';
import { AwsFault } from '../../../tools/local/aws/faults';
import { CREDENTIALS, documentOf, newUser, startHarness } from '../../testing/harness';
import type { Harness } from '../../testing/harness';
import { address, create, decrypt, itemOf, MARKER, patch } from '../../testing/holders';

describe('CredentialSealer with the shared key', () => {
  let harness: Harness;
  let collector: Server;
  let telemetry = '';
  beforeAll(async () => {
    collector = createServer((request, response) => {
      request.on('data', (chunk: Buffer) => (telemetry += chunk.toString()));
      request.on('end', () => response.end('{}'));
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => collector.once('listening', resolve));
    harness = await startHarness({
      OTEL_SDK_DISABLED: 'false',
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}`,
      LOG_LEVEL: 'debug',
    });
  });
  afterEach(() => {
    harness.aws.inject = undefined;
  });
  afterAll(async () => {
    await harness.close();
    collector.close();
  });

  it('encrypts for one user: the context of another does not decrypt', async () => {
    const { data } = await documentOf(await create(harness));
    const { ciphertext, key } = await itemOf(harness, data.id);
    expect(key).toBeUndefined();
    expect(Buffer.from(ciphertext ?? []).includes(MARKER)).toBe(false);
    expect(await decrypt(data.id, ciphertext)).toBe(MARKER);
    await expect(decrypt(crypto.randomUUID(), ciphertext)).rejects.toThrow();
  });

  it('stores them apart from the user, and with it or not at all', async () => {
    const email = address();
    const { data } = await documentOf(await create(harness, { email }));
    const stored = async () => {
      const { Items } = await harness.dynamodb.send(new ScanCommand({ TableName: CREDENTIALS }));
      return Items ?? [];
    };
    const before = await stored();
    const mine = before.filter((item) => item['id']?.S === data.id);
    expect(mine.map((item) => Object.keys(item).sort())).toEqual([['ciphertext', 'id']]);
    expect((await itemOf(harness, data.id)).attributes.sort()).toEqual(
      ['createdAt', 'email', 'id', 'name', 'updatedAt', 'version'].sort(),
    );
    expect((await create(harness, { email })).status).toBe(409);
    const other = await documentOf(await create(harness, { credentials: undefined }));
    const clash = { email, credentials: 'stays out' };
    expect((await patch(harness, other.data, clash)).status).toBe(409);
    expect(await stored()).toHaveLength(before.length);
    expect((await harness.call('DELETE', data.links.self)).status).toBe(204);
    expect((await stored()).map((item) => item['id']?.S)).not.toContain(data.id);
  });

  it('encrypts anew on change and keeps them on a change of something else', async () => {
    const { data } = await documentOf(await create(harness));
    const before = await itemOf(harness, data.id);
    await patch(harness, data, { name: 'Other' });
    expect(await itemOf(harness, data.id)).toEqual(before);
    await patch(harness, data, { credentials: 'something else' });
    const after = await itemOf(harness, data.id);
    expect(await decrypt(data.id, after.ciphertext)).toBe('something else');
  });

  it('takes 4,096 bytes and refuses one more, an empty one and an unpaired surrogate', async () => {
    const status = async (credentials: unknown) => (await create(harness, { credentials })).status;
    expect(await status('x'.repeat(4096))).toBe(201);
    expect(await status('é'.repeat(2048))).toBe(201);
    for (const bad of ['x'.repeat(4097), 'é'.repeat(2049), '', '\ud800', null, ['a'], { a: 1 }]) {
      expect(await status(bad)).toBe(422);
    }
  });

  it('answers 503 while KMS is down, and writes nothing', async () => {
    harness.aws.inject = (operation) =>
      operation === 'KMS.Encrypt' ? new AwsFault('KMSInternalException', MARKER, 500) : undefined;
    const email = address();
    const response = await create(harness, { email });
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2']);
    harness.aws.inject = undefined;
    expect((await create(harness, { email })).status).toBe(201);
  });

  it('lets them out nowhere: no answer, error, log line, span or metric holds them', async () => {
    const texts: string[] = [];
    const see = async (response: Response) => {
      texts.push(JSON.stringify([...response.headers]), await response.clone().text());
      return response;
    };
    const made = await see(await create(harness));
    const { data } = await documentOf(made);
    await see(await create(harness, { email: data.attributes['email'] }));
    await see(await create(harness, { email: 'bad', credentials: [MARKER] }));
    await see(await harness.call('POST', '/users', `{"data": "${MARKER}`));
    await see(await harness.call('POST', '/users', newUser(), { 'content-type': MARKER }));
    await see(await patch(harness, data, { credentials: `${MARKER}2` }));
    await see(await harness.call('GET', data.links.self));
    await see(await harness.call('GET', `/users?filter[email]=${data.attributes['email']}`));
    await see(await harness.call('GET', `/users?filter[email]=${MARKER}`));
    await see(await harness.call('GET', '/users/export'));
    await see(
      await harness.call('DELETE', (await documentOf(await create(harness))).data.links.self),
    );
    for (const operation of ['KMS.Encrypt', 'DynamoDB.TransactWriteItems']) {
      harness.aws.inject = (name) =>
        name === operation ? new AwsFault('ValidationException', `bad: ${MARKER}`) : undefined;
      await see(await create(harness));
    }
    harness.runtime.logger.flush();
    await harness.runtime.telemetry.flush(60_000);
    const logs = harness.logs.join('');
    expect(logs).toContain('request failed');
    expect(logs).not.toContain(data.attributes['email']);
    expect(logs).not.toContain('owner@example.com');
    expect(telemetry).toContain('KMS/Encrypt');
    expect(telemetry).toContain('http.server.request.duration');
    expect(telemetry).not.toContain('filter');
    expect(texts.join('')).toContain(data.id);
    const base64 = Buffer.from(MARKER).toString('base64').slice(0, 24);
    for (const text of [texts.join(''), logs, telemetry]) {
      expect(text).not.toContain(MARKER);
      expect(text).not.toContain(base64);
      expect(text).not.toMatch(/"credentials":/);
    }
  });
});

describe('the directory without the function that keeps keys', () => {
  it('serves under one key, and does not start with a key for each user', async () => {
    const shared = await startHarness({ KEY_KEEPER_FUNCTION: '' });
    const { data } = await documentOf(await create(shared));
    expect((await shared.call('DELETE', data.links.self)).status).toBe(204);
    await shared.close();
    const env = { ...shared.env, CREDENTIAL_KEYS: 'per-user' };
    expect(() => createRuntime(users, env)).toThrow('KEY_KEEPER_FUNCTION is missing');
  });
});
