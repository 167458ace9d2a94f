// Scopes that a key may carry, and the one that a request needs; edge and service both enforce it.

export const SCOPES = ['users:read', 'users:write'] as const;

export type Scope = (typeof SCOPES)[number];

/**
 * The scope that a request needs: reading methods need `users:read`, every other one `users:write`.
 * @param method HTTP method in upper case.
 */
export function requiredScope(method: string): Scope {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS'
    ? 'users:read'
    : 'users:write';
}
