// A key of each user's own: made once, kept, and gone with its user, whatever fails between.
import { KMSClient } from '@aws-sdk/client-kms';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { AwsFault } from '../../../tools/local/aws/faults';
import { documentOf, KEY_KEEPER, KEY_POLICY, STACK, startHarness } from '../../testing/harness';
import type { Harness } from '../../testing/harness';
import { create, decrypt, itemOf, MARKER, patch } from '../../testing/holders';
import { CredentialSealer } from './credentials';
import { UserKeys } from './user-keys';

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
    expect(made?.policy).toBe(KEY_POLICY);
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

  it('makes no key for an address that somebody else has', async () => {
    const { data } = await documentOf(await create(harness, { credentials: undefined }));
    const other = await documentOf(await create(harness, { credentials: undefined }));
    const made: string[] = [];
    harness.aws.inject = (name) => void (name === 'KMS.CreateKey' && made.push(name));
    const email = data.attributes['email'];
    expect((await create(harness, { email })).status).toBe(409);
    expect((await patch(harness, other.data, { email, credentials: MARKER })).status).toBe(409);
    expect(made).toEqual([]);
    // Its own address is no reason.
    const own = { email: other.data.attributes['email'], credentials: MARKER };
    expect((await patch(harness, other.data, own)).status).toBe(200);
    expect(made).toHaveLength(1);
  });

  it('leaves no key behind when a create or change fails', async () => {
    const { data } = await documentOf(await create(harness, { credentials: undefined }));
    const other = await documentOf(await create(harness, { credentials: undefined }));
    const before = ownKeys().length;
    // The address is taken while the key is being made.
    harness.aws.inject = async (name) => {
      if (name !== 'KMS.CreateKey') return undefined;
      harness.aws.inject = undefined;
      const answer = await create(
        { ...harness, call: harness.callAnother },
        { email: 'late@b.cd' },
      );
      expect(answer.status).toBe(201);
      return undefined;
    };
    expect((await create(harness, { email: 'late@b.cd' })).status).toBe(409);
    harness.aws.inject = async (name) => {
      if (name !== 'KMS.CreateKey') return undefined;
      harness.aws.inject = undefined;
      expect((await patch({ call: harness.callAnother }, data, { email: 'x@b.cd' })).status).toBe(
        200,
      );
      return undefined;
    };
    const clash = { email: 'x@b.cd', credentials: MARKER };
    expect((await patch(harness, other.data, clash)).status).toBe(409);
    for (const operation of ['KMS.Encrypt', 'DynamoDB.TransactWriteItems']) {
      harness.aws.inject = (name) =>
        name === operation ? new AwsFault('InternalFailure', 'down', 500) : undefined;
      expect((await create(harness)).status).toBe(503);
    }
    const states = ownKeys()
      .slice(before)
      .map(({ state }) => state);
    // One is the other's, which has its address.
    expect(states.sort()).toEqual(['Enabled', ...Array<string>(4).fill('PendingDeletion')]);
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

  it('keeps one key only when two tasks give a user its first credentials at once', async () => {
    const { data } = await documentOf(await create(harness, { credentials: undefined }));
    const before = ownKeys().length;
    let other: Promise<Response> | undefined;
    harness.aws.inject = async (name) => {
      if (name !== 'DynamoDB.TransactWriteItems' || other !== undefined) return undefined;
      other = patch({ call: harness.callAnother }, data, { credentials: 'x' });
      expect((await other).status).toBe(200);
      return undefined;
    };
    const answer = await patch(harness, data, { credentials: 'y', name: 'Both' });
    expect([answer.status, (await documentOf(answer)).data.meta.version]).toEqual([200, 3]);
    expect(await decrypt(data.id, (await itemOf(harness, data.id)).ciphertext)).toBe('y');
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
        removal = harness.callAnother('DELETE', data.links.self);
        await removal;
      }
      return undefined;
    };
    const change = await patch(harness, data, { name: 'Late' });
    expect((await documentOf(change)).errors[0]?.code).toBe('being_deleted');
    harness.aws.inject = undefined;
    const credentials = await create(harness);
    const other = (await documentOf(credentials)).data;
    const keys = new UserKeys(new LambdaClient({}), KEY_KEEPER);
    await keys.end((await itemOf(harness, other.id)).key ?? '');
    keys.close();
    expect((await patch(harness, other, { credentials: 'y' })).status).toBe(503);
  });

  it('deletes a user that someone changes at the same time', async () => {
    const { data } = await documentOf(await create(harness));
    let changed = false;
    harness.aws.inject = async (name) => {
      if (name === 'DynamoDB.UpdateItem' && !changed) {
        changed = true;
        await patch({ call: harness.callAnother }, data, { name: 'Quick' });
      }
      return undefined;
    };
    expect((await harness.call('DELETE', data.links.self)).status).toBe(204);
  });

  it('tells what passes by itself, by the error that the function had', async () => {
    const statuses: [string, number][] = [];
    for (const type of [
      'LimitExceededException',
      'KMSInternalException',
      'AccessDeniedException',
    ]) {
      harness.aws.inject = (name) =>
        name === 'KMS.CreateKey' ? new AwsFault(type, 'no', 400) : undefined;
      statuses.push([type, (await create(harness)).status]);
    }
    harness.aws.inject = (name) =>
      name === 'Lambda.Invoke' ? new AwsFault('TooManyRequestsException', 'no', 429) : undefined;
    statuses.push(['TooManyRequestsException', (await create(harness)).status]);
    expect(statuses).toEqual([
      ['LimitExceededException', 503],
      ['KMSInternalException', 503],
      ['AccessDeniedException', 500],
      ['TooManyRequestsException', 503],
    ]);
  });

  it('fails when KMS or the function answers without what it was asked for', async () => {
    const empty = { send: () => Promise.resolve({}) };
    const sealer = (mode: 'shared' | 'per-user', userKeys?: UserKeys) =>
      new CredentialSealer(empty as unknown as KMSClient, { mode, sharedKeyArn: 'arn', userKeys });
    const nothing = new UserKeys(empty as unknown as LambdaClient, KEY_KEEPER);
    await expect(sealer('shared').seal('id', 'x')).rejects.toThrow('without a ciphertext');
    await expect(sealer('per-user', nothing).seal('id', 'x')).rejects.toThrow('made none');
  });

  it('says why a stack that went back to one key can not end the key of a user', () => {
    const sealer = new CredentialSealer(new KMSClient({}), {
      mode: 'shared',
      sharedKeyArn: 'arn',
      userKeys: undefined,
    });
    expect(() => sealer.destroyKey('arn')).toThrow('A user has a key of its own');
  });
});
