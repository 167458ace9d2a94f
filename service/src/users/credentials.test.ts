// Credentials: encrypted for one user, under the right key, and found nowhere that can be read.
import { DecryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AwsFault } from '../../../tools/local/aws/faults';
import { documentOf, newUser, STACK, startHarness, TABLE } from '../../testing/harness';
import type { Harness, UserBody } from '../../testing/harness';
import { CredentialSealer } from './credentials';

const MARKER = 'correct-horse-battery-staple';

let serial = 0;
const address = () => `holder${(serial += 1)}@example.com`;

function create(harness: Harness, attributes: object = {}): Promise<Response> {
  return harness.call(
    'POST',
    '/users',
    newUser({ email: address(), credentials: MARKER, ...attributes }),
  );
}

function patch(harness: Harness, user: UserBody, attributes: object): Promise<Response> {
  return harness.call('PATCH', user.links.self, {
    data: { type: 'users', id: user.id, attributes },
  });
}

async function itemOf(harness: Harness, id: string) {
  const { Item } = await harness.dynamodb.send(
    new GetItemCommand({ TableName: TABLE, Key: { id: { S: id } } }),
  );
  return { ciphertext: Item?.['credentials']?.B, key: Item?.['credentialsKey']?.S };
}

async function decrypt(id: string, ciphertext: Uint8Array | undefined): Promise<string> {
  const kms = new KMSClient({});
  try {
    const { Plaintext } = await kms.send(
      new DecryptCommand({
        CiphertextBlob: ciphertext,
        EncryptionContext: { user: id, purpose: 'credentials' },
      }),
    );
    return Buffer.from(Plaintext ?? []).toString();
  } finally {
    kms.destroy();
  }
}

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

describe('CredentialSealer with a key for each user', () => {
  let harness: Harness;
  const stateOf = (arn: string | undefined) =>
    harness.aws.kms.list().find((key) => key.arn === arn)?.state;
  const ownKeys = () => harness.aws.kms.list().slice(1);
  beforeAll(async () => {
    harness = await startHarness({ CREDENTIAL_KEYS: 'per-user' });
  });
  afterEach(() => {
    harness.aws.inject = undefined;
  });
  afterAll(() => harness.close());

  it('makes a tagged key on create, keeps it on change, and ends it on delete', async () => {
    const { data } = await documentOf(await create(harness));
    const { key, ciphertext } = await itemOf(harness, data.id);
    const made = ownKeys().at(-1);
    expect(key).toBe(made?.arn);
    expect(made?.tags.get('gatehouse:stack')).toBe(STACK);
    expect(made?.tags.get('gatehouse:user')).toBe(data.id);
    expect(await decrypt(data.id, ciphertext)).toBe(MARKER);
    await patch(harness, data, { credentials: 'new' });
    expect((await itemOf(harness, data.id)).key).toBe(key);
    expect((await harness.call('DELETE', data.links.self)).status).toBe(204);
    expect(stateOf(key)).toBe('PendingDeletion');
    await expect(decrypt(data.id, ciphertext)).rejects.toThrow();
  });

  it('makes no key for a user without credentials until it gets some', async () => {
    const before = ownKeys().length;
    const { data } = await documentOf(await create(harness, { credentials: undefined }));
    expect(ownKeys()).toHaveLength(before);
    await patch(harness, data, { credentials: MARKER });
    expect((await itemOf(harness, data.id)).key).toBe(ownKeys().at(-1)?.arn);
  });

  it('leaves no key behind when a create or change fails', async () => {
    const { data } = await documentOf(await create(harness, { credentials: undefined }));
    const before = ownKeys().length;
    expect((await create(harness, { email: data.attributes['email'] })).status).toBe(409);
    const other = await documentOf(await create(harness, { credentials: undefined }));
    const clash = { email: data.attributes['email'], credentials: MARKER };
    expect((await patch(harness, other.data, clash)).status).toBe(409);
    for (const operation of ['KMS.Encrypt', 'DynamoDB.TransactWriteItems']) {
      harness.aws.inject = (name) =>
        name === operation ? new AwsFault('InternalFailure', 'down', 500) : undefined;
      expect((await create(harness)).status).toBe(503);
    }
    const made = ownKeys().slice(before);
    expect(made.map(({ state }) => state)).toEqual(Array(4).fill('PendingDeletion'));
  });

  it('says which key stayed when it could not be ended either', async () => {
    harness.aws.inject = (name) =>
      name === 'KMS.ScheduleKeyDeletion' || name === 'DynamoDB.TransactWriteItems'
        ? new AwsFault('AccessDeniedException', 'no')
        : undefined;
    expect((await create(harness)).status).toBe(500);
    harness.runtime.logger.flush();
    expect(harness.logs.join('')).toContain(
      `"key without a user","credentialsKey":"${ownKeys().at(-1)?.arn}"`,
    );
  });

  it('makes one key only when two give a user its first credentials at once', async () => {
    const { data } = await documentOf(await create(harness, { credentials: undefined }));
    const before = ownKeys().length;
    const answers = await Promise.all([1, 2].map(() => patch(harness, data, { credentials: 'x' })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 503]);
    const { key } = await itemOf(harness, data.id);
    const [kept, dropped] = ownKeys()
      .slice(before)
      .sort((a) => (a.arn === key ? -1 : 1));
    expect([kept?.state, dropped?.state]).toEqual(['Enabled', 'PendingDeletion']);
  });

  it('finishes a deletion that was cut off, and lets nobody change the user meanwhile', async () => {
    const { data } = await documentOf(await create(harness));
    harness.aws.inject = (name) =>
      name === 'DynamoDB.TransactWriteItems'
        ? new AwsFault('InternalFailure', 'x', 500)
        : undefined;
    expect((await harness.call('DELETE', data.links.self)).status).toBe(503);
    harness.aws.inject = undefined;
    const change = await patch(harness, data, { name: 'Late' });
    expect([change.status, (await documentOf(change)).errors[0]?.code]).toEqual([
      409,
      'being_deleted',
    ]);
    const headers = { 'if-match': '"1"' };
    expect((await harness.call('DELETE', data.links.self, undefined, headers)).status).toBe(204);
    expect((await create(harness, { email: data.attributes['email'] })).status).toBe(201);
  });

  it('stops a change that meets the deletion of its user', async () => {
    const { data } = await documentOf(await create(harness));
    let removal: Promise<Response> | undefined;
    harness.aws.inject = async (name) => {
      if (name === 'DynamoDB.TransactWriteItems') return new AwsFault('InternalFailure', 'x', 500);
      if (name === 'DynamoDB.UpdateItem' && removal === undefined) {
        removal = harness.call('DELETE', data.links.self);
        await removal;
      }
      return undefined;
    };
    const change = await patch(harness, data, { name: 'Late' });
    expect((await documentOf(change)).errors[0]?.code).toBe('being_deleted');
    harness.aws.inject = undefined;
    const credentials = await create(harness);
    const other = (await documentOf(credentials)).data;
    await new CredentialSealer(new KMSClient({}), {
      mode: 'per-user',
      sharedKeyArn: '',
      stackTag: STACK,
    }).destroyKey((await itemOf(harness, other.id)).key ?? '');
    expect((await patch(harness, other, { credentials: 'y' })).status).toBe(503);
  });

  it('deletes a user that someone changes at the same time', async () => {
    const { data } = await documentOf(await create(harness));
    let changed = false;
    harness.aws.inject = async (name) => {
      if (name === 'DynamoDB.UpdateItem' && !changed) {
        changed = true;
        await patch(harness, data, { name: 'Quick' });
      }
      return undefined;
    };
    expect((await harness.call('DELETE', data.links.self)).status).toBe(204);
  });

  it('fails when KMS answers without what it was asked for', async () => {
    const empty = { send: () => Promise.resolve({}) } as unknown as KMSClient;
    const options = { sharedKeyArn: 'arn', stackTag: 'x' };
    const shared = new CredentialSealer(empty, { mode: 'shared', ...options });
    const own = new CredentialSealer(empty, { mode: 'per-user', ...options });
    await expect(shared.seal('id', 'x')).rejects.toThrow('without a ciphertext');
    await expect(own.seal('id', 'x')).rejects.toThrow('without a key');
  });
});
