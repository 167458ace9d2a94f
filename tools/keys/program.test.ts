// The command line from arguments to exit code, on a real table.
import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { hashKey, parseKey } from '../../contracts/api-key';
import { readAudit } from './audit';
import { getKey, issueKey } from './store';
import { startKeysTable, type TestTable } from './testing/keys-table';
import { runTestKeys, type RunOptions } from './testing/run-keys';
import { startJsonServer, type JsonServer } from './testing/server';

const NOW = Date.now();
const ISSUE = ['issue', '--owner', 'team@example.com', '--scope', 'users:read'];

let test: TestTable;
let consoleServer: JsonServer;
let series: unknown[] = [];

beforeAll(async () => {
  test = await startKeysTable();
  consoleServer = await startJsonServer(() => ({ series }));
});
afterAll(() => Promise.all([test.close(), consoleServer.close()]));

const keys = (args: readonly string[], options: Partial<RunOptions> = {}) =>
  runTestKeys(args, { table: test, console: consoleServer.url, now: NOW, ...options });

const newKey = async () => {
  const { key, id } = (await keys([...ISSUE, '--json'])).json<{ key: string; id: string }>();
  return { key, id };
};

describe('runKeys', () => {
  it.each([
    ['nobody', ['issue', '--scope', 'users:read'], /--owner EMAIL for one key, or --from/],
    ['one and many', [...ISSUE, '--from', 'x.csv'], /--owner EMAIL for one key, or --from/],
    ['no scope', ['issue', '--owner', 'a@b.c'], /Give --scope.*Possible: users:read, users:write/],
    ['one name for many', ['issue', '--from', 'x.csv', '--name', 'y'], /--name goes with --owner/],
    ['a lifetime that is none', [...ISSUE, '--expires', 'forever'], /"forever" is no duration/],
    ['an unknown flag', [...ISSUE, '--admin'], /unknown option '--admin'/],
    ['port 0', [...ISSUE, '--port', '0'], /Expected a port, 1 to 65535/],
    ['a port beyond the last', [...ISSUE, '--port', '65536'], /Expected a port/],
    ['a port that is none', [...ISSUE, '--port', 'http'], /Expected a port/],
    ['a port of a stack', ['list', '--port', '8080', '--stack', 'dev'], /Name one target/],
    ['no id', ['revoke'], /missing required argument 'id'/],
    ['an id that is none', ['revoke', '../x'], /Expected the id of a key/],
    ['an unknown command', ['destroy'], /unknown command 'destroy'/],
  ])('takes %s for wrong usage', async (_, args, message) => {
    const { code, err, out } = await keys(args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(message);
  });
});

describe('keys list', () => {
  it('shows every key with its last use', async () => {
    const used = await newKey();
    const unused = await newKey();
    const time = new Date(NOW - 180_000).toISOString();
    series = [{ dimensions: { KeyId: used.id }, points: [{ time, sum: 1 }] }];
    const { out, code } = await keys(['list']);
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`^${used.id} .* 3m ago +active$`, 'm'));
    expect(out).toMatch(new RegExp(`^${unused.id} .* - +active$`, 'm'));
    const views = (await keys(['list', '--json'])).json<{ id: string; lastUsedAt: unknown }[]>();
    expect(views.find(({ id }) => id === used.id)?.lastUsedAt).toBe(time);
    expect(views.find(({ id }) => id === unused.id)?.lastUsedAt).toBeNull();
    expect(JSON.stringify(views)).not.toContain('hash');
  });

  it('does without the last use when the metrics can not be read', async () => {
    const { code, err, json } = await keys(['list', '--json'], { console: 'http://127.0.0.1:1' });
    expect(code).toBe(0);
    expect(err).toMatch(/could not be read[^]*The last use is left out/);
    expect(json<object[]>()[0]).not.toHaveProperty('lastUsedAt');
  });
});

describe('keys show', () => {
  it('shows a key and its audit trail, without secrets', async () => {
    const { id, key } = await newKey();
    const { out } = await keys(['show', id]);
    expect(out).toMatch(new RegExp(`^id +${id}$`, 'm'));
    expect(out).toMatch(/^audit\n\S+ +issue +.+ from .+$/m);
    const json = (await keys(['show', id, '--json'])).json();
    expect(json).toMatchObject({ id, status: 'active', audit: [{ action: 'issue' }] });
    expect(out + JSON.stringify(json)).not.toMatch(new RegExp(`${key.slice(-49)}|${hashKey(key)}`));
  });

  it('shows the audit trail of a key whose record was removed', async () => {
    const { id } = await newKey();
    await test.keys.client.send(
      new DeleteItemCommand({
        TableName: test.keys.table,
        Key: { keyId: { S: id }, item: { S: 'key' } },
      }),
    );
    const json = (await keys(['show', id, '--json'])).json();
    expect(json).toMatchObject({ id, status: 'removed', audit: [{ action: 'issue' }] });
    expect((await keys(['show', id])).out).toMatch(/^status +removed$/m);
  });

  it('fails for a key that is not there', async () => {
    const { code, err } = await keys(['show', '000000000000']);
    expect(code).toBe(1);
    expect(err).toMatch(/no key 000000000000/);
  });
});

describe('keys rotate', () => {
  it('makes a successor, and says how long the old one works', async () => {
    const { id } = await newKey();
    const { json } = await keys(['rotate', id, '--overlap', '1h', '--json']);
    const successor = json<{ id: string; key: string; oldExpiresAt: string }>();
    expect(parseKey(successor.key)?.keyId).toBe(successor.id);
    expect(successor).toMatchObject({ rotatedFrom: id, owner: 'team@example.com' });
    const left = Date.parse(successor.oldExpiresAt) - Date.now();
    expect(Math.abs(left - 3_600_000)).toBeLessThan(60_000);
    const { out } = await keys(['rotate', successor.id, '--expires', '5d']);
    expect(out).toMatch(new RegExp(`replaces ${successor.id}, which works until 20`));
    const again = await keys(['rotate', id]);
    expect([again.code, again.out]).toEqual([1, '']);
  });
});

describe('keys revoke', () => {
  it('asks first', async () => {
    const { id } = await newKey();
    const refused = await keys(['revoke', id], { answer: 'n' });
    expect([refused.code, refused.out]).toEqual([1, '']);
    expect(refused.err).toMatch(/Revoke \w+ of team@example.com .* \[y\/N\] Nothing was revoked/);
    expect((await getKey(test.keys, id)).status).toBe('active');
    const agreed = await keys(['revoke', id], { answer: ' Yes ' });
    expect(agreed.code).toBe(0);
    expect(agreed.out).toContain(`${id} is revoked`);
    expect((await getKey(test.keys, id)).status).toBe('revoked');
  });

  it('needs --yes where nobody can be asked', async () => {
    const { id } = await newKey();
    const asked = await keys(['revoke', id]);
    expect(asked.code).toBe(1);
    expect(asked.err).toMatch(/Give --yes/);
    const { json } = await keys(['revoke', id, '--yes', '--json']);
    expect(json()).toEqual({ id, status: 'revoked', revokedAt: expect.any(String) as unknown });
    expect((await readAudit(test.keys, id)).map(({ action }) => action)).toEqual([
      'issue',
      'revoke',
    ]);
  });
});

describe('keys usage', () => {
  it('counts requests, and draws when they came', async () => {
    const { id } = await newKey();
    const at = (hoursAgo: number) => new Date(NOW - hoursAgo * 3_600_000).toISOString();
    series = [
      {
        dimensions: { KeyId: id },
        points: [
          { time: at(30), sum: 10 },
          { time: at(2), sum: 40 },
        ],
      },
    ];
    const { out } = await keys(['usage', id]);
    expect(out).toMatch(/^requests +50$/m);
    expect(out).toMatch(new RegExp(`^last used +${at(2)}$`, 'm'));
    expect(out).toMatch(/ 10 +#{10}$/m);
    expect(out).toMatch(/ 40 +#{40}$/m);
    const json = (await keys(['usage', id, '--since', '2d', '--json'])).json();
    expect(json).toMatchObject({ id, since: at(48), count: 50, lastUsedAt: at(2) });
  });

  it('calls what the edge counted a sample', async () => {
    const { id } = await newKey();
    series = [];
    const { out, err } = await keys(['usage', id], { keysCountedBy: 'edge' });
    expect(out).toMatch(/^counted by +the edge: a sample$/m);
    expect(err).toContain('may be in use all the same');
    const nobody = await keys(['usage', id], { keysCountedBy: 'nobody' });
    expect([nobody.code, nobody.out]).toEqual([1, '']);
    expect((await keys(['list'], { keysCountedBy: 'nobody' })).err).toContain('perKeyMetrics');
  });

  it('says when there were none', async () => {
    const { id } = await newKey();
    series = [];
    expect((await keys(['usage', id])).out).toMatch(/^requests +0\nlast used +not since then\n/m);
    expect((await keys(['usage', id, '--json'])).json()).toMatchObject({
      count: 0,
      lastUsedAt: null,
      points: [],
    });
  });
});

describe('runKeys on a stack', () => {
  const TARGET = ['--stack', 'dev', '--region', 'eu-central-1'];

  beforeAll(() => {
    process.env.AWS_ACCESS_KEY_ID = 'AKIDEXAMPLE';
    process.env.AWS_SECRET_ACCESS_KEY = 'secret';
    process.env.AWS_MAX_ATTEMPTS = '1';
    process.env.AWS_ENDPOINT_URL = test.aws.url;
    process.env.AWS_ENDPOINT_URL_CLOUDWATCH = 'http://127.0.0.1:1';
  });

  it('issues a key under the name of the AWS principal', async () => {
    const args = [...ISSUE, ...TARGET, '--table', test.keys.table, '--json'];
    const { json, err } = await keys(args, { bare: true });
    const { id } = json<{ id: string }>();
    expect((await readAudit(test.keys, id))[0]?.who).toBe('access key AKIDEXAMPLE');
    // Nobody says here where the API is.
    const { out } = await keys(args.slice(0, -1), { bare: true });
    expect(out).toMatch(/^expires .*\n$/m);
    expect(out).not.toMatch(/^url|curl/m);
    expect(err).toMatch(/^Scopes are not checked/);
    const without = ['issue', '--owner', 'a@b.c', ...TARGET, '--table', test.keys.table];
    expect((await keys(without, { bare: true })).err).toMatch(/what may the key do\?\n$/);
  });

  it('warns of regions whose usage is unknown', async () => {
    const server = await startJsonServer(({ headers }) => {
      if (headers.authorization?.includes('/us-east-1/') === true) {
        throw new Error('denied');
      }
      return { MetricDataResults: [] };
    });
    process.env.AWS_ENDPOINT_URL_CLOUDWATCH = server.url;
    const { record } = await issueKey(
      test.keys,
      { environment: 'dev', owner: 'a@b.c', scopes: ['users:read'] },
      { who: 'test', from: 'test' },
    );
    const target = [...TARGET, '--table', test.keys.table];
    for (const command of [['list'], ['usage', record.keyId]]) {
      const { code, err } = await keys([...command, ...target], { bare: true });
      expect(code).toBe(0);
      expect(err).toMatch(/Not counted.*us-east-1/);
    }
    const one = await keys(['usage', record.keyId, ...target, '--edge-region', 'eu-west-1'], {
      bare: true,
    });
    expect(one.err).toBe('');
    await server.close();
  });

  it('explains what AWS refuses', async () => {
    const { code, err } = await keys(['list', ...TARGET, '--table', 'no-such-table'], {
      bare: true,
    });
    expect(code).toBe(1);
    expect(err).toMatch(/AWS or the network refused: ResourceNotFoundException: /);
  });

  it('shows its help', async () => {
    const { code, out } = await keys(['issue', '--help'], { bare: true });
    expect(code).toBe(0);
    expect(out).toContain('--output <file>');
  });

  it.each([
    ['issue', /--expires .*\(default: 90d\)/],
    ['rotate', /--overlap .*\(default:\s+24h\)/],
    ['usage', /--since .*\(default: 7d\)/],
  ])('writes the durations of %s as people do', async (command, shown) => {
    const { out } = await keys([command, '--help'], { bare: true });
    expect(out).toMatch(shown);
    expect(out).not.toMatch(/\d{4,}/);
  });
});
