// The page cursor: a position in the index, encrypted and authenticated, because it holds an address.
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { UsersError } from './errors';
import type { Position } from './user-index';

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Makes and opens cursors; every task of a stack opens what another has made. */
export class CursorCodec {
  private readonly keys: readonly Buffer[];

  /** @param secrets The origin's; a cursor made under another is refused. */
  constructor(secrets: readonly string[]) {
    this.keys = secrets.map(keyOf);
  }

  /** @param secret That of the request: while secrets change it is the one that every task knows. */
  encode(position: Position, secret: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, keyOf(secret), nonce);
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
      const text = this.keys.map((key) => opened(bytes, key)).find((one) => one !== undefined);
      if (text === undefined) throw new Error('made under no secret that is known');
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

function keyOf(secret: string): Buffer {
  return createHash('sha256').update(`gatehouse cursor\0${secret}`).digest();
}

function opened(bytes: Buffer, key: Buffer): string | undefined {
  try {
    const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    const body = decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES));
    return Buffer.concat([body, decipher.final()]).toString();
  } catch {
    return undefined;
  }
}
