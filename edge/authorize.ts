// The decision, pure: key, record, what the request needs and time in; allow or deny, and why, out.
import { Buffer } from 'node:buffer';
import { timingSafeEqual } from 'node:crypto';
import type { Access } from '../contracts/access';
import { isInside } from '../contracts/address-block';
import { hashKey, type DecisiveRecord, type ParsedKey } from '../contracts/api-key';
import type { EdgeDenyReason } from '../contracts/metrics';

export type AuthorizeReason = Extract<
  EdgeDenyReason,
  | 'unknown-key'
  | 'wrong-secret'
  | 'revoked'
  | 'expired'
  | 'bad-record'
  | 'address'
  | 'scope'
  | 'no-rule'
>;

export type Authorization =
  | { readonly allow: true; readonly record: DecisiveRecord }
  | {
      readonly allow: false;
      readonly reason: AuthorizeReason;
      /** The scope that was missing, when the reason is `scope`. */
      readonly scope?: string;
    };

export interface AuthorizeInput {
  readonly key: ParsedKey;
  /** The record that the store holds under the key's id, if any. */
  readonly record: DecisiveRecord | undefined;
  /** Address of the client as CloudFront saw it; a proxy's where there is one. */
  readonly address: string;
  /** What the request needs by the workload's rules. */
  readonly access: Access;
  /** The time, epoch milliseconds. */
  readonly now: number;
}

/** No key has this hash; comparing with it makes an unknown key cost what a wrong one costs. */
const NO_HASH = '0'.repeat(64);

/**
 * Allows the request if the record is this key's, active, not expired, used from where it
 * may be and has what the rules ask for.
 * The secret is compared first, in constant time, whatever else is wrong: who can't prove the key
 * learns nothing from the time that the answer takes, and nothing of the rules.
 */
export function authorize({ key, record, address, access, now }: AuthorizeInput): Authorization {
  const proven = sameHash(hashKey(key.key), record?.hash ?? NO_HASH);
  if (record === undefined) {
    return { allow: false, reason: 'unknown-key' };
  }
  if (record.keyId !== key.keyId) {
    return { allow: false, reason: 'bad-record' };
  }
  if (!proven) {
    return { allow: false, reason: 'wrong-secret' };
  }
  if (record.status !== 'active') {
    return { allow: false, reason: 'revoked' };
  }
  // Written so that a time that is no number is a refusal.
  if (!(now < record.expiresAt * 1000)) {
    return { allow: false, reason: 'expired' };
  }
  if (record.cidrs !== undefined && !isInside(address, record.cidrs)) {
    return { allow: false, reason: 'address' };
  }
  if (access.kind === 'denied') {
    return { allow: false, reason: 'no-rule' };
  }
  if (access.kind === 'scope' && !record.scopes.includes(access.scope)) {
    return { allow: false, reason: 'scope', scope: access.scope };
  }
  return { allow: true, record };
}

/** Both are SHA-256 in hexadecimal; a record of another length never gets past `readRecord`. */
function sameHash(a: string, b: string): boolean {
  return (
    a.length === b.length && timingSafeEqual(Buffer.from(a, 'latin1'), Buffer.from(b, 'latin1'))
  );
}
