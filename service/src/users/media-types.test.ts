// Media types as clients really send them: odd parameters, none, and everything between.
import fc from 'fast-check';
import { edgeHeaders, newUser, startHarness } from '../../testing/harness';
import type { Harness } from '../../testing/harness';
import { JSON_API } from './jsonapi';

describe('negotiate', () => {
  let harness: Harness;
  let number = 0;
  beforeAll(async () => {
    harness = await startHarness({ LOG_LEVEL: 'error' });
  });
  afterAll(() => harness.close());

  const post = async (contentType: string): Promise<number> => {
    const user = newUser({ email: `media-${(number += 1)}@example.com` });
    return (await harness.call('POST', '/users', user, { 'content-type': contentType })).status;
  };

  it.each([
    [`${JSON_API};`, 201],
    [`${JSON_API} ;`, 201],
    [`${JSON_API};;`, 201],
    [`${JSON_API}; profile="x"`, 201],
    [`${JSON_API}; profile="a,b;c"`, 201],
    [`${JSON_API}; PROFILE=x`, 201],
    [`${JSON_API}; ext`, 201],
    [`${JSON_API}; ext=""`, 201],
    [`${JSON_API}; ext=" "`, 201],
    [`Application/Vnd.Api+Json`, 201],
    [`${JSON_API}; ext="x"`, 415],
    [`${JSON_API}; ext="x"; ext=""`, 415],
    [`${JSON_API}; ext=""; ext="x"`, 415],
    [`${JSON_API}; charset=utf-8`, 415],
    [`${JSON_API}; charset`, 415],
    [`${JSON_API}; =x`, 415],
    [`${JSON_API}; q=1`, 415],
    [`${JSON_API}, ${JSON_API}`, 415],
    [`${JSON_API}x`, 415],
    ['application/json', 415],
    ['text/json', 415],
    ['', 415],
    [';', 415],
    ['"', 415],
  ])('answers POST of %s by %i', async (contentType, status) => {
    expect(await post(contentType)).toBe(status);
  });

  it('answers any parameters by 201 or 415', async () => {
    const parameter = fc.oneof(
      fc.constantFrom(
        '',
        ' ',
        'ext',
        'profile',
        'ext=',
        '=',
        '"',
        'profile="a;b"',
        'ext="x"',
        'q=0',
      ),
      fc.stringMatching(/^[\x20-\x7e]{0,12}$/),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(parameter, { maxLength: 4 }), async (parameters) => {
        expect([201, 415]).toContain(await post([JSON_API, ...parameters].join(';')));
      }),
      { numRuns: 200 },
    );
  });

  it('says first that a path does not take a method, whatever the body is', async () => {
    const answer = await harness.runtime.app.request('/users/1', {
      method: 'POST',
      headers: edgeHeaders(),
    });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD, PATCH, DELETE']);
  });
});
