// Finding the table: by flags, by a pulumi executable (a real child process), or of the local platform.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { AccessRule } from '../../contracts/access';
import { announce, findRunningPlatform } from '../local/state';
import { resolveTarget, UsageError, type TargetFlags } from './target';

const RULES: AccessRule[] = [{ methods: ['GET'], path: '/orders/**', scope: 'orders:read' }];

const RECORDED = join(__dirname, '../deploy/testing/recorded');

let folder: string;
const path = process.env.PATH;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'gatehouse-target-'))));
afterEach(() => {
  process.env.PATH = path;
  rmSync(folder, { recursive: true });
});

const resolve = (flags: TargetFlags) =>
  resolveTarget(flags, (port) => findRunningPlatform(port, folder));

/** Puts an executable `pulumi` first on the PATH. */
function fakePulumi(script: string): void {
  writeFileSync(join(folder, 'pulumi'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, 'pulumi'), 0o700);
  process.env.PATH = `${folder}${delimiter}${path}`;
}

describe('resolveTarget', () => {
  it('takes table and region by flags, without pulumi', async () => {
    process.env.PATH = folder;
    const flags = { stack: 'acme/gatehouse/prod', table: 'keys', region: 'eu-west-1' };
    const target = await resolve(flags);
    expect(target).toMatchObject({
      stack: 'prod',
      environment: 'prod',
      region: 'eu-west-1',
      edgeRegions: ['eu-west-1', 'us-east-1'],
      keyCounters: ['service', 'edge'],
      keys: { table: 'keys' },
    });
    expect(await target.keys.client.config.region()).toBe('eu-west-1');
    expect(target.scopes()).toBeUndefined();
    const asked = await resolve({ ...flags, edgeRegion: ['eu-west-3'] });
    expect(asked.edgeRegions).toEqual(['eu-west-3']);
  });

  it('takes them from the outputs of the stack', async () => {
    fakePulumi(
      `test "$*" = "stack output --json --non-interactive --stack dev" || exit 9
       echo '{"keysTable":"gh-keys-1","region":"us-east-1","edgeRegions":["us-east-1","eu-west-1"],
              "keysCountedBy":"edge","scopes":{"orders:read":"Read orders."},"url":"https://api.example",
              "rules":[{"methods":["GET"],"path":"/orders/**","scope":"orders:read"}]}'`,
    );
    const target = await resolve({ stack: 'dev' });
    expect(target).toMatchObject({
      region: 'us-east-1',
      edgeRegions: ['us-east-1', 'eu-west-1'],
      keyCounters: ['edge'],
      keys: { table: 'gh-keys-1' },
      api: { url: 'https://api.example', rules: RULES },
    });
    expect(target.scopes()).toEqual(['orders:read']);
  });

  it.each([
    ['no output scopes', ''],
    ['an output scopes that is none', ',"scopes":null'],
  ])('finds a stack with %s, and says what to do when they are asked for', async (_, scopes) => {
    fakePulumi(`echo '{"keysTable":"gh-keys-1","region":"us-east-1"${scopes}}'`);
    const target = await resolve({ stack: 'dev' });
    expect(target.scopes).toThrow(
      /the stack "dev" \(output scopes\) does not name them. Deploy it again \("npm run up -- dev"\)/,
    );
  });

  it.each([
    ['without an address', ''],
    ['without rules', ',"url":"https://api.example"'],
    ['with rules that are none', ',"url":"https://api.example","rules":[{"path":7}]'],
  ])('does without the output edgeRegions, and %s', async (_, more) => {
    fakePulumi(`echo '{"keysTable":"gh-keys-1","region":"us-east-1","edgeRegions":[7]${more}}'`);
    const { edgeRegions, api } = await resolve({ stack: 'dev' });
    expect([edgeRegions, api]).toEqual([['us-east-1'], undefined]);
  });

  it.each([
    ['no outputs', `echo '{}'`],
    ['null', `echo null`],
    ['no JSON', `echo hello`],
  ])('says what to do when the stack has %s', async (_, script) => {
    fakePulumi(script);
    await expect(resolve({ stack: 'dev' })).rejects.toThrow(
      /no outputs keysTable and region. Deploy it first \("npm run up -- dev"\)/,
    );
  });

  // What the CLI and its launcher were recorded to say, with the exit codes that they had.
  it.each([
    ['no-network.txt', 1, 'could not be started: fetch failed', 'npx pulumi login'],
    ['not-logged-in.txt', 3, 'npx pulumi login', 'network'],
    ['no-stack.txt', 6, 'There is no stack "dev" in the backend', 'network'],
  ])('tells what was recorded as %s apart from the rest', async (file, code, says, isSilentOf) => {
    fakePulumi(`cat "${RECORDED}/${file}" >&2; exit ${code}`);
    const error = await resolve({ stack: 'dev' }).catch((caught: unknown) => caught as Error);
    const { message } = error as Error;
    expect(message).toContain(says);
    expect(message).not.toContain(isSilentOf);
    expect(message).toMatch(/\nOr give --table and --region\.$/);
  });

  it('says so when there is no pulumi', async () => {
    process.env.PATH = folder;
    await expect(resolve({ stack: 'dev' })).rejects.toThrow(
      /command line \(pulumi\) could not be started: spawn pulumi ENOENT/,
    );
  });

  it('finds the local platform', async () => {
    announce(
      8080,
      {
        pid: process.pid,
        stack: 'dev',
        edge: 'http://127.0.0.1:8080',
        console: 'http://127.0.0.1:8081',
        aws: 'http://127.0.0.1:8082',
        region: 'eu-central-1',
        logs: '/logs',
        keysTable: 'gh-keys-1',
        tables: {},
        scopes: ['orders:read'],
        rules: RULES,
        keysCountedBy: 'nobody',
      },
      folder,
    );
    const target = await resolve({ local: true });
    expect(target).toMatchObject({
      stack: 'dev',
      environment: 'dev',
      region: 'eu-central-1',
      edgeRegions: ['eu-central-1'],
      keyCounters: [],
      console: 'http://127.0.0.1:8081',
      api: { url: 'http://127.0.0.1:8080', rules: RULES },
      keys: { table: 'gh-keys-1' },
    });
    expect(target.scopes()).toEqual(['orders:read']);
    await expect(resolve({ local: true, port: 9999 })).rejects.toThrow(/port 9999.*Running: 8080/);
  });

  it.each<[string, TargetFlags, RegExp]>([
    ['no target', {}, /--stack NAME for a deployed stack, or --local/],
    ['two targets', { stack: 'dev', local: true }, /Name one target/],
    ['a stack without a letter', { stack: '123' }, /"123" gives no key prefix/],
    ['a port of a stack', { stack: 'dev', port: 8080 }, /--port goes with --local/],
    ['a table alone', { stack: 'dev', table: 'keys' }, /--table and --region go together/],
    ['a region alone', { stack: 'dev', region: 'eu-west-1' }, /go together/],
    ['a local table', { local: true, table: 'keys', region: 'eu-west-1' }, /go together/],
  ])('refuses %s', async (_, flags, message) => {
    await expect(resolve(flags)).rejects.toThrow(message);
    await expect(resolve(flags)).rejects.toBeInstanceOf(UsageError);
  });
});
