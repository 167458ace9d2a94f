// The API key: its format, checksum and hash, and the record that the keys table holds for it.
import { hash } from 'node:crypto';
import type { KEY_RECORD_ITEM } from './keys-table';

/** First part of every key: names the product, so that a secret scanner can match it. */
export const KEY_PREFIX = 'gatehouse';

/** Length of a key's id: 12 base62 characters, 71 bits, public. */
export const KEY_ID_LENGTH = 12;

/** Length of the secret: 43 base62 characters drawn at random are 256.03 bits. */
export const SECRET_LENGTH = 43;

/** Length of the checksum: six base62 characters hold any CRC32, as in GitHub's tokens. */
export const CHECKSUM_LENGTH = 6;

/** GitHub's order: digits, upper case, lower case. */
export const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Longest environment part, in characters. */
export const ENVIRONMENT_MAX_LENGTH = 16;

const ENVIRONMENT_SOURCE = `[a-z][a-z0-9]{0,${ENVIRONMENT_MAX_LENGTH - 1}}`;
const KEY_ID_SOURCE = `[0-9A-Za-z]{${KEY_ID_LENGTH}}`;
const SECRET_SOURCE = `[0-9A-Za-z]{${SECRET_LENGTH + CHECKSUM_LENGTH}}`;

/** Regular expression (source) that finds a key in any text; give it to secret scanners. */
export const KEY_SCANNER_PATTERN = `${KEY_PREFIX}_${ENVIRONMENT_SOURCE}_${KEY_ID_SOURCE}_${SECRET_SOURCE}`;

/** Most scopes that a key may carry. */
export const MAX_SCOPES = 32;

const SCOPE_PATTERN = /^[a-z0-9:._-]{1,64}$/;

const KEY_PATTERN = new RegExp(`^${KEY_SCANNER_PATTERN}$`);
const ENVIRONMENT_PATTERN = new RegExp(`^${ENVIRONMENT_SOURCE}$`);
const KEY_ID_PATTERN = new RegExp(`^${KEY_ID_SOURCE}$`);

/** Longest possible key, in characters; anything longer is refused before it is looked at. */
export const KEY_MAX_LENGTH =
  KEY_PREFIX.length +
  ENVIRONMENT_MAX_LENGTH +
  KEY_ID_LENGTH +
  SECRET_LENGTH +
  CHECKSUM_LENGTH +
  '___'.length;

/** A key whose form and checksum are right; whether it exists is another matter. */
export interface ParsedKey {
  /** The whole key. */
  readonly key: string;
  /** Environment that the key was made for, for example `dev`. */
  readonly environment: string;
  readonly keyId: string;
}

/** What the keys table holds of a key. Times are epoch seconds. */
export interface KeyRecord {
  readonly keyId: string;
  readonly item: typeof KEY_RECORD_ITEM;
  /** {@link hashKey} of the key. */
  readonly hash: string;
  /** E-mail address of whom the key belongs to. */
  readonly owner: string;
  /** What the key is for, in the owner's words. */
  readonly name: string;
  readonly scopes: readonly string[];
  /** Blocks of addresses that the key may be used from. @default every address */
  readonly cidrs?: readonly string[];
  readonly status: KeyStatus;
  readonly createdAt: number;
  /** From this second on the key is refused. */
  readonly expiresAt: number;
  /** DynamoDB's TTL may remove the record from here on. */
  readonly purgeAt: number;
  /** Counts writes; every write is conditional on the version that it read. */
  readonly version: number;
  /** Id of the key that this one replaces. */
  readonly rotatedFrom?: string;
  /** Id of the key that replaces this one; from then on {@link expiresAt} is the overlap's end. */
  readonly rotatedTo?: string;
  readonly revokedAt?: number;
}

export type KeyStatus = 'active' | 'revoked';

/** The part of a record that a decision needs; the edge reads no other attribute. */
export type DecisiveRecord = Pick<
  KeyRecord,
  'keyId' | 'hash' | 'owner' | 'scopes' | 'cidrs' | 'status' | 'expiresAt'
>;

/**
 * Environment part of a stack's keys: the stack's name in lower case without what base62 lacks, at
 * most {@link ENVIRONMENT_MAX_LENGTH} characters, so `acme/My-Dev` becomes `mydev`.
 * @throws Error when nothing usable is left, for example for the stack `123`.
 */
export function keyEnvironment(stack: string): string {
  const name = stack.slice(stack.lastIndexOf('/') + 1);
  const environment = name
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
    .replace(/^[0-9]+/, '')
    .slice(0, ENVIRONMENT_MAX_LENGTH);
  if (environment === '') {
    throw new Error(
      `The stack name "${stack}" gives no key prefix: it was expected to contain a letter a-z. ` +
        'Rename the stack, for example to "dev".',
    );
  }
  return environment;
}

/** Whether `text` can be the environment part of a key. */
export function isKeyEnvironment(text: string): boolean {
  return ENVIRONMENT_PATTERN.test(text);
}

/** Whether `text` has the form of a key's id. */
export function isKeyId(text: string): boolean {
  return KEY_ID_PATTERN.test(text);
}

/** Whether `text` has the form of a scope; whether a workload declares it is another matter. */
export function isScope(text: string): boolean {
  return SCOPE_PATTERN.test(text);
}

/**
 * Puts a key together.
 * @param secret {@link SECRET_LENGTH} base62 characters.
 * @throws Error when a part has the wrong form; the message never contains the secret.
 */
export function formatKey(environment: string, keyId: string, secret: string): string {
  const body = `${KEY_PREFIX}_${environment}_${keyId}_${secret}`;
  const key = body + checksum(body);
  if (!KEY_PATTERN.test(key)) {
    throw new Error(
      `A key can't be made of the environment "${environment}" and the id "${keyId}": expected ` +
        `a-z0-9, ${KEY_ID_LENGTH} and ${SECRET_LENGTH} base62 characters.`,
    );
  }
  return key;
}

/**
 * Reads a key: length, alphabet and checksum, with no hashing and no look-up.
 * @returns undefined when `text` is no key; the checksum alone stops all but 1 in 2^32 mistypings.
 */
export function parseKey(text: string): ParsedKey | undefined {
  if (text.length > KEY_MAX_LENGTH || !KEY_PATTERN.test(text)) {
    return undefined;
  }
  const body = text.slice(0, -CHECKSUM_LENGTH);
  if (checksum(body) !== text.slice(-CHECKSUM_LENGTH)) {
    return undefined;
  }
  const environmentStart = KEY_PREFIX.length + 1;
  const environmentEnd = text.indexOf('_', environmentStart);
  const keyIdStart = environmentEnd + 1;
  return {
    key: text,
    environment: text.slice(environmentStart, environmentEnd),
    keyId: text.slice(keyIdStart, keyIdStart + KEY_ID_LENGTH),
  };
}

/**
 * The key that HTTP Basic credentials stand for: user name = key id, password = the key's last
 * part (secret and checksum).
 * @returns undefined when they make no key.
 */
export function keyFromBasic(
  environment: string,
  keyId: string,
  password: string,
): ParsedKey | undefined {
  return parseKey(`${KEY_PREFIX}_${environment}_${keyId}_${password}`);
}

/**
 * SHA-256 of the whole key, 64 hexadecimal digits. A slow password hash would add nothing: 256
 * random bits can't be guessed, and the edge has microseconds.
 */
export function hashKey(key: string): string {
  return hash('sha256', key, 'hex');
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) {
    value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  }
  return value;
});

/** CRC32 (IEEE 802.3, as zlib's) of ASCII text, in {@link CHECKSUM_LENGTH} base62 digits. */
export function checksum(text: string): string {
  let crc = 0xffffffff;
  for (let i = 0; i < text.length; i++) {
    crc = (crc >>> 8) ^ (CRC_TABLE[(crc ^ text.charCodeAt(i)) & 0xff] as number);
  }
  let rest = (crc ^ 0xffffffff) >>> 0;
  let digits = '';
  for (let i = 0; i < CHECKSUM_LENGTH; i++) {
    digits = BASE62.charAt(rest % 62) + digits;
    rest = Math.floor(rest / 62);
  }
  return digits;
}
