// Scopes that a key may carry, and the one that a request needs; edge and service both enforce it.

export const SCOPES = ['users:read', 'users:write'] as const;

export type Scope = (typeof SCOPES)[number];

/** Methods that a request may have; every other is refused at the edge. */
export const ALLOWED_METHODS = [
  'GET',
  'HEAD',
  'OPTIONS',
  'POST',
  'PATCH',
  'PUT',
  'DELETE',
] as const;

/** Paths that describe the API and hold no user: reading them takes a valid key, but no scope. */
const DESCRIPTIVE_PATHS: readonly string[] = ['/openapi.json', '/docs'];

/**
 * The scope that a request needs: reading methods need `users:read`, every other one `users:write`,
 * on every path, so that a path that nobody thought of is no way in.
 * @param method HTTP method in upper case; anything unknown counts as writing.
 */
export function requiredScope(method: string): Scope;
/**
 * As above, but undefined (any valid key will do) for reading what describes the API.
 * @param path the path as the client sent it, without query; matched to the letter, never decoded.
 */
export function requiredScope(method: string, path: string): Scope | undefined;
export function requiredScope(method: string, path?: string): Scope | undefined {
  const reading = method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
  if (reading && path !== undefined && DESCRIPTIVE_PATHS.includes(path)) {
    return undefined;
  }
  return reading ? 'users:read' : 'users:write';
}
