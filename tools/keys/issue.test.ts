// Issuing keys: printed once, written to a file of mode 600, or in bulk from a file of owners.
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashKey, KEY_SCANNER_PATTERN, parseKey } from '../../contracts/api-key';
import { getKey } from './store';
import { startKeysTable, type TestTable } from './testing/keys-table';
import { runTestKeys, type RunOptions } from './testing/run-keys';

const ISSUE = ['issue', '--owner', 'team@example.com', '--scope', 'users:read'];

let test: TestTable;
let folder: string;
beforeAll(async () => {
  test = await startKeysTable();
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-issue-'));
});
afterAll(async () => {
  await test.close();
  rmSync(folder, { recursive: true });
});

const keys = (args: readonly string[], options: Partial<RunOptions> = {}) =>
  runTestKeys(args, { table: test, console: 'http://127.0.0.1:1', now: Date.now(), ...options });

describe('keys issue', () => {
  it('prints the key once, by --json as one document', async () => {
    const { code, json, err } = await keys([...ISSUE, '--expires', '24h', '--json']);
    const { id, key, owner, scopes, expiresAt } = json<Record<string, string>>();
    expect([code, err]).toEqual([0, '']);
    expect(parseKey(key ?? '')).toMatchObject({ keyId: id, environment: 'dev' });
    expect([owner, scopes]).toEqual(['team@example.com', ['users:read']]);
    const lifetime = Date.parse(expiresAt ?? '') - Date.now();
    expect(Math.abs(lifetime - 86_400_000)).toBeLessThan(60_000);
    const record = await getKey(test.keys, id ?? '');
    expect(record.hash).toBe(hashKey(key ?? ''));
  });

  it('knows the scopes of the API that runs, and what was meant', async () => {
    const scopes = ['orders:read', 'orders:write'];
    const { code, err } = await keys([...ISSUE.slice(0, -1), 'order:read'], { scopes });
    expect(code).toBe(1);
    expect(err).toMatch(/none of orders:read, orders:write \(did you mean orders:read\?\)/);
    const { json } = await keys([...ISSUE.slice(0, -1), 'orders:read', '--json'], { scopes });
    expect(json()).toMatchObject({ scopes: ['orders:read'] });
  });

  it('issues a key without a scope for an API that has none', async () => {
    const args = ['issue', '--owner', 'team@example.com', '--json'];
    expect((await keys(args, { scopes: [] })).json()).toMatchObject({ scopes: [] });
  });

  it('says so when the platform does not name its scopes', async () => {
    const { code, err } = await keys(ISSUE, { scopes: null });
    expect([code, err]).toEqual([1, expect.stringMatching(/local platform does not name them/)]);
  });

  it('prints for people as well, for 90 days unless told', async () => {
    const { out } = await keys([...ISSUE, '--scope', 'users:write', '--name', 'import']);
    const id = /^id +(\w+)$/m.exec(out)?.[1] ?? '';
    expect(out).toMatch(new RegExp(`^${KEY_SCANNER_PATTERN}\n\nThis is the only time`));
    expect(out).toContain('users:read users:write');
    const { createdAt, expiresAt, name } = await getKey(test.keys, id);
    expect([expiresAt - createdAt, name]).toEqual([90 * 86_400, 'import']);
  });

  it('says where the API is, and a call to try', async () => {
    const { out } = await keys(ISSUE);
    expect(out).toMatch(/^url +http:\/\/127.0.0.1:8080$/m);
    expect(out).toMatch(
      new RegExp(
        `^curl -i http://127.0.0.1:8080/users -H "x-api-key: ${KEY_SCANNER_PATTERN}"\n$`,
        'm',
      ),
    );
    const { out: other } = await keys([...ISSUE.slice(0, -1), 'users:write']);
    expect(other).not.toContain('curl');
  });

  it('binds a key to addresses', async () => {
    const bound = ['--allow-cidr', '203.0.113.0/24', '--allow-cidr', '2001:db8::1'];
    const cidrs = ['203.0.113.0/24', '2001:db8::1/128'];
    const { json } = await keys([...ISSUE, ...bound, '--json']);
    const issued = json<{ id: string }>();
    expect(issued).toMatchObject({ cidrs });
    expect(await getKey(test.keys, issued.id)).toMatchObject({ cidrs });
    const shown = (await keys(['show', issued.id, '--json'])).json();
    expect(shown).toMatchObject({ cidrs, audit: [{ details: { cidrs } }] });
    const rotated = (await keys(['rotate', issued.id, '--json'])).json<{ id: string }>();
    expect(await getKey(test.keys, rotated.id)).toMatchObject({ cidrs });
    const { out } = await keys([...ISSUE, ...bound]);
    expect(out).toMatch(/^from +203.0.113.0\/24 2001:db8::1\/128$/m);
    const wrong = await keys([...ISSUE, '--allow-cidr', 'office']);
    expect([wrong.code, wrong.out]).toEqual([1, '']);
    expect(wrong.err).toContain('"office" is no address block');
  });

  it('writes to a file of mode 600 instead, which must be new', async () => {
    const path = join(folder, 'one.key');
    const { out, code } = await keys([...ISSUE, '--output', path]);
    const key = readFileSync(path, 'utf8').trim();
    expect(code).toBe(0);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(parseKey(key)).toBeDefined();
    expect(out).toContain(`The key is in ${path}.`);
    expect(out).toContain(`-H "x-api-key: $(cat ${path})"`);
    expect(out).not.toContain(key);
    const again = await keys([...ISSUE, '--output', path]);
    expect([again.code, again.out]).toEqual([1, '']);
    expect(again.err).toMatch(/exists already/);
    const other = join(folder, 'two.key');
    const json = (await keys([...ISSUE, '--output', other, '--json'])).json();
    expect(json).toMatchObject({ file: other, owner: 'team@example.com' });
    expect(json).not.toHaveProperty('key');
  });

  it('leaves no file when no key was issued', async () => {
    const path = join(folder, 'none.key');
    const { code, err } = await keys(['issue', '--owner', 'x', '--scope', 'y', '--output', path]);
    expect([code, existsSync(path)]).toEqual([1, false]);
    expect(err).toMatch(/not issued: the owner "x".*the scope "y" is none of/);
  });

  describe('--from a file', () => {
    const csv = (name: string, text: string) => {
      const path = join(folder, name);
      writeFileSync(path, text);
      return path;
    };
    const OWNERS =
      'owner,scopes,cidrs,name,expires\n' +
      'a@example.com,,,first,\n' +
      'nobody,,,,\n' +
      'b@example.com,users:read users:write,10.0.0.0/8 10.0.0.7,,7d\n' +
      'c@example.com,,,,soon\n';

    it('goes on after a failure, and lists what failed', async () => {
      const path = csv('owners.csv', OWNERS);
      const { code, json, err } = await keys(
        ['issue', '--from', path, '--scope', 'users:read', '--allow-cidr', '::1', '--json'],
        { watched: true },
      );
      const { issued, failed } = json<{
        issued: { id: string; owner: string; key: string }[];
        failed: { line: number; reason: string }[];
      }>();
      expect(code).toBe(1);
      expect(issued.map(({ owner }) => owner)).toEqual(['a@example.com', 'b@example.com']);
      expect(failed.map(({ line }) => line)).toEqual([3, 5]);
      expect(err).toContain('Issuing keys');
      expect(err).toMatch(/Issued 2, failed 2\.\n {2}line 3 \(nobody\): .*\n {2}line 5/);
      const [first, second] = await Promise.all(issued.map(({ id }) => getKey(test.keys, id)));
      expect(first).toMatchObject({ name: 'first', scopes: ['users:read'], cidrs: ['::1/128'] });
      expect(second).toMatchObject({
        name: '',
        scopes: ['users:read', 'users:write'],
        cidrs: ['10.0.0.0/8', '10.0.0.7/32'],
      });
      expect((second?.expiresAt ?? 0) - (second?.createdAt ?? 0)).toBe(7 * 86_400);
    });

    it('prints CSV, or writes it to a file', async () => {
      const path = csv('good.csv', 'owner\na@example.com\nb@example.com\n');
      const args = ['issue', '--from', path, '--scope', 'users:read'];
      const printed = await keys(args);
      expect(printed.code).toBe(0);
      expect(printed.out).toMatch(
        new RegExp(`^owner,id,key,expires\na@example.com,\\w{12},${KEY_SCANNER_PATTERN},20`),
      );
      expect(printed.err).toBe('Issued 2.\n');
      const output = join(folder, 'keys.csv');
      const written = await keys([...args, '--output', output, '--json']);
      expect(readFileSync(output, 'utf8').split('\n')).toHaveLength(4);
      expect(written.out).not.toMatch(KEY_SCANNER_PATTERN);
      expect(written.json()).toMatchObject({ file: output, failed: [] });
      expect(written.err).toBe(`Issued 2. The keys are in ${output}.\n`);
    });

    it.each([
      ['a file that is missing', 'missing.csv', undefined, /could not be read \(ENOENT\)/],
      ['a file of another kind', 'bad.csv', 'name\nx\n', /bad.csv: The first line is "name"/],
    ])('refuses %s', async (_, name, text, message) => {
      const path = text === undefined ? join(folder, name) : csv(name, text);
      const { code, err, out } = await keys(['issue', '--from', path]);
      expect([code, out]).toEqual([1, '']);
      expect(err).toMatch(message);
    });
  });
});

describe('keys rotate --output', () => {
  it('writes the successor to a file of mode 600', async () => {
    const { id } = (await keys([...ISSUE, '--json'])).json<{ id: string }>();
    const path = join(folder, 'successor.key');
    const { json, out } = await keys(['rotate', id, '--output', path, '--json']);
    const key = readFileSync(path, 'utf8').trim();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(json()).toMatchObject({ id: parseKey(key)?.keyId, file: path, rotatedFrom: id });
    expect(out).not.toContain(key);
    const other = join(folder, 'other.key');
    const shown = await keys(['rotate', parseKey(key)?.keyId ?? '', '--output', other]);
    expect(shown.out).toMatch(/^The key is in .*other.key.\n\w{12} replaces/);
    const again = await keys(['rotate', id, '--output', join(folder, 'none.key')]);
    expect([again.code, existsSync(join(folder, 'none.key'))]).toEqual([1, false]);
  });
});
