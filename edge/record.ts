// Reads a key's record out of DynamoDB's JSON, believing none of it.
import { isAddressBlock, MAX_ADDRESS_BLOCKS } from '../contracts/address-block';
import { isKeyId, isScope, MAX_SCOPES, type DecisiveRecord } from '../contracts/api-key';

/** Printable ASCII without blanks: what is safe in a header that the origin trusts. */
const OWNER_PATTERN = /^[!-~]{1,254}$/;
const HASH_PATTERN = /^[0-9a-f]{64}$/;

/**
 * @param item attributes in DynamoDB's JSON, for example `{"keyId":{"S":"4fJ9xQ2mZb7K"}, ...}`.
 * @returns undefined unless every attribute that a decision needs is there and has the right form.
 */
export function readRecord(item: unknown): DecisiveRecord | undefined {
  const keyId = attribute(item, 'keyId', 'S');
  const hash = attribute(item, 'hash', 'S');
  const owner = attribute(item, 'owner', 'S');
  const status = attribute(item, 'status', 'S');
  const expiresAt = Number(attribute(item, 'expiresAt', 'N') ?? Number.NaN);
  const scopes = readTexts(attribute(item, 'scopes', 'L'), MAX_SCOPES, isScope);
  // Absent is everywhere; there and in any other form is a record that can't be trusted.
  const isBound = member(item, 'cidrs') !== undefined;
  const cidrs = readTexts(attribute(item, 'cidrs', 'L'), MAX_ADDRESS_BLOCKS, isAddressBlock);
  if (
    !isText(keyId) ||
    !isKeyId(keyId) ||
    !isText(hash) ||
    !HASH_PATTERN.test(hash) ||
    !isText(owner) ||
    !OWNER_PATTERN.test(owner) ||
    (status !== 'active' && status !== 'revoked') ||
    !Number.isSafeInteger(expiresAt) ||
    scopes === undefined ||
    (isBound && cidrs === undefined)
  ) {
    return undefined;
  }
  return { keyId, hash, owner, status, expiresAt, scopes, ...(isBound ? { cidrs } : {}) };
}

function readTexts(
  list: unknown,
  most: number,
  isOne: (text: string) => boolean,
): string[] | undefined {
  if (!Array.isArray(list) || list.length > most) {
    return undefined;
  }
  const texts = list.map((entry) => member(entry, 'S'));
  return texts.every((text) => isText(text) && isOne(text)) ? (texts as string[]) : undefined;
}

/** `item[name][type]`, of own properties only. */
function attribute(item: unknown, name: string, type: 'S' | 'N' | 'L'): unknown {
  return member(member(item, name), type);
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
