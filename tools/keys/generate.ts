// Draws the random parts of a new key.
import { randomBytes } from 'node:crypto';
import { BASE62, formatKey, KEY_ID_LENGTH, SECRET_LENGTH } from '../../contracts/api-key';

/** A new key for the environment, with 256 random bits of secret. */
export function generateKey(environment: string): {
  readonly key: string;
  readonly keyId: string;
} {
  const keyId = randomBase62(KEY_ID_LENGTH);
  return { key: formatKey(environment, keyId, randomBase62(SECRET_LENGTH)), keyId };
}

/** Characters from the operating system's generator, each of the 62 equally likely. */
export function randomBase62(length: number): string {
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      // 248 is the largest multiple of 62 in a byte: a remainder alone would favour 0-7.
      if (byte < 248 && text.length < length) {
        text += BASE62.charAt(byte % 62);
      }
    }
  }
  return text;
}
