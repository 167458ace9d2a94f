// Ciphertexts of the local KMS: AES-256-GCM under a key's material, the key's id in front.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { AwsFault } from './faults';

/** Pairs that are authenticated and not stored (KMS's encryption context). */
export type Context = Record<string, string>;

/** What encrypts: a key's id and its secret. */
export interface KeyMaterial {
  readonly keyId: string;
  readonly material: Buffer;
}

const FORMAT = 1;
const KEY_ID_BYTES = 36;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + KEY_ID_BYTES + IV_BYTES + TAG_BYTES;

/** Version, key id, IV and tag precede the ciphertext; key id and context are authenticated. */
export function seal(key: KeyMaterial, plaintext: Buffer, encryptionContext: Context): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key.material, iv);
  cipher.setAAD(authenticated(key, encryptionContext));
  const body = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  const id = Buffer.from(key.keyId.padEnd(KEY_ID_BYTES), 'latin1');
  return Buffer.concat([Buffer.from([FORMAT]), id, iv, cipher.getAuthTag(), body]);
}

/** Id of the key that a ciphertext says it is under; undefined for what was sealed by nobody here. */
export function keyIdOf(ciphertext: Buffer): string | undefined {
  if (ciphertext.length < HEADER_BYTES || ciphertext[0] !== FORMAT) return undefined;
  return ciphertext
    .subarray(1, 1 + KEY_ID_BYTES)
    .toString('latin1')
    .trimEnd();
}

/** @throws AwsFault when ciphertext or context are not what was sealed. */
export function open(key: KeyMaterial, ciphertext: Buffer, encryptionContext: Context): Buffer {
  const ivStart = 1 + KEY_ID_BYTES;
  const tagStart = ivStart + IV_BYTES;
  const decipher = createDecipheriv(
    'aes-256-gcm',
    key.material,
    ciphertext.subarray(ivStart, tagStart),
  );
  decipher.setAuthTag(ciphertext.subarray(tagStart, HEADER_BYTES));
  decipher.setAAD(authenticated(key, encryptionContext));
  try {
    return Buffer.concat([decipher.update(ciphertext.subarray(HEADER_BYTES)), decipher.final()]);
  } catch {
    throw new AwsFault('InvalidCiphertextException', '');
  }
}

function authenticated(key: KeyMaterial, encryptionContext: Context): Buffer {
  const pairs = Object.entries(encryptionContext).sort(([a], [b]) => (a < b ? -1 : 1));
  return Buffer.from(JSON.stringify([key.keyId, pairs]));
}
