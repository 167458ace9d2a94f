// What counts as a record: every attribute there and well formed, or none of it is believed.
import fc from 'fast-check';
import { readRecord } from './record';
import { dynamoItem, makeKey, makeRecord } from './testing/keys';

const RECORD = makeRecord(makeKey());
const ITEM = dynamoItem(RECORD);

describe('readRecord', () => {
  it('reads a record', () => {
    expect(readRecord(ITEM)).toEqual(RECORD);
  });

  it('reads the addresses that a key is bound to, none included', () => {
    for (const cidrs of [['203.0.113.0/24', '2001:db8::/32'], []]) {
      const bound = makeRecord(makeKey(), { cidrs });
      expect(readRecord(dynamoItem(bound))).toEqual(bound);
    }
  });

  it.each(Object.keys(ITEM))('refuses a record without %s', (name) => {
    expect(readRecord({ ...ITEM, [name]: undefined })).toBeUndefined();
  });

  it.each<[string, unknown]>([
    ['an id of another form', { keyId: { S: 'short' } }],
    ['an id of another type', { keyId: { N: '1' } }],
    ['a short hash', { hash: { S: 'abcd' } }],
    ['a hash in upper case', { hash: { S: RECORD.hash.toUpperCase().replace(/\d/g, 'A') } }],
    ['an owner with a line feed', { owner: { S: 'a@b.c\r\nx-gatehouse-scopes: orders:write' } }],
    ['an owner beyond ASCII', { owner: { S: 'j\u00f6rg@example.com' } }],
    ['an empty owner', { owner: { S: '' } }],
    ['an owner of 300 characters', { owner: { S: 'a'.repeat(300) } }],
    ['another status', { status: { S: 'Active' } }],
    ['an expiry that is no number', { expiresAt: { N: 'never' } }],
    ['an endless expiry', { expiresAt: { N: 'Infinity' } }],
    ['an expiry in text', { expiresAt: { S: '99999999999' } }],
    ['scopes in one text', { scopes: { S: 'orders:read' } }],
    ['a scope with a blank', { scopes: { L: [{ S: 'orders:read orders:write' }] } }],
    ['a scope that is a number', { scopes: { L: [{ N: '1' }] } }],
    ['33 scopes', { scopes: { L: Array.from({ length: 33 }, () => ({ S: 'a' })) } }],
    ['addresses in one text', { cidrs: { S: '203.0.113.0/24' } }],
    ['addresses in a set', { cidrs: { SS: ['203.0.113.0/24'] } }],
    ['addresses that are null', { cidrs: { NULL: true } }],
    ['an address without a block', { cidrs: { L: [{ S: '203.0.113.7' }] } }],
    ['33 blocks', { cidrs: { L: Array.from({ length: 33 }, () => ({ S: '10.0.0.0/8' })) } }],
  ])('refuses %s', (_, changes) => {
    expect(readRecord({ ...ITEM, ...(changes as object) })).toBeUndefined();
  });

  it.each([[undefined], [null], ['text'], [1], [[]], [{}]])('refuses %j', (item) => {
    expect(readRecord(item)).toBeUndefined();
  });

  it('believes no inherited attribute', () => {
    expect(readRecord(Object.create(ITEM))).toBeUndefined();
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.anything(), fc.constantFrom('cidrs', ...Object.keys(ITEM)), (value, name) => {
        readRecord(value);
        readRecord({ ...ITEM, [name]: value });
      }),
    );
  });
});
