// Checks what a new key is asked to be, and says everything that is wrong with it at once.
import { isKeyEnvironment } from '../../contracts/api-key';
import { SCOPES } from '../../contracts/scopes';

export interface KeyRequest {
  /** Environment part of the key, from `keyEnvironment(stack)`. */
  readonly environment: string;
  /** E-mail address of whom the key is for. */
  readonly owner: string;
  /** What the key is for. @default '' */
  readonly name?: string;
  readonly scopes: readonly string[];
  /** Lifetime. @default DEFAULT_LIFETIME_SECONDS */
  readonly expiresInSeconds?: number;
}

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
export function checkKeyRequest(request: KeyRequest): Required<KeyRequest> {
  const checked = {
    ...request,
    name: request.name ?? '',
    scopes: [...new Set(request.scopes)],
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
  if (checked.scopes.length === 0) {
    problems.push(`no scope was given, expected at least one of ${SCOPES.join(', ')}`);
  }
  for (const scope of checked.scopes) {
    if (!(SCOPES as readonly string[]).includes(scope)) {
      problems.push(`the scope ${quote(scope)} is none of ${SCOPES.join(', ')}`);
    }
  }
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

/** Quotes, escapes and shortens, so that odd input can't mess up a terminal. */
function quote(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}
