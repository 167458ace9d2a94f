// Made-up identities: digits that follow from a text alone, and so are the same in every run.
import { createHash } from 'node:crypto';

/** Account that recorded ARNs name; AWS's own placeholder. */
export const RECORDED_ACCOUNT = '123456789012';

/** Hexadecimal digits that belong to a text. */
export function hex(seed: string, length: number): string {
  let digits = '';
  for (let block = 0; digits.length < length; block += 1) {
    digits += createHash('sha256').update(`${block}${seed}`).digest('hex');
  }
  return digits.slice(0, length);
}

/** The same in the form of a UUID. */
export function uuid(seed: string): string {
  const digits = hex(seed, 32);
  return [8, 12, 16, 20].reduceRight(
    (text, position) => `${text.slice(0, position)}-${text.slice(position)}`,
    digits,
  );
}
