// What counts as an e-mail address, and the one form in which it is stored and compared.
import { domainToASCII } from 'node:url';

/** RFC 5321: 64 octets of local part, `@`, 255 of domain. */
export const MAX_EMAIL_CHARACTERS = 320;
const MAX_LOCAL_CHARACTERS = 64;
const MAX_DOMAIN_CHARACTERS = 255;
// Atoms of RFC 5322 joined by single dots, and anything beyond ASCII (RFC 6531); no quoted strings.
const LOCAL_PART =
  /^[a-z0-9!#$%&'*+/=?^_`{|}~\u0080-\u{10ffff}-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~\u0080-\u{10ffff}-]+)*$/iu;
const DOMAIN = /^(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))+$/;

/**
 * The stored form of an address: composed (NFC), lower case, the domain in its ASCII form, so that
 * `Ana@Bücher.example` and `ana@xn--bcher-kva.example` are one address.
 * @returns `undefined` when it is not an e-mail address.
 */
export function normaliseEmail(text: string): string | undefined {
  const composed = text.trim().normalize('NFC').toLowerCase();
  const at = composed.lastIndexOf('@');
  const local = composed.slice(0, Math.max(at, 0));
  const domain = domainToASCII(composed.slice(at + 1));
  const fits =
    // Control characters, unpaired surrogates and anything that looks like a space.
    !/[\p{Cc}\p{Cs}\p{Z}]/u.test(composed) &&
    local.length <= MAX_LOCAL_CHARACTERS &&
    domain.length <= MAX_DOMAIN_CHARACTERS &&
    LOCAL_PART.test(local) &&
    DOMAIN.test(domain);
  return fits ? `${local}@${domain}` : undefined;
}
