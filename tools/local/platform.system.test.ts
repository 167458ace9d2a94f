// The running local platform: its keys and edge check by command line, real HTTP and the real bundle,
// and the metrics of every graph and alarm. One platform for all, for it takes seconds to start.
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { stackOf } from '../../infra/testing/stacks';
import { all } from '../../recorder/query';
import { runKeys } from '../keys/program';
import { startLocal, type LocalCommand, type Ready } from './testing/command';

let platform: LocalCommand;
let ready: Ready;
let edge: URL;

beforeAll(async () => {
  platform = startLocal(['--json']);
  ready = await platform.ready();
  edge = new URL(ready.edge);
});

afterAll(async () => {
  platform.child.kill('SIGTERM');
  await platform.ended;
});

/** Runs a command on this platform and reads its JSON. */
async function keys<T>(...args: string[]): Promise<T> {
  let [out, err] = ['', ''];
  const code = await runKeys([...args, '--local', '--port', edge.port, '--json'], {
    stdout: (text) => (out += text),
    deliver: (text) => Promise.resolve(void (out += text)),
    onStop: () => () => undefined,
    stderr: (text) => (err += text),
    ask: () => Promise.resolve(undefined),
    now: () => Date.now(),
  });
  expect([code, err]).toEqual([0, '']);
  return JSON.parse(out) as T;
}

/** Sends a request as it is: `fetch` would tidy its path, method and headers. */
async function send(
  path: string,
  headers: Record<string, string | string[]>,
  method = 'GET',
): Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }> {
  const sent = request({ host: edge.hostname, port: edge.port, path, headers, method });
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let body = '';
  for await (const chunk of response) {
    body += String(chunk);
  }
  return { status: response.statusCode ?? 0, headers: response.headers, body };
}

describe('a key on the local platform', () => {
  it('is issued, used in every form, counted, rotated and revoked', async () => {
    const started = Date.now();
    const args = ['issue', '--owner', 'ada@example.com', '--scope', 'users:read'];
    const { id, key } = await keys<{ id: string; key: string }>(...args);
    const basic = Buffer.from(`${id}:${key.slice(-49)}`).toString('base64');

    const allowed: Record<string, string>[] = [
      { 'x-api-key': key },
      { authorization: `Bearer ${key}` },
      { authorization: `Basic ${basic}` },
      { 'x-api-key': key, 'x-gatehouse-scopes': 'none', 'X-Gatehouse-Owner': 'root@example.com' },
    ];
    for (const headers of allowed) {
      expect((await send('/users', headers)).status).toBe(200);
    }

    const refused: [number, string, Record<string, string | string[]>, string?][] = [
      [401, '/users', {}],
      [401, `/users?api_key=${key}`, {}],
      [401, '/users', { 'x-api-key': `${key}x` }],
      [401, '/users', { authorization: `Basic ${basic}x` }],
      [400, '/users', { 'x-api-key': [key, key] }],
      [400, '/users', { 'x-api-key': key, authorization: `Bearer ${key}` }],
      [400, '/docs/../users', { 'x-api-key': key }],
      [400, '/docs/%2e%2e/users', { 'x-api-key': key }],
      [400, '/docs%EF%BC%8Fusers', { 'x-api-key': key }],
      [403, '/users', { 'x-api-key': key, 'x-gatehouse-scopes': 'users:write' }, 'POST'],
      [403, '/users', { 'x-api-key': key, 'x-http-method-override': 'GET' }, 'DELETE'],
    ];
    for (const [status, path, headers, method] of refused) {
      const answer = await send(path, headers, method);
      expect([path, answer.status]).toEqual([path, status]);
      expect(answer.headers['cache-control']).toBe('no-store');
      expect(answer.body).not.toContain(key.slice(-49));
    }

    type Counted = { count: number; errors: number; countedBy: string; lastUsedAt: string };
    let usage = await keys<Counted>('usage', id);
    // The service sends its counts every few seconds.
    while (usage.count < allowed.length) usage = await keys<Counted>('usage', id);
    expect(usage).toMatchObject({ count: allowed.length, errors: 0, countedBy: 'service' });
    // It is the start of an interval of up to a minute.
    expect(Date.parse(usage.lastUsedAt)).toBeGreaterThan(started - 60_000);

    const successor = await keys<{ id: string; key: string }>('rotate', id, '--overlap', '1h');
    expect((await send('/users', { 'x-api-key': key })).status).toBe(200);
    expect((await send('/users', { 'x-api-key': successor.key })).status).toBe(200);

    const third = await keys<{ id: string; key: string }>(...args);
    await keys('revoke', third.id, '--yes');
    const revoked = await send('/users', { 'x-api-key': third.key });
    const unknown = await send('/users', { 'x-api-key': key.replace(/.{6}$/, '000000') });
    expect([revoked.status, unknown.status]).toEqual([401, 401]);

    const list = await keys<{ id: string; status: string; lastUsedAt: string | null }[]>('list');
    const status = (wanted: string) => list.find((view) => view.id === wanted)?.status;
    expect([id, successor.id, third.id].map(status)).toEqual(['rotating', 'active', 'revoked']);
    expect(list.find((view) => view.id === third.id)?.lastUsedAt).toBeNull();
    const shown = await keys<{ audit: { action: string }[] }>('show', id);
    expect(shown.audit.map(({ action }) => action)).toEqual(['issue', 'rotate']);
  });

  it('is let in from the addresses that it is bound to, and from no other', async () => {
    const issue = (block: string) =>
      keys<{ key: string }>(
        ...['issue', '--owner', 'ada@example.com', '--scope', 'users:read', '--allow-cidr', block],
      );
    const here = await issue('127.0.0.0/8');
    const elsewhere = await issue('203.0.113.0/24');
    expect((await send('/users', { 'x-api-key': here.key })).status).toBe(200);
    const headers = { 'x-api-key': elsewhere.key, 'x-forwarded-for': '203.0.113.7' };
    const refused = await send('/users', headers);
    expect([refused.status, refused.body]).toEqual([
      403,
      expect.stringContaining('"code":"address_not_allowed"'),
    ]);
  });
});

/** What AWS emits and this machine does not, or only when something goes wrong. */
const ABSENT: readonly RegExp[] = [
  // Log groups have no price here.
  /^AWS\/Logs /,
  // Of other regions: the edge function runs once here.
  /^Gatehouse\/Edge .*@(?!home)/,
  // Counted when it happens, as on AWS.
  /^AWS\/DynamoDB (Read|Write)ThrottleEvents /,
  /^AWS\/CloudFront LambdaExecutionError /,
  /^AWS\/WAFV2 (Blocked|Counted)Requests /,
  /^AWS\/ApplicationELB HTTPCode_(ELB|Target)_5XX_Count /,
  // Operations that no request below makes; the table of ciphertexts is never read.
  /^AWS\/DynamoDB (SuccessfulRequestLatency|ConsumedReadCapacityUnits) /,
];

interface Series {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Record<string, string>;
}

type Watched = Omit<Series, 'name'> & { readonly metricName: string };

const nameOf = ({ namespace, name, dimensions }: Series): string =>
  `${namespace} ${name} ${JSON.stringify(Object.entries(dimensions).sort())}`;

describe('metrics of this machine', () => {
  it('have the names and dimensions that dashboards draw and alarms watch', async () => {
    const { recording } = await stackOf('dev');
    const { console, key } = ready;
    const home = String(recording.outputs.region);
    const wanted = new Map<string, string>();
    const want = (series: Series, region: string) =>
      wanted.set(nameOf(series), `${nameOf(series)} @${region === home ? 'home' : region}`);
    for (const { inputs } of all(recording.resources, ':Dashboard')) {
      const { widgets } = JSON.parse(String(inputs.dashboardBody)) as {
        widgets: { properties: { region: string; metrics?: unknown[][] } }[];
      };
      for (const { region, metrics = [] } of widgets.map(({ properties }) => properties)) {
        for (const [namespace, name, ...rest] of metrics) {
          if (typeof namespace !== 'string') continue;
          const { region: own } = rest.pop() as { region?: string };
          const pairs = rest.flatMap((value, at) =>
            at % 2 === 0 ? [[String(value), String(rest[at + 1])]] : [],
          );
          const dimensions = Object.fromEntries(pairs) as Record<string, string>;
          want({ namespace, name: String(name), dimensions }, own ?? region);
        }
      }
    }
    for (const { inputs } of all(recording.resources, ':MetricAlarm')) {
      const queries = (inputs.metricQueries ?? [{ metric: inputs }]) as { metric?: Watched }[];
      for (const { metric } of queries) {
        if (metric !== undefined)
          want({ ...metric, name: metric.metricName }, String(inputs.region));
      }
    }
    expect(wanted.size).toBeGreaterThan(50);

    const headers = { 'x-api-key': key, 'content-type': 'application/vnd.api+json' };
    const attributes = { name: 'A', email: 'a@example.com', credentials: 's3cret' };
    const body = JSON.stringify({ data: { type: 'users', attributes } });
    const missingOf = async () => {
      await fetch(`${ready.edge}/users`, { headers });
      await fetch(`${ready.edge}/users/none`, { headers });
      await fetch(`${ready.edge}/users`, { method: 'POST', headers, body });
      await fetch(`${ready.edge}/users`);
      await fetch(`${ready.edge}/users`, { headers: { 'x-api-key': 'x' } });
      await fetch(`${ready.edge}/nothing`, { headers });
      const answer = await fetch(`${console}/api/metrics`);
      const { series } = (await answer.json()) as { series: Series[] };
      const there = new Set(series.map(nameOf));
      return [...wanted]
        .filter(([name]) => !there.has(name))
        .map(([, shown]) => shown)
        .filter((shown) => !ABSENT.some((pattern) => pattern.test(shown)));
    };
    let missing = await missingOf();
    // Gauges and what tasks export come every few seconds.
    for (let round = 0; missing.length > 0 && round < 60; round += 1) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      missing = await missingOf();
    }
    expect(missing).toEqual([]);
  });
});
