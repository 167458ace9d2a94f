// Bodies: received whole, and stored as they were sent or not at all.
import { documentOf, edgeHeaders, newUser, startHarness } from '../../testing/harness';
import type { Harness } from '../../testing/harness';
import { JSON_API } from '../users/jsonapi';

describe('receiveBody', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await startHarness({ LOG_LEVEL: 'error' });
  });
  afterAll(() => harness.close());

  const post = (body: Uint8Array<ArrayBuffer> | ReadableStream) =>
    harness.runtime.app.request('/users', {
      method: 'POST',
      headers: { ...edgeHeaders(), 'content-type': JSON_API },
      body,
      duplex: 'half',
    });
  /** A document whose name holds these bytes. */
  const named = (bytes: number[], email: string) => {
    const [before = '', after = ''] = JSON.stringify(newUser({ name: '§', email })).split('§');
    return Uint8Array.from([...Buffer.from(before), ...bytes, ...Buffer.from(after)]);
  };

  it.each([
    ['a byte that begins nothing', [0xff]],
    ['a letter that is cut off', [0xf0, 0x9f, 0x98]],
    ['half of a surrogate pair', [0xed, 0xa0, 0x80]],
    ['a letter that is spelt too long', [0xc1, 0x81]],
  ])('refuses %s, whether the length is declared or not', async (_, bytes) => {
    const body = named(bytes, 'bytes@example.com');
    for (const content of [body, new Blob([body]).stream()]) {
      const answer = await post(content);
      expect([answer.status, (await documentOf(answer)).errors[0]?.code]).toEqual([
        400,
        'malformed_json',
      ]);
    }
  });

  it('takes whatever is UTF-8, the replacement character too', async () => {
    const name = 'Ana 😀 \ufffd';
    const answer = await post(named([...Buffer.from(name)], 'utf8@example.com'));
    expect((await documentOf(answer)).data.attributes['name']).toBe(name);
  });

  it('refuses text that is coded, for nobody would decode it', async () => {
    const posted = (coding: string, email: string) =>
      harness.runtime.app.request('/users', {
        method: 'POST',
        headers: { ...edgeHeaders(), 'content-type': JSON_API, 'content-encoding': coding },
        body: JSON.stringify(newUser({ email })),
      });
    const answer = await posted('gzip', 'gzip@example.com');
    expect([answer.status, (await documentOf(answer)).errors[0]]).toMatchObject([
      415,
      { code: 'unsupported_media_type', source: { header: 'Content-Encoding' } },
    ]);
    expect((await posted('Identity', 'identity@example.com')).status).toBe(201);
  });

  it('leaves bytes alone that are no text', async () => {
    const answer = await harness.runtime.app.request('/users', {
      method: 'POST',
      headers: { ...edgeHeaders(), 'content-type': 'image/png' },
      body: Uint8Array.from([0xff]),
    });
    expect(answer.status).toBe(415);
  });
});
