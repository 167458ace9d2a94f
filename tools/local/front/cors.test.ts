import type { OutgoingHttpHeaders } from 'node:http';
import { addCors } from './cors';
import type { CorsPolicy } from './cors';

const ORIGIN = 'https://app.example.com';
const POLICY: CorsPolicy = {
  origins: [ORIGIN],
  exposedHeaders: ['etag', 'x-request-id'],
  allowCredentials: false,
  override: true,
};

function added(
  policy: Partial<CorsPolicy>,
  origin: string | undefined,
  answer: OutgoingHttpHeaders = {},
): OutgoingHttpHeaders {
  addCors({ ...POLICY, ...policy }, origin === undefined ? {} : { origin }, answer);
  return answer;
}

describe('addCors', () => {
  it('lets a page of an allowed origin read the answer', () => {
    expect(added({}, ORIGIN)).toEqual({
      'access-control-allow-origin': ORIGIN,
      'access-control-expose-headers': 'etag, x-request-id',
      vary: 'Origin',
    });
  });

  it.each([undefined, 'https://evil.example', `${ORIGIN}.evil.example`, 'null', '*'])(
    'gives the origin %s nothing but the word that it matters',
    (origin) => {
      expect(added({}, origin)).toEqual({ vary: 'Origin' });
    },
  );

  it('names no origin where all are allowed', () => {
    expect(added({ origins: ['*'] }, ORIGIN)).toMatchObject({ 'access-control-allow-origin': '*' });
    expect(added({ origins: ['*'] }, undefined)).toEqual({});
  });

  it('keeps what the answer varies by, and says each once', () => {
    expect(added({}, ORIGIN, { vary: 'Accept' }).vary).toBe('Accept, Origin');
    expect(added({}, ORIGIN, { vary: 'origin, Accept' }).vary).toBe('Accept, Origin');
  });

  it('replaces what the origin says only where the policy overrides', () => {
    const own = { 'access-control-allow-origin': '*' };
    expect(added({}, ORIGIN, { ...own })).toMatchObject({ 'access-control-allow-origin': ORIGIN });
    expect(added({ override: false }, ORIGIN, { ...own })).toMatchObject(own);
  });
});
