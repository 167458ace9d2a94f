// The page cursor: a position in the index, encrypted and authenticated, because it holds an address.
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { UsersError } from './errors';
import type { Position } from './user-index';

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Makes and opens cursors; every task of a stack does so with the same secret. */
export class CursorCodec {
  private readonly key: Buffer;

  /** @param secret The origin's secret; a cursor made under another is refused. */
  constructor(secret: string) {
    this.key = createHash('sha256').update(`gatehouse cursor\0${secret}`).digest();
  }

  encode(position: Position): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.key, nonce);
    const body = Buffer.concat([
      cipher.update(JSON.stringify([position.id, position.email])),
      cipher.final(),
    ]);
    return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url');
  }

  /** @throws UsersError `invalid_parameter` when it was not made here, or was changed. */
  decode(cursor: string): Position {
    const bytes = Buffer.from(cursor, 'base64url');
    try {
      // Decoding skips what is no base64url, so one cursor would have many spellings.
      if (bytes.toString('base64url') !== cursor) throw new Error('not base64url');
      const decipher = createDecipheriv(ALGORITHM, this.key, bytes.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
      const text = Buffer.concat([
        decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)),
        decipher.final(),
      ]).toString();
      const [id, email] = JSON.parse(text) as [string, string];
      return { id, email };
    } catch (cause) {
      throw new UsersError(
        {
          code: 'invalid_parameter',
          detail: 'page[after] is not a cursor of this service. Take it from links.next.',
          source: { parameter: 'page[after]' },
        },
        { cause },
      );
    }
  }
}
