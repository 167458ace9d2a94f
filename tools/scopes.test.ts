// Edge and service ask for the same scope: what one lets through, the other does not stop, and back.
import { ALLOWED_METHODS, SCOPES } from '../contracts/scopes';
import { authorize } from '../edge/authorize';
import { makeKey, makeRecord, NOW } from '../edge/testing/keys';
import { documentOf, edgeHeaders, startHarness } from '../service/testing/harness';
import type { Harness } from '../service/testing/harness';

const KEY = makeKey();
const SCOPE_SETS = [[], ['users:read'], ['users:write'], [...SCOPES], ['users:admin']];
/** Paths that are not written as the routes are, but might be read as one of them. */
const ODD_PATHS = ['/', '/docs/', '/DOCS', '/%64ocs', '/openapi%2ejson', '/docs%2f', '//docs'];

describe('requireIdentity', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await startHarness({ LOG_LEVEL: 'error' });
  });
  afterAll(() => harness.close());

  async function serviceAllows(method: string, path: string, scopes: string[]): Promise<boolean> {
    const response = await harness.runtime.app.request(`http://api.example${path}`, {
      method,
      headers: edgeHeaders(scopes.join(' ')),
    });
    if (response.status !== 403) return true;
    // An answer to HEAD has no body to look into; no route answers it 403 for another reason.
    if (method !== 'HEAD') {
      expect(['missing_scope', 'forbidden']).toContain(
        (await documentOf(response)).errors[0]?.code,
      );
    }
    return false;
  }

  it('agrees with the edge for every route, method and set of scopes, and for odd paths', async () => {
    const routes = harness.runtime.app.routes
      .map(({ path }) => path.replace(':id', '0b7e3f1c-6d7e-4d7a-9f43-0d8f2f6f2f11'))
      .filter((path) => !path.includes('*') && !path.endsWith('z'));
    const disagreements: string[] = [];
    let allowed = 0;
    for (const path of new Set([...routes, ...ODD_PATHS])) {
      for (const method of ALLOWED_METHODS) {
        for (const scopes of SCOPE_SETS) {
          const record = makeRecord(KEY, { scopes });
          const edge = authorize({ key: KEY, record, method, path, now: NOW }).allow;
          allowed += Number(edge);
          if ((await serviceAllows(method, path, scopes)) !== edge) {
            disagreements.push(`${method} ${path} [${scopes.join(' ')}]: the edge says ${edge}`);
          }
        }
      }
    }
    expect(disagreements).toEqual([]);
    expect(allowed).toBeGreaterThan(0);
  });

  it('lets a key that may only write read the description, as the edge does', async () => {
    expect(await serviceAllows('GET', '/openapi.json', ['users:write'])).toBe(true);
    expect(await serviceAllows('GET', '/docs', ['users:write'])).toBe(true);
    expect(await serviceAllows('GET', '/users', ['users:write'])).toBe(false);
  });
});
