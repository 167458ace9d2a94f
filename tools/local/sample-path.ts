// A path by which a rule can be shown or tried.
import type { AccessRule } from '../../contracts/access';

/** A path that a rule fits: `/orders` for `/orders/**`, `/orders/1` for `/orders/*`. */
export function samplePath({ path }: Pick<AccessRule, 'path'>): string {
  const sample = path.replace(/\/\*\*$/, '').replaceAll('*', '1');
  return sample === '' ? '/' : sample;
}
