// Addresses: one stored form each, and never somebody else's.
import fc from 'fast-check';
import { normaliseEmail } from './email';

describe('normaliseEmail', () => {
  it.each([
    ['Ada@Example.COM', 'ada@example.com'],
    [' ada@example.com\t', 'ada@example.com'],
    ['ada@Bücher.example', 'ada@xn--bcher-kva.example'],
    ['ada@bücher.example', 'ada@xn--bcher-kva.example'],
    ['ada@XN--bcher-kva.example', 'ada@xn--bcher-kva.example'],
    ['ada@xn--bcher-kva.bücher', 'ada@xn--bcher-kva.xn--bcher-kva'],
    ['ada@straße.example', 'ada@xn--strae-oqa.example'],
    // Upper case has one sigma, lower case two: all three are one address.
    ['ΑΣ@example.com', 'ασ@example.com'],
    ['ας@example.com', 'ασ@example.com'],
    ['ασ@example.com', 'ασ@example.com'],
    ['ada@ΑΣ.example', 'ada@xn--mxa0b.example'],
    ['o+tag@example.com', 'o+tag@example.com'],
  ])('stores %s as %s', (text, stored) => {
    expect(normaliseEmail(text)).toBe(stored);
  });

  it.each([
    'ada@example.com/evil?x',
    'ada@example.com#frag',
    'ada@example.com\\x',
    'ada@ex%61mple.com',
    'ada@example.com:80',
    'ada@eve@example.com',
    'ada@exam\u00adple.com',
    'ada@exam\u200bple.com',
    'ad\u200ba@example.com',
    'ad\u2060a@example.com',
    'ad\ufe0fa@example.com',
    'ada@ｅxample.com',
    'ada@example。com',
    'ada@0x7f.1',
    'ada@127.0.0.1',
    'ada@example.com.',
  ])('takes %j for no address', (text) => {
    expect(normaliseEmail(text)).toBeUndefined();
  });

  it('drops nothing: whatever is put into an address makes it another one, or none', () => {
    const junk = fc.oneof(
      fc.string({ minLength: 1, maxLength: 6, unit: 'binary' }),
      fc.stringMatching(/^[/?#\\%:;,@0-9a-f.]{1,4}$/),
      fc.constantFrom(
        '\u00ad',
        '\u200b',
        '\u200d',
        '\u2060',
        '\ufeff',
        '\ufe0f',
        '\u{e0001}',
        '%61',
      ),
    );
    fc.assert(
      fc.property(fc.emailAddress(), junk, fc.nat(), (email, inserted, place) => {
        const at = place % (email.length + 1);
        const other = `${email.slice(0, at)}${inserted}${email.slice(at)}`;
        fc.pre(other.trim() !== email);
        const stored = normaliseEmail(other);
        return stored === undefined || stored !== normaliseEmail(email);
      }),
      { numRuns: 2000 },
    );
  });

  it('is the same again for what it made, whatever the case', () => {
    const address = fc
      .tuple(fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme' }), fc.emailAddress())
      .map(([before, email]) => `${before}${email}`);
    fc.assert(
      fc.property(address, (text) => {
        const stored = normaliseEmail(text);
        if (stored === undefined) return true;
        expect(stored).toBe(stored.normalize('NFC'));
        expect(normaliseEmail(stored)).toBe(stored);
        return true;
      }),
      { numRuns: 1000 },
    );
  });
});
