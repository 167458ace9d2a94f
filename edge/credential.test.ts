// Where a key may be in a request, and the ways in which it may not.
import { Buffer } from 'node:buffer';
import type { KeyForms } from '../contracts/headers';
import { readCredential } from './credential';
import { cloudFrontHeaders } from './testing/events';
import { makeKey } from './testing/keys';

const KEY = makeKey();
const OTHER = makeKey('Zz0000000000');
const SECRET = KEY.key.slice(-49);
const base64 = (text: string) => Buffer.from(text, 'latin1').toString('base64');
const read = (headers: Record<string, string | string[]>, keyForms: KeyForms = 'any') =>
  readCredential(cloudFrontHeaders(headers), { environment: 'dev', keyForms });

describe('readCredential', () => {
  it.each<[string, Record<string, string | string[]>]>([
    ['x-api-key', { 'x-api-key': KEY.key }],
    ['an odd spelling of it', { 'X-Api-KEY': KEY.key }],
    ['blanks around', { 'x-api-key': ` \t${KEY.key} ` }],
    ['Bearer', { authorization: `Bearer ${KEY.key}` }],
    ['bearer in odd case', { authorization: `bEARER ${KEY.key}` }],
    ['two blanks after the scheme', { authorization: `Bearer  ${KEY.key}` }],
    ['Basic', { authorization: `Basic ${base64(`${KEY.keyId}:${SECRET}`)}` }],
    ['a key beside an empty header', { 'x-api-key': KEY.key, authorization: '' }],
  ])('reads %s', (_, headers) => {
    expect(read(headers)).toEqual({ key: KEY });
  });

  it.each<[string, Record<string, string | string[]>]>([
    ['nothing', {}],
    ['an empty header', { 'x-api-key': '' }],
    ['a blank one', { authorization: ' \t ' }],
    ['a repeated empty one', { 'x-api-key': ['', ''] }],
    ['a key in another header', { cookie: `key=${KEY.key}` }],
  ])('finds none in %s', (_, headers) => {
    expect(read(headers)).toEqual({ problem: 'no-credential' });
  });

  it.each<[string, Record<string, string | string[]>]>([
    ['both headers', { 'x-api-key': KEY.key, authorization: `Bearer ${KEY.key}` }],
    ['both, one of them foreign', { 'x-api-key': KEY.key, authorization: 'Digest x' }],
    ['the header twice', { 'x-api-key': [KEY.key, OTHER.key] }],
    ['the same key twice', { 'x-api-key': [KEY.key, KEY.key] }],
    ['the other header twice', { authorization: [`Bearer ${KEY.key}`, `Bearer ${OTHER.key}`] }],
    ['two values in one line', { 'x-api-key': `${KEY.key}, ${OTHER.key}` }],
    ['two schemes in one line', { authorization: `Bearer ${KEY.key}, Basic eDp5` }],
  ])('refuses to choose from %s', (_, headers) => {
    expect(read(headers)).toEqual({ problem: 'several-credentials' });
  });

  it('takes a key in x-api-key alone where the stack says so', () => {
    expect(read({ 'x-api-key': KEY.key }, 'x-api-key')).toEqual({ key: KEY });
    const basic = base64(`${KEY.keyId}:${SECRET}`);
    for (const authorization of [`Bearer ${KEY.key}`, `Basic ${basic}`, 'Digest x']) {
      expect(read({ authorization }, 'x-api-key')).toEqual({ problem: 'key-form' });
    }
    const both = { 'x-api-key': KEY.key, authorization: `Bearer ${KEY.key}` };
    expect(read(both, 'x-api-key')).toEqual({ problem: 'several-credentials' });
  });

  it('sees a header under two spellings of its name', () => {
    const twice = { 'x-api-key': [{ value: KEY.key }], 'X-API-Key': [{ value: OTHER.key }] };
    expect(readCredential(twice, { environment: 'dev', keyForms: 'any' })).toEqual({
      problem: 'several-credentials',
    });
  });

  it.each<[string, Record<string, string | string[]>]>([
    ['no key', { 'x-api-key': 'hunter2' }],
    ['a key with a scheme', { 'x-api-key': `Bearer ${KEY.key}` }],
    ['a mistyped key', { 'x-api-key': KEY.key.replace('xx', 'xy') }],
    ['10,000 characters', { 'x-api-key': 'k'.repeat(10_000) }],
    ['10,000 blanks and a key', { authorization: ' '.repeat(10_000) + KEY.key }],
    ['a no-break space', { 'x-api-key': `\u00a0${KEY.key}` }],
    ['a key in quotes', { 'x-api-key': `"${KEY.key}"` }],
    ['a percent escape', { 'x-api-key': KEY.key.replace('_', '%5F') }],
    ['no scheme', { authorization: KEY.key }],
    ['a scheme alone', { authorization: 'Bearer' }],
    ['another scheme', { authorization: `Negotiate ${KEY.key}` }],
    ['a tab after the scheme', { authorization: `Bearer\t${KEY.key}` }],
    ['two tokens', { authorization: `Bearer ${KEY.key} ${KEY.key}` }],
    ['Basic of the whole key', { authorization: `Basic ${base64(KEY.key)}` }],
    ['Basic with the key as user', { authorization: `Basic ${base64(`${KEY.key}:`)}` }],
    ['Basic with one colon more', { authorization: `Basic ${base64(`${KEY.keyId}:${SECRET}:`)}` }],
    ['Basic that is no base64', { authorization: 'Basic -_-_' }],
    [
      'Basic without its padding',
      { authorization: `Basic ${base64(`${KEY.keyId}:${SECRET}`).replace(/=+$/, '')}` },
    ],
    [
      'Basic with a byte above ASCII',
      { authorization: `Basic ${base64(`${KEY.keyId}\u00ff:${SECRET}`)}` },
    ],
    ['Basic with the wrong id', { authorization: `Basic ${base64(`${OTHER.keyId}:${SECRET}`)}` }],
  ])('takes %s for no key', (_, headers) => {
    expect(read(headers)).toEqual({ problem: 'malformed-key' });
  });
});
