// Finds the one API key that a request carries, and what is wrong when it carries none or several.
import { Buffer } from 'node:buffer';
import { keyFromBasic, parseKey, type ParsedKey } from '../contracts/api-key';
import { API_KEY_HEADER, type KeyForms } from '../contracts/headers';
import type { EdgeDenyReason } from '../contracts/metrics';

/** Headers as CloudFront hands them over: lower-case names, a list of values each. */
export type ViewerHeaders = Readonly<Record<string, readonly { readonly value: string }[]>>;

export type CredentialProblem = Extract<
  EdgeDenyReason,
  'no-credential' | 'several-credentials' | 'key-form' | 'malformed-key'
>;

export type Credential = { readonly key: ParsedKey } | { readonly problem: CredentialProblem };

/** Longer than any key in any of its forms. */
const MAX_VALUE_LENGTH = 256;

/**
 * Reads `x-api-key`, `Authorization: Bearer KEY` or `Authorization: Basic base64(keyId:secret)`.
 * Several credentials are refused rather than ranked: whoever adds a header must not choose the key.
 * @param stack what of the stack's settings decides: the forms that it accepts, and its key
 * environment, which Basic credentials leave out.
 */
export function readCredential(
  headers: ViewerHeaders,
  { environment, keyForms }: { readonly environment: string; readonly keyForms: KeyForms },
): Credential {
  const apiKeys = valuesOf(headers, API_KEY_HEADER);
  const authorizations = valuesOf(headers, 'authorization');
  const [value, ...others] = [...apiKeys, ...authorizations];
  if (value === undefined) {
    return { problem: 'no-credential' };
  }
  // A proxy may fold a repeated header into one line with commas; no key contains one.
  if (others.length > 0 || value.includes(',')) {
    return { problem: 'several-credentials' };
  }
  if (apiKeys.length === 0 && keyForms !== 'any') {
    return { problem: 'key-form' };
  }
  const key = apiKeys.length > 0 ? parseKey(value) : keyOfAuthorization(value, environment);
  return key === undefined ? { problem: 'malformed-key' } : { key };
}

/** Values of a header under any spelling of its name, without surrounding blanks and empty ones. */
function valuesOf(headers: ViewerHeaders, name: string): string[] {
  return Object.entries(headers)
    .filter(([other]) => other.toLowerCase() === name)
    .flatMap(([, values]) => values.map(({ value }) => withoutBlanks(value)))
    .filter((value) => value !== '');
}

/**
 * Only what HTTP calls blank: a no-break space is part of the value, and makes it malformed. A long
 * value is no key anyway, and blanks without end would keep the expression busy.
 */
function withoutBlanks(value: string): string {
  return value.length > MAX_VALUE_LENGTH ? value : value.replace(/^[ \t]+|[ \t]+$/g, '');
}

function keyOfAuthorization(value: string, environment: string): ParsedKey | undefined {
  // One blank or more (RFC 9110, section 11.4); WAF counts them as one.
  const [, scheme = '', credentials = ''] = /^([A-Za-z]+) +([A-Za-z0-9_+/=-]+)$/.exec(value) ?? [];
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return parseKey(credentials);
    case 'basic':
      return keyOfBasic(credentials, environment);
    default:
      return undefined;
  }
}

function keyOfBasic(credentials: string, environment: string): ParsedKey | undefined {
  const bytes = Buffer.from(credentials, 'base64');
  // Buffer skips what is not base64; two spellings of one credential are one too many.
  if (bytes.toString('base64') !== credentials) {
    return undefined;
  }
  const text = bytes.toString('latin1');
  const colon = text.indexOf(':');
  return keyFromBasic(environment, text.slice(0, Math.max(colon, 0)), text.slice(colon + 1));
}
