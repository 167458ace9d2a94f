// Edge and service decide alike: what one lets through, the other does not stop, and back.
import type { Hono } from 'hono';
import { accessTo, ALLOWED_METHODS } from '../contracts/access';
import { ORIGIN_SECRET_HEADER } from '../contracts/headers';
import type { Workload } from '../contracts/workload';
import { authorize } from '../edge/authorize';
import { setUpHandler, status } from '../edge/testing/handler';
import { makeKey, makeRecord, NOW } from '../edge/testing/keys';
import { notes } from '../examples/notes/src/app';
import { workload as notesWorkload } from '../examples/notes/workload';
import { createRuntime } from '../service/src/kit/service';
import type { AppEnv } from '../service/src/kit/identity';
import { edgeHeaders, ORIGIN_SECRET, startHarness, type Harness } from '../service/testing/harness';
import { workload as usersWorkload } from '../service/workload';

const KEY = makeKey();
const ID = '0b7e3f1c-6d7e-4d7a-9f43-0d8f2f6f2f11';
/** Paths that are not written as the routes are, but might be read as one of them. */
const ODD_PATHS = [
  ...['/', '/docs/', '/DOCS', '/%64ocs', '/openapi%2ejson', '/docs%2f', '//docs', '/users/'],
  ...['/published', '/published/', `/published/${ID}/`, `/%70ublished/${ID}`, `/notes/${ID}/x`],
];

/** No key, and keys with no scope, each scope alone, all of them, and one that nobody declared. */
function callers({ scopes }: Workload): (readonly string[] | undefined)[] {
  const names = Object.keys(scopes);
  return [undefined, [], ...names.map((name) => [name]), names, ['users:admin']];
}

/** What the edge says, rules and all; a path that it refuses as such is judged by the rules alone. */
async function edgeAllows(
  { rules, errors }: Workload,
  method: string,
  path: string,
  scopes: readonly string[] | undefined,
): Promise<boolean> {
  const records = scopes === undefined ? [] : [makeRecord(KEY, { scopes })];
  const { send } = setUpHandler({ rules, errors }, records);
  const key = scopes === undefined ? {} : { headers: { 'x-api-key': KEY.key } };
  const outcome = status(await send({ method, uri: path, ...key }));
  if (outcome !== '400') return outcome === 'passed';
  const access = accessTo(rules, method, path);
  const input = { key: KEY, record: records[0], address: '', access, now: NOW };
  const isAllowed = authorize(input).allow;
  return access.kind === 'public' || isAllowed;
}

async function serviceAllows(
  app: Hono<AppEnv>,
  method: string,
  path: string,
  scopes: readonly string[] | undefined,
): Promise<boolean> {
  const response = await app.request(`http://api.example${path}`, {
    method,
    headers:
      scopes === undefined
        ? { [ORIGIN_SECRET_HEADER]: ORIGIN_SECRET }
        : edgeHeaders(scopes.join(' ')),
  });
  if (response.status !== 401 && response.status !== 403) return true;
  // An answer to HEAD has no body to look into; no route answers it so for another reason.
  if (method !== 'HEAD') {
    expect(await response.text()).toMatch(/"code":"(unauthenticated|missing_scope|forbidden)"/);
  }
  return false;
}

describe('requireIdentity', () => {
  let harness: Harness;
  let apps: { workload: Workload; app: Hono<AppEnv> }[];

  beforeAll(async () => {
    harness = await startHarness({ LOG_LEVEL: 'error' });
    const env = { ...harness.env, NOTES_TABLE: 'no-such-table' };
    apps = [
      { workload: usersWorkload, app: harness.runtime.app },
      { workload: notesWorkload, app: createRuntime(notes, env, () => undefined).app },
    ];
  });
  afterAll(() => harness.close());

  it.each([0, 1])(
    'agrees with the edge for every route, method and caller, and for odd paths (API %i)',
    async (index) => {
      const { workload, app } = apps[index] as (typeof apps)[number];
      const routes = app.routes
        .map(({ path }) => path.replace(':id', ID))
        // Health is asked by the load balancer, past the edge.
        .filter((path) => !path.includes('*') && !path.endsWith('z'));
      const disagreements: string[] = [];
      const seen = { allowed: 0, denied: 0 };
      for (const path of new Set([...routes, ...ODD_PATHS])) {
        for (const method of ALLOWED_METHODS) {
          for (const scopes of callers(workload)) {
            const edge = await edgeAllows(workload, method, path, scopes);
            seen[edge ? 'allowed' : 'denied'] += 1;
            if ((await serviceAllows(app, method, path, scopes)) !== edge) {
              const caller = scopes === undefined ? 'no key' : `[${scopes.join(' ')}]`;
              disagreements.push(`${method} ${path} ${caller}: the edge says ${edge}`);
            }
          }
        }
      }
      expect(disagreements).toEqual([]);
      expect(Math.min(seen.allowed, seen.denied)).toBeGreaterThan(0);
    },
  );

  it('takes a key that may only write for any key where the edge does', async () => {
    const { app } = harness.runtime;
    expect(await serviceAllows(app, 'GET', '/openapi.json', ['users:write'])).toBe(true);
    expect(await serviceAllows(app, 'GET', '/docs', ['users:write'])).toBe(true);
    expect(await serviceAllows(app, 'GET', '/users', ['users:write'])).toBe(false);
  });
});
