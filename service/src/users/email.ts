// What counts as an e-mail address, and the one form in which it is stored and compared.
import { domainToASCII, domainToUnicode } from 'node:url';

/** RFC 5321: 64 octets of local part, `@`, 255 of domain. */
export const MAX_EMAIL_CHARACTERS = 320;
const MAX_LOCAL_CHARACTERS = 64;
const MAX_DOMAIN_CHARACTERS = 255;
// Atoms of RFC 5322 joined by single dots, and anything beyond ASCII (RFC 6531); no quoted strings.
const LOCAL_PART =
  /^[a-z0-9!#$%&'*+/=?^_`{|}~\u0080-\u{10ffff}-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~\u0080-\u{10ffff}-]+)*$/iu;
// Labels; the last is no number, or it would be an IPv4 address.
const DOMAIN = /^((?!-)[a-z0-9-]{1,63}(?<!-)\.)+(?!-|\d+$)[a-z0-9-]{1,63}(?<!-)$/;

/** What nobody sees: an address that holds it looks like another one. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Z}\p{Default_Ignorable_Code_Point}]/u;

/**
 * The stored form of an address: without blanks around it, composed (NFC), lower case (of the two
 * small sigmas the one within words), the domain in its ASCII form, so that `Ana@Bücher.example` and
 * `ana@xn--bcher-kva.example` are one address. Nothing else is changed, and nothing dropped.
 * @returns `undefined` when it is not an e-mail address.
 */
export function normaliseEmail(text: string): string | undefined {
  const composed = lowerCase(text.trim().normalize('NFC'));
  const at = composed.lastIndexOf('@');
  const local = composed.slice(0, Math.max(at, 0)).replaceAll('ς', 'σ');
  const domain = asciiDomain(composed.slice(at + 1));
  const fits =
    domain !== undefined &&
    !UNSEEN.test(composed) &&
    local.length <= MAX_LOCAL_CHARACTERS &&
    domain.length <= MAX_DOMAIN_CHARACTERS &&
    LOCAL_PART.test(local) &&
    DOMAIN.test(domain);
  return fits ? `${local}@${domain}` : undefined;
}

/** Letter by letter: JavaScript's own way depends on what stands around a sigma. */
function lowerCase(text: string): string {
  return Array.from(text, (letter) => letter.toLowerCase())
    .join('')
    .normalize('NFC');
}

/**
 * A domain in ASCII. Node.js reads one as a URL does, which decodes, drops and cuts off: only what it
 * left as it was, or what IDNA alone made of it, is that domain.
 */
function asciiDomain(domain: string): string | undefined {
  const ascii = domainToASCII(domain);
  const [asciiLabels, unicodeLabels] = [ascii, domainToUnicode(ascii)].map((one) => one.split('.'));
  const labels = domain.split('.');
  const isSame =
    labels.length === asciiLabels?.length &&
    labels.every((label, at) => label === asciiLabels[at] || label === unicodeLabels?.[at]);
  return isSame ? ascii : undefined;
}
