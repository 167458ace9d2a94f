// Address blocks: their form, and membership held against arithmetic on the bits.
import fc from 'fast-check';
import { isAddressBlock, isInside } from './address-block';

describe('isAddressBlock', () => {
  it.each(['203.0.113.0/24', '203.0.113.7/32', '10.0.0.0/1', '2001:db8::/32', '::1/128'])(
    'takes %s',
    (text) => {
      expect(isAddressBlock(text)).toBe(true);
    },
  );

  it.each([
    ...['', '203.0.113.7', '203.0.113.0/33', '0.0.0.0/0', '::/0', '2001:db8::/129', '/24'],
    ...[
      '203.0.113/24',
      '203.0.113.0/024',
      '203.0.113.0/24 ',
      'fe80::1%eth0/64',
      'a.b/8',
      '1.2.3.4/-1',
    ],
  ])('refuses %j', (text) => {
    expect(isAddressBlock(text)).toBe(false);
  });
});

describe('isInside', () => {
  const BLOCKS = ['203.0.113.0/24', '2001:db8:1::/48'];

  it.each([
    ['203.0.113.0', true],
    ['203.0.113.255', true],
    ['203.0.114.0', false],
    ['::ffff:203.0.113.5', true],
    ['2001:db8:1:ffff::7', true],
    ['2001:DB8:1::', true],
    ['2001:db8:2::', false],
    ['', false],
    ['203.0.113', false],
    ['203.0.113.5, 198.51.100.1', false],
    ['localhost', false],
  ])('says of %j: %s', (address, expected) => {
    expect(isInside(address, BLOCKS)).toBe(expected);
  });

  it('finds nobody in no block', () => {
    expect(isInside('203.0.113.5', [])).toBe(false);
  });

  it('agrees with arithmetic for every block of IPv4 and IPv6', () => {
    const shapes = [
      { bits: 32n, write: (n: bigint) => bytes(n, 4).join('.') },
      { bits: 128n, write: (n: bigint) => words(n).join(':') },
    ];
    for (const { bits, write } of shapes) {
      const number = fc.bigInt({ min: 0n, max: 2n ** bits - 1n });
      const prefix = fc.bigInt({ min: 1n, max: bits });
      const flipped = fc.bigInt({ min: 0n, max: bits - 1n });
      fc.assert(
        fc.property(number, prefix, flipped, (base, length, bit) => {
          const other = base ^ (1n << bit);
          const block = `${write(base)}/${length}`;
          expect(isInside(write(base), [block])).toBe(true);
          expect(isInside(write(other), [block])).toBe(bit < bits - length);
        }),
      );
    }
  });
});

function bytes(value: bigint, count: number): bigint[] {
  return Array.from({ length: count }, (_, i) => (value >> BigInt(8 * (count - 1 - i))) & 255n);
}

function words(value: bigint): string[] {
  return Array.from({ length: 8 }, (_, i) =>
    ((value >> BigInt(16 * (7 - i))) & 0xffffn).toString(16),
  );
}
