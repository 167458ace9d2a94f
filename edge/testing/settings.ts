// Settings for tests: a small API with a public path, one for any key, and two scopes.
import type { AccessRule } from '../../contracts/access';
import type { EdgeSettings } from '../settings';

export const RULES: readonly AccessRule[] = [
  { methods: ['GET', 'HEAD'], path: '/status', access: 'public' },
  { methods: ['GET', 'HEAD'], path: '/openapi.json', access: 'any-key' },
  { methods: ['GET', 'HEAD', 'OPTIONS'], path: '/orders/**', scope: 'orders:read' },
  { methods: ['POST', 'PATCH', 'DELETE'], path: '/orders/**', scope: 'orders:write' },
];

/** A stack's settings, with these in the place of their own. */
export function edgeSettings(changes: Partial<EdgeSettings> = {}): EdgeSettings {
  return {
    stack: 'dev',
    environment: 'dev',
    keysTable: 'gatehouse-keys-1234567',
    regions: ['eu-central-1', 'us-east-1'],
    keyForms: 'any',
    rules: RULES,
    errors: 'json-api',
    ...changes,
  };
}
