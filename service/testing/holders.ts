// Users with credentials, for tests: made, changed, and looked at where they are stored.
import { DecryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { CREDENTIALS, newUser, TABLE } from './harness';
import type { Harness, UserBody } from './harness';

/** A credential that no answer, log or trace may hold. */
export const MARKER = 'correct-horse-battery-staple';

let serial = 0;
/** One that nobody has yet. */
export const address = () => `holder${(serial += 1)}@example.com`;

/** Creates a user with credentials. */
export function create(harness: Pick<Harness, 'call'>, attributes: object = {}): Promise<Response> {
  return harness.call(
    'POST',
    '/users',
    newUser({ email: address(), credentials: MARKER, ...attributes }),
  );
}

/** Changes some attributes. */
export function patch(
  { call }: Pick<Harness, 'call'>,
  user: UserBody,
  attributes: object,
): Promise<Response> {
  return call('PATCH', user.links.self, { data: { type: 'users', id: user.id, attributes } });
}

/** What is stored of the user's credentials. */
export async function itemOf(harness: Harness, id: string) {
  const [user, credentials] = await Promise.all(
    [TABLE, CREDENTIALS].map((TableName) =>
      harness.dynamodb.send(new GetItemCommand({ TableName, Key: { id: { S: id } } })),
    ),
  );
  return {
    ciphertext: credentials?.Item?.['ciphertext']?.B,
    key: user?.Item?.['credentialsKey']?.S,
    attributes: Object.keys(user?.Item ?? {}),
  };
}

/** Decrypts for one user, as nobody in the stack may. */
export async function decrypt(id: string, ciphertext: Uint8Array | undefined): Promise<string> {
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
