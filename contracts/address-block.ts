// Blocks of addresses that a key may be bound to, and whether an address is in one: IPv4 and IPv6.
import { BlockList, isIP } from 'node:net';

/** Most blocks that a key may be bound to. */
export const MAX_ADDRESS_BLOCKS = 32;

const LONGEST_PREFIX: Readonly<Record<number, number>> = { 4: 32, 6: 128 };

/** Whether `text` is a block such as `203.0.113.0/24` or `2001:db8::/32`; all addresses are none. */
export function isAddressBlock(text: string): boolean {
  const [, address = '', prefix] = /^([0-9A-Fa-f.:]{2,45})\/([1-9]\d{0,2})$/.exec(text) ?? [];
  return Number(prefix) <= (LONGEST_PREFIX[isIP(address)] ?? 0);
}

/** Made once for the blocks of a record, which lives on in a cache. */
const lists = new WeakMap<readonly string[], BlockList>();

/**
 * Whether an address is in one of the blocks; what is no address is in none.
 * @param blocks each as {@link isAddressBlock} demands.
 */
export function isInside(address: string, blocks: readonly string[]): boolean {
  const family = isIP(address);
  if (family === 0) {
    return false;
  }
  const list = lists.get(blocks) ?? listOf(blocks);
  lists.set(blocks, list);
  return list.check(address, `ipv${family as 4 | 6}`);
}

function listOf(blocks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const block of blocks) {
    const [address = '', prefix] = block.split('/');
    list.addSubnet(address, Number(prefix), `ipv${isIP(address) as 4 | 6}`);
  }
  return list;
}
