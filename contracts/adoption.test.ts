// Tests of how the engine is told to take over what exists.
import { importOption, KEY_ID, TABLE_NAME } from './adoption';

describe('importOption', () => {
  it('says nothing for what the stack makes itself', () => {
    expect(importOption(undefined, 'us-east-1')).toEqual({});
  });

  it('names the region of what is not at home', () => {
    expect(importOption('gh-users-1')).toEqual({ import: 'gh-users-1' });
    expect(importOption('mrk-1', 'us-east-1')).toEqual({ import: 'mrk-1@us-east-1' });
  });
});

describe('KEY_ID and TABLE_NAME', () => {
  it.each(['1234abcd-12ab-34cd-56ef-1234567890ab', `mrk-${'0'.repeat(32)}`])('take %s', (id) => {
    expect(KEY_ID.test(id)).toBe(true);
  });

  it.each(['alias/x', 'arn:aws:kms:eu-central-1:1:key/1234abcd-12ab-34cd-56ef-1234567890ab'])(
    'take no key %s',
    (id) => expect(KEY_ID.test(id)).toBe(false),
  );

  it.each(['ab', 'a/b', 'a b', 'a'.repeat(256)])('take no table %s', (name) => {
    expect(TABLE_NAME.test(name)).toBe(false);
  });
});
