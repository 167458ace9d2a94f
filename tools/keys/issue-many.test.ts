// Keys in bulk that is cut short: by Ctrl-C, by AWS, by a full disk or a closed pipe; no key is lost unsaid.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KEY_SCANNER_PATTERN, parseKey } from '../../contracts/api-key';
import { until } from '../../contracts/testing/time';
import { AwsFault } from '../local/aws/faults';
import { parseCsv } from './csv';
import { listKeys } from './store';
import { startKeysTable, type TestTable } from './testing/keys-table';
import { runTestKeys, type RunOptions } from './testing/run-keys';

const OWNERS = ['a', 'b', 'c', 'd'].map((name) => `${name}@example.com`);

let test: TestTable;
let folder: string;
let owners: string;
beforeEach(async () => {
  test = await startKeysTable();
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-issue-many-'));
  owners = join(folder, 'owners.csv');
  writeFileSync(owners, `owner\n${OWNERS.join('\n')}\n`);
});
afterEach(async () => {
  await test.close();
  rmSync(folder, { recursive: true });
});

const issue = (args: readonly string[] = [], options: Partial<RunOptions> = {}) =>
  runTestKeys(['issue', '--from', owners, '--scope', 'users:read', ...args], {
    ...{ table: test, console: 'http://127.0.0.1:1', now: Date.now() },
    ...options,
  });
/** The owners of the keys that there are. */
const made = async () => (await listKeys(test.keys)).map(({ owner }) => owner).sort();
/** Runs something before a write, counted from 1. */
const beforeWrite = (then: (count: number) => AwsFault | undefined | Promise<undefined>): void => {
  let count = 0;
  test.aws.inject = (operation) => {
    if (operation !== 'DynamoDB.TransactWriteItems') return undefined;
    count += 1;
    return then(count);
  };
};

describe('keys issue --from, cut short', () => {
  it('ends after the key that is being made, and says which lines have none', async () => {
    let stop = () => {};
    beforeWrite((count) => {
      if (count === 2) stop();
      return undefined;
    });
    const { code, json, err } = await issue(['--json'], { onStop: (how) => (stop = how) });
    expect(code).toBe(1);
    const { issued, failed, left } = json<{ issued: { owner: string }[]; failed: []; left: [] }>();
    expect(issued.map(({ owner }) => owner)).toEqual(OWNERS.slice(0, 2));
    expect([failed, left]).toEqual([
      [],
      [
        { line: 4, owner: 'c@example.com' },
        { line: 5, owner: 'd@example.com' },
      ],
    ]);
    expect(err).toBe(
      'Stopping after the key that is being made; again to end at once.\n' +
        'Issued 2, not begun 2.\nYou stopped it: no line from 4 on has a key.\n' +
        'Correct what failed and run the command with these lines alone: the others have their keys.\n',
    );
    expect(await made()).toEqual(OWNERS.slice(0, 2));
  });

  it('ends at a failure of AWS, which is not the fault of a line', async () => {
    beforeWrite((count) => (count < 3 ? undefined : new AwsFault('AccessDeniedException', 'no')));
    const output = join(folder, 'keys.csv');
    const { code, json, err } = await issue(['--json', '--output', output]);
    expect([code, json()]).toEqual([
      1,
      expect.objectContaining({
        issued: OWNERS.slice(0, 2).map((owner) => expect.objectContaining({ owner }) as unknown),
        failed: [{ line: 4, owner: 'c@example.com', reason: 'no' }],
        left: [{ line: 5, owner: 'd@example.com' }],
        file: output,
      }),
    ]);
    expect(err).toContain(`Issued 2, failed 1, not begun 1. The keys are in ${output}.\n`);
    expect(err).toContain('It ended there, for the others would fail as well: no line from 5 on');
    expect(readFileSync(output, 'utf8').trim().split('\n')).toHaveLength(3);
  });

  it('names the key that may be there when AWS does not say whether it is', async () => {
    beforeWrite((count) =>
      count === 1 ? undefined : new AwsFault('InternalServerError', 'x', 500),
    );
    const { err } = await issue();
    const [, id = ''] = /The key (\w{12}) may be there.*keys revoke \1"/.exec(err) ?? [];
    expect(id).toMatch(/^\w{12}$/);
    expect(err).toContain('Issued 1, failed 1, not begun 2.');
    const one = await runTestKeys(['issue', '--owner', 'a@b.cd', '--scope', 'users:read'], {
      ...{ table: test, console: 'http://127.0.0.1:1', now: Date.now() },
    });
    expect([one.code, one.out]).toEqual([1, '']);
    expect(one.err).toMatch(/^AWS did not say whether it could issue the key/);
  });

  it('makes no key that has nowhere to go, and names the one that got nowhere', async () => {
    const closed = () => Promise.reject(new Error('write EPIPE'));
    expect((await issue([], { deliver: closed })).code).toBe(1);
    expect(await made()).toEqual([]);
    let written = 0;
    const full = () => ((written += 1) > 2 ? closed() : Promise.resolve());
    for (const args of [[], ['--json']]) {
      written = 0;
      const { code, err } = await issue(args, { deliver: full });
      expect(code).toBe(1);
      expect(err).toMatch(/line 3 .*The key (\w{12}) was made and could not be written/);
      expect(err).toContain('Issued 1, failed 1, not begun 2.');
    }
  });

  it('writes nothing that a spreadsheet would run', async () => {
    writeFileSync(owners, 'owner,name\n=cmd@example.com,x\n+a@example.com,x\n@b@example.com,x\n');
    const { out } = await issue();
    const rows = parseCsv(out, ['owner', 'id', 'key', 'expires'], ['owner']);
    expect(rows.length).toBeGreaterThan(0);
    for (const { fields } of rows) expect(fields['owner']).toMatch(/^'[=+@]/);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'has written every key that it made when the process gets %s, and says so',
    async (signal) => {
      const output = join(folder, 'keys.csv');
      const target = ['--stack', 'dev', '--table', test.keys.table, '--region', 'eu-central-1'];
      const args = ['issue', '--from', owners, '--scope', 'users:read', '--output', output];
      const child = spawn(
        process.execPath,
        ['-r', require.resolve('../tsx.cjs'), require.resolve('./main.ts'), ...args, ...target],
        {
          env: {
            ...process.env,
            AWS_ENDPOINT_URL: test.aws.url,
            AWS_ACCESS_KEY_ID: 'local',
            AWS_SECRET_ACCESS_KEY: 'local',
          },
        },
      );
      let err = '';
      child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
      const ended = new Promise<number | null>((end) => child.once('close', (code) => end(code)));
      beforeWrite(async (count) => {
        if (count !== 2) return undefined;
        // The first key is on the disk before the second is asked for.
        expect(readFileSync(output, 'utf8')).toMatch(
          new RegExp(`^owner,id,key,expires\na@example.com,\\w{12},${KEY_SCANNER_PATTERN},20`),
        );
        child.kill(signal);
        await until(() => err.includes('Stopping'));
        return undefined;
      });
      expect(await ended).toBe(1);
      const rows = parseCsv(readFileSync(output, 'utf8'), ['owner', 'id', 'key', 'expires'], []);
      expect(rows.map(({ fields }) => fields['owner'])).toEqual(OWNERS.slice(0, 2));
      for (const { fields } of rows) expect(parseKey(fields['key'] ?? '')).toBeDefined();
      expect(await made()).toEqual(OWNERS.slice(0, 2));
      expect(err).toContain(`Issued 2, not begun 2. The keys are in ${output}.\nYou stopped it`);
    },
  );
});
