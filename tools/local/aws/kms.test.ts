import {
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  KMSClient,
  ListResourceTagsCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { clientOf } from './access';
import { startAwsEndpoint } from './endpoint';
import type { AwsEndpoint } from './endpoint';

describe('LocalKms', () => {
  let endpoint: AwsEndpoint;
  let client: KMSClient;
  const Plaintext = Buffer.from('correct horse');

  beforeAll(async () => {
    endpoint = await startAwsEndpoint();
    client = new KMSClient(clientOf({ url: endpoint.url, region: 'us-east-1' }));
  });

  afterAll(async () => {
    client.destroy();
    await endpoint.close();
  });

  it('decrypts only under the same encryption context', async () => {
    const KeyId = endpoint.kms.createKey();
    const EncryptionContext = { owner: '1', purpose: 'seals' };
    const { CiphertextBlob } = await client.send(
      new EncryptCommand({ KeyId, Plaintext, EncryptionContext }),
    );
    expect(Buffer.from(CiphertextBlob ?? []).includes(Plaintext)).toBe(false);
    const same = { purpose: 'seals', owner: '1' };
    const decrypted = await client.send(
      new DecryptCommand({ CiphertextBlob, EncryptionContext: same }),
    );
    expect(Buffer.from(decrypted.Plaintext ?? [])).toEqual(Plaintext);
    await expect(
      client.send(
        new DecryptCommand({ CiphertextBlob, EncryptionContext: { ...same, owner: '2' } }),
      ),
    ).rejects.toMatchObject({ name: 'InvalidCiphertextException' });
  });

  it('binds a ciphertext to its key', async () => {
    const [one, two] = [endpoint.kms.createKey(), endpoint.kms.createKey()];
    const { CiphertextBlob } = await client.send(new EncryptCommand({ KeyId: one, Plaintext }));
    await expect(
      client.send(new DecryptCommand({ CiphertextBlob, KeyId: two })),
    ).rejects.toMatchObject({ name: 'IncorrectKeyException' });
    const tampered = Buffer.from(CiphertextBlob ?? []);
    tampered[tampered.length - 1]! ^= 1;
    await expect(
      client.send(new DecryptCommand({ CiphertextBlob: tampered })),
    ).rejects.toMatchObject({ name: 'InvalidCiphertextException' });
    await expect(
      client.send(new DecryptCommand({ CiphertextBlob: Buffer.from('garbage') })),
    ).rejects.toMatchObject({ name: 'InvalidCiphertextException' });
  });

  it('makes tagged keys that are useless once their deletion is scheduled', async () => {
    const { KeyMetadata } = await client.send(
      new CreateKeyCommand({ Tags: [{ TagKey: 'gatehouse:stack', TagValue: 'dev' }] }),
    );
    const KeyId = KeyMetadata?.Arn ?? '';
    const { Tags } = await client.send(new ListResourceTagsCommand({ KeyId }));
    expect(Tags).toEqual([{ TagKey: 'gatehouse:stack', TagValue: 'dev' }]);
    const { CiphertextBlob } = await client.send(new EncryptCommand({ KeyId, Plaintext }));
    await client.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    const described = await client.send(new DescribeKeyCommand({ KeyId }));
    expect(described.KeyMetadata?.KeyState).toBe('PendingDeletion');
    for (const command of [
      new EncryptCommand({ KeyId, Plaintext }),
      new DecryptCommand({ CiphertextBlob }),
    ]) {
      await expect(client.send(command as EncryptCommand)).rejects.toMatchObject({
        name: 'KMSInvalidStateException',
      });
    }
  });

  it('generates data keys that it can decrypt again', async () => {
    const KeyId = endpoint.kms.createKey();
    const dataKey = await client.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' }));
    const { CiphertextBlob } = dataKey;
    const decrypted = await client.send(new DecryptCommand({ CiphertextBlob }));
    expect(decrypted.Plaintext).toEqual(dataKey.Plaintext);
  });

  it('refuses an unknown key, an over-long plaintext and an unsigned call', async () => {
    await expect(
      client.send(new EncryptCommand({ KeyId: 'nowhere', Plaintext })),
    ).rejects.toMatchObject({ name: 'NotFoundException' });
    const KeyId = endpoint.kms.createKey();
    await expect(
      client.send(new EncryptCommand({ KeyId, Plaintext: Buffer.alloc(4097) })),
    ).rejects.toMatchObject({ name: 'ValidationException' });
    const unsigned = await fetch(endpoint.url, {
      method: 'POST',
      headers: { 'x-amz-target': 'TrentService.ListKeys' },
      body: '{}',
    });
    expect(unsigned.status).toBe(400);
    expect(await unsigned.json()).toMatchObject({ __type: 'MissingAuthenticationTokenException' });
  });
});
