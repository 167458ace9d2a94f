// Errors: what is thrown, by which code it goes out, and in which form.
import { HTTPException } from 'hono/http-exception';
import { isTransient, KIT_ERRORS, renderProblems, ServiceError, toServiceError } from './errors';

describe('renderProblems', () => {
  const render = (...problems: Parameters<typeof renderProblems>[0]) =>
    renderProblems(
      problems,
      { ...KIT_ERRORS, mine: { status: 422, title: 'Mine' } },
      'problem',
      'r',
    );

  it('makes problem details of one problem', () => {
    const { status, contentType, body } = render({
      code: 'mine',
      detail: 'It is too long.',
      source: { pointer: '/text' },
    });
    expect([status, contentType]).toEqual([422, 'application/problem+json']);
    expect(JSON.parse(body)).toEqual({
      title: 'Mine',
      status: 422,
      detail: 'It is too long.',
      code: 'mine',
      requestId: 'r',
      source: { pointer: '/text' },
    });
  });

  it('lists several, under the status that they share or the general one', () => {
    const [long, lost] = [
      { code: 'mine', detail: 'Too long.' },
      { code: 'not_found', detail: 'Not there.' },
    ];
    expect(JSON.parse(render(long, long).body)).toMatchObject({
      status: 422,
      errors: [long, long],
    });
    expect(render(long, lost).status).toBe(400);
  });

  it('takes a code that nobody declared for a failure of the service', () => {
    expect(render({ code: 'typo', detail: 'x' }).status).toBe(500);
  });
});

describe('toServiceError', () => {
  it.each([
    [new HTTPException(400, { message: 'Malformed JSON in request body' }), 'malformed_json'],
    [new HTTPException(400, { message: 'odd' }), 'invalid_request'],
    [new HTTPException(415), 'unsupported_media_type'],
    [new HTTPException(418), 'invalid_request'],
    [new HTTPException(500), 'internal'],
    [new HTTPException(503), 'dependency_unavailable'],
    [new ServiceError({ code: 'not_found', detail: 'x' }), 'not_found'],
    [Object.assign(new Error('x'), { $fault: 'server' }), 'dependency_unavailable'],
    [new Error('x'), 'internal'],
    ['x', 'internal'],
  ])('makes of %s %s', (thrown, code) => {
    expect(toServiceError(thrown).problems[0].code).toBe(code);
  });
});

describe('isTransient', () => {
  it.each([
    ['a string', 'x', false],
    ['an unknown error', new Error('x'), false],
    ['a lost connection', Object.assign(new Error('x'), { code: 'ECONNRESET' }), true],
    ['a 5xx', Object.assign(new Error('x'), { $metadata: { httpStatusCode: 502 } }), true],
    ['a 4xx', Object.assign(new Error('x'), { $metadata: { httpStatusCode: 400 } }), false],
  ])('knows %s', (_, error, transient) => {
    expect(isTransient(error)).toBe(transient);
  });
});
