// Tests of access rules: what fits what, and which rules contradict each other.
import fc from 'fast-check';
import { accessTo, methodsOf, ruleProblems, type AccessRule } from './access';

const RULES: AccessRule[] = [
  { methods: ['GET'], path: '/status', access: 'public' },
  { methods: ['GET'], path: '/openapi.json', access: 'any-key' },
  { methods: ['GET'], path: '/orders/export', scope: 'orders:export' },
  { methods: ['GET', 'HEAD'], path: '/orders/**', scope: 'orders:read' },
  { methods: ['POST'], path: '/orders/*/items', scope: 'orders:write' },
];
const SCOPES = ['orders:read', 'orders:write', 'orders:export'];

const get = (path: string) => accessTo(RULES, 'GET', path);

describe('accessTo', () => {
  it.each([
    ['/status', { kind: 'public' }],
    ['/openapi.json', { kind: 'any-key' }],
    ['/orders/export', { kind: 'scope', scope: 'orders:export' }],
    ['/orders', { kind: 'scope', scope: 'orders:read' }],
    ['/orders/', { kind: 'scope', scope: 'orders:read' }],
    ['/orders/1/items', { kind: 'scope', scope: 'orders:read' }],
    ['/ordersx', { kind: 'denied' }],
    ['/', { kind: 'denied' }],
    ['/%6frders', { kind: 'denied' }],
    ['/STATUS', { kind: 'denied' }],
    ['/status/', { kind: 'denied' }],
  ])('gives GET %s %j by the first rule that fits', (path, expected) => {
    expect(get(path)).toEqual(expected);
  });

  it('takes * for one segment that is not empty', () => {
    const post = (path: string) => accessTo(RULES, 'POST', path).kind;
    expect(post('/orders/1/items')).toBe('scope');
    expect(post('/orders//items')).toBe('denied');
    expect(post('/orders/1/2/items')).toBe('denied');
    expect(post('/orders/1')).toBe('denied');
  });

  it('denies a method that no rule names, known or not', () => {
    expect(accessTo(RULES, 'DELETE', '/orders/1').kind).toBe('denied');
    expect(accessTo(RULES, 'get', '/status').kind).toBe('denied');
  });

  it('lets ** alone stand for every path', () => {
    const open: AccessRule[] = [{ methods: ['GET'], path: '/**', access: 'any-key' }];
    expect(accessTo(open, 'GET', '/')).toEqual({ kind: 'any-key' });
    expect(accessTo(open, 'GET', '/a/b')).toEqual({ kind: 'any-key' });
  });
});

describe('methodsOf', () => {
  it('gives the methods that rules have for a path, in one order', () => {
    expect(methodsOf(RULES, '/orders/1/items')).toEqual(['GET', 'HEAD', 'POST']);
    expect(methodsOf(RULES, '/nowhere')).toEqual([]);
  });
});

describe('ruleProblems', () => {
  const problems = (...rules: AccessRule[]) => ruleProblems(rules, SCOPES);
  const get = (path: string, scope = 'orders:read'): AccessRule => ({
    methods: ['GET'],
    path,
    scope,
  });

  it('finds nothing wrong where the special case comes first', () => {
    expect(ruleProblems(RULES, SCOPES)).toEqual([]);
  });

  it.each(['orders', '', '/a//b', '/a/**/b', '/a*', '/a b', '/a?x', '/a/%20', '/../a/***'])(
    'refuses the path %j',
    (path) => {
      expect(problems(get(path))[0]).toContain('has no path that can be matched');
    },
  );

  it('refuses unknown methods, none, and a scope that is not declared', () => {
    const odd = { methods: ['FETCH'], path: '/a', access: 'public' } as unknown as AccessRule;
    expect(problems(odd)[0]).toContain('names FETCH: expected some of GET, HEAD');
    expect(problems({ methods: [], path: '/a', access: 'public' })[0]).toContain('no method');
    expect(problems(get('/a', 'orders:all'))[0]).toContain('"orders:all", which is not declared');
  });

  it('refuses a rule that is never reached', () => {
    expect(problems(get('/orders/**'), get('/orders/export'))).toEqual([
      'rule 2 (GET /orders/export) is never reached: rule 1 (GET /orders/**) fits everything that it fits. Put it first.',
    ]);
    expect(problems(get('/orders/*'), get('/orders/*', 'orders:write'))).toHaveLength(1);
    expect(problems(get('/**'), get('/'))).toHaveLength(1);
  });

  it('takes a rule that is covered for some of its methods only', () => {
    const wide: AccessRule = {
      methods: ['GET', 'POST'],
      path: '/orders/**',
      scope: 'orders:write',
    };
    expect(problems(get('/orders/**'), wide)).toEqual([]);
  });

  it('refuses two that overlap so that neither is the special case, unless they say the same', () => {
    const [one, other] = [get('/*/export', 'orders:export'), get('/orders/*')];
    expect(problems(one, other)[0]).toContain('neither is the special case');
    expect(problems(get('/*/export'), other)).toEqual([]);
    expect(problems(get('/a/*'), get('/b/*', 'orders:write'))).toEqual([]);
    expect(problems(get('/a/*'), get('/a', 'orders:write'))).toEqual([]);
    expect(problems(get('/a'), get('/a/*', 'orders:write'))).toEqual([]);
    expect(problems(get('/*/b/**', 'orders:write'), get('/a/*'))[0]).toContain('neither');
  });

  it('agrees with the matcher: two rules that are said to be apart never fit one path', () => {
    const segment = fc.constantFrom('a', 'b', '*');
    const pattern = fc
      .tuple(fc.array(segment, { maxLength: 3 }), fc.boolean())
      .map(([segments, open]) => `/${[...segments, ...(open ? ['**'] : [])].join('/')}`);
    const path = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 4 });
    fc.assert(
      fc.property(pattern, pattern, path, (one, other, segments) => {
        const request = `/${segments.join('/')}`;
        const rules: AccessRule[] = [get(one), get(other, 'orders:write')];
        const [first, second] = rules.map((rule) => accessTo([rule], 'GET', request).kind);
        if (first === 'denied' || second === 'denied') return;
        const found = ruleProblems(rules, SCOPES);
        const isSpecialCase = found.length === 0;
        const reversed = ruleProblems([...rules].reverse(), SCOPES);
        // Both fit: either the first is the special case of the second, or that is a problem.
        expect(isSpecialCase && reversed.length === 0).toBe(false);
      }),
    );
  });
});
