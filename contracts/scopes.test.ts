// Which scope a request needs; an unknown method or path never needs less.
import fc from 'fast-check';
import { ALLOWED_METHODS, requiredScope } from './scopes';

describe('requiredScope', () => {
  it.each([
    ['GET', '/users', 'users:read'],
    ['HEAD', '/users/1', 'users:read'],
    ['OPTIONS', '/users', 'users:read'],
    ['POST', '/users', 'users:write'],
    ['PATCH', '/users/1', 'users:write'],
    ['PUT', '/users/1', 'users:write'],
    ['DELETE', '/users/1', 'users:write'],
    ['GET', '/anything/else', 'users:read'],
    ['GET', '/openapi.json', undefined],
    ['HEAD', '/docs', undefined],
    ['POST', '/docs', 'users:write'],
    ['GET', '/docs/', 'users:read'],
    ['GET', '/docs/../users', 'users:read'],
    ['GET', '/DOCS', 'users:read'],
    ['get', '/docs', 'users:write'],
  ])('%s %s needs %s', (method, path, scope) => {
    expect(requiredScope(method, path)).toBe(scope);
  });

  it('needs a scope by method when no path is told', () => {
    expect(requiredScope('GET')).toBe('users:read');
    expect(requiredScope('DELETE')).toBe('users:write');
  });

  it('needs to write for every method that is not known to read', () => {
    fc.assert(
      fc.property(fc.string(), fc.webPath(), (method, path) => {
        const known = (ALLOWED_METHODS as readonly string[]).includes(method);
        expect(known || requiredScope(method, path) === 'users:write').toBe(true);
      }),
    );
  });
});
