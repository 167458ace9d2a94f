// Checks what a new key is asked to be, and says everything that is wrong with it at once.
import { isIP } from 'node:net';
import { isAddressBlock, MAX_ADDRESS_BLOCKS } from '../../contracts/address-block';
import { isKeyEnvironment, isScope, MAX_SCOPES } from '../../contracts/api-key';
import { nearest } from '../../contracts/did-you-mean';

export interface KeyRequest {
  /** Environment part of the key, from `keyEnvironment(stack)`. */
  readonly environment: string;
  /** E-mail address of whom the key is for. */
  readonly owner: string;
  /** What the key is for. @default '' */
  readonly name?: string;
  readonly scopes: readonly string[];
  /** Scopes that a key of the stack may carry. @default not checked */
  readonly knownScopes?: readonly string[] | undefined;
  /** Addresses, or blocks of them, that the key may be used from. @default every address */
  readonly cidrs?: readonly string[] | undefined;
  /** Lifetime. @default DEFAULT_LIFETIME_SECONDS */
  readonly expiresInSeconds?: number;
}

/** With the defaults filled in, and blocks in place of single addresses. */
export type CheckedKeyRequest = Required<Omit<KeyRequest, 'knownScopes' | 'cidrs'>> &
  Pick<KeyRequest, 'cidrs'>;

/** 90 days. */
export const DEFAULT_LIFETIME_SECONDS = 90 * 86_400;

/** Two years: a key that outlives its owner's memory is a risk, not a service. */
export const MAX_LIFETIME_SECONDS = 730 * 86_400;

/** Thrown with every problem of a request in its message. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
}

/**
 * Fills in the defaults and checks.
 * @throws RequestError that lists each problem with what was expected.
 */
export function checkKeyRequest(request: KeyRequest): CheckedKeyRequest {
  const { knownScopes, ...rest } = request;
  const checked = {
    ...rest,
    name: request.name ?? '',
    scopes: [...new Set(request.scopes)],
    cidrs: request.cidrs && [...new Set(request.cidrs.map(asBlock))],
    expiresInSeconds: request.expiresInSeconds ?? DEFAULT_LIFETIME_SECONDS,
  };
  const problems: string[] = [];
  if (!isKeyEnvironment(checked.environment)) {
    problems.push(`the environment "${checked.environment}" is no part of a key`);
  }
  // ASCII alone: the owner travels in a header.
  if (!/^[!-?A-~]+@[!-?A-~]+$/.test(checked.owner) || checked.owner.length > 254) {
    problems.push(`the owner ${quote(checked.owner)} is no e-mail address (ASCII, at most 254)`);
  }
  if (checked.name.length > 100 || /\p{Cc}/u.test(checked.name)) {
    problems.push('the name is longer than 100 characters or has control characters');
  }
  problems.push(...scopeProblems(checked.scopes, knownScopes));
  if (checked.scopes.length > MAX_SCOPES) {
    problems.push(`${checked.scopes.length} scopes were given, expected at most ${MAX_SCOPES}`);
  }
  problems.push(...blockProblems(checked.cidrs));
  const { expiresInSeconds } = checked;
  if (
    !Number.isInteger(expiresInSeconds) ||
    expiresInSeconds <= 0 ||
    expiresInSeconds > MAX_LIFETIME_SECONDS
  ) {
    problems.push('the lifetime is not between 1 second and 730 days');
  }
  if (problems.length > 0) {
    throw new RequestError(`The key was not issued: ${problems.join('; ')}.`);
  }
  return checked;
}

/** An API whose rules ask for no scope has none to give: there a key carries none. */
function scopeProblems(
  scopes: readonly string[],
  known: readonly string[] | undefined,
): readonly string[] {
  if (known === undefined) {
    return scopes
      .filter((scope) => !isScope(scope))
      .map((scope) => `the scope ${quote(scope)} is no scope: expected one such as orders:read`);
  }
  if (scopes.length === 0 && known.length > 0) {
    return [`no scope was given, expected at least one of ${known.join(', ')}`];
  }
  return scopes
    .filter((scope) => !known.includes(scope))
    .map((scope) => {
      if (known.length === 0) return `the scope ${quote(scope)} is unknown: the API has no scopes`;
      const near = nearest(scope, known);
      return (
        `the scope ${quote(scope)} is none of ${known.join(', ')}` +
        (near === undefined ? '' : ` (did you mean ${near}?)`)
      );
    });
}

/** A single address as the block that holds it alone. */
function asBlock(text: string): string {
  const longest = { 4: '/32', 6: '/128' }[isIP(text)];
  return longest === undefined ? text : `${text}${longest}`;
}

function blockProblems(blocks: readonly string[] | undefined): string[] {
  if (blocks === undefined) return [];
  if (blocks.length === 0 || blocks.length > MAX_ADDRESS_BLOCKS) {
    return [`${blocks.length} address blocks were given, expected 1 to ${MAX_ADDRESS_BLOCKS}`];
  }
  return blocks
    .filter((block) => !isAddressBlock(block))
    .map((block) => `${quote(block)} is no address block, such as 203.0.113.0/24 or 2001:db8::/32`);
}

/** Quotes, escapes and shortens, so that odd input can't mess up a terminal. */
function quote(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}
