// Usage from CloudWatch by the real SDK against a server of its protocol, and from the console.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Target } from './target';
import { startJsonServer, type JsonServer } from './testing/server';
import { periodOf, readUsage } from './usage';

const NOW = Date.parse('2026-11-21T12:00:00.000Z');
const HOUR = 3_600_000;
const QUERY = { keyIds: ['KeyA', 'KeyB'], since: NOW - 14 * 24 * HOUR, until: NOW };
const TARGET: Target = {
  keys: { client: new DynamoDBClient({ region: 'eu-central-1' }), table: 'keys' },
  stack: 'dev',
  environment: 'dev',
  region: 'eu-central-1',
  edgeRegions: ['eu-central-1', 'us-east-1'],
  keyCounters: ['edge'],
  scopes: () => undefined,
};

describe('readUsage from CloudWatch', () => {
  let server: JsonServer;
  let bodies: { region: string; body: Record<string, unknown> }[];
  let answer: (region: string, body: Record<string, unknown>) => unknown;

  beforeAll(async () => {
    server = await startJsonServer(({ headers }, body) => {
      const region = /\/([a-z0-9-]+)\/monitoring\//.exec(headers.authorization ?? '')?.[1] ?? '';
      bodies.push({ region, body: body as Record<string, unknown> });
      return answer(region, body as Record<string, unknown>);
    });
    process.env.AWS_ENDPOINT_URL_CLOUDWATCH = server.url;
    process.env.AWS_ACCESS_KEY_ID = 'id';
    process.env.AWS_SECRET_ACCESS_KEY = 'secret';
    process.env.AWS_MAX_ATTEMPTS = '1';
  });
  beforeEach(() => (bodies = []));
  afterAll(() => server.close());

  const result = (Label: string, points: [number, number][]) => ({
    Id: 'usage',
    Label,
    Timestamps: points.map(([time]) => time / 1000),
    Values: points.map(([, value]) => value),
  });

  it('takes what the service counted in the home region, and its errors', async () => {
    answer = (_region, body) =>
      JSON.stringify(body).includes('gatehouse.key.errors')
        ? { MetricDataResults: [result('KeyA', [[NOW - 2 * HOUR, 2]])] }
        : {
            MetricDataResults: [
              result('KeyA', [[NOW - 2 * HOUR, 5]]),
              result('KeyB', [[NOW - HOUR, 1]]),
            ],
          };
    const { byKey, warnings } = await readUsage({ ...TARGET, keyCounters: ['service'] }, QUERY);
    expect(byKey.get('KeyA')).toMatchObject({ count: 5, errors: 2, countedBy: 'service' });
    expect(byKey.get('KeyB')).toMatchObject({ count: 1, errors: 0 });
    expect(warnings).toEqual([]);
    expect(bodies.map(({ region }) => region)).toEqual(['eu-central-1', 'eu-central-1']);
    const query = (Label: string, index: number) => ({
      Id: `key${index}`,
      Label,
      MetricStat: {
        Stat: 'Sum',
        Period: 3600,
        Metric: {
          Namespace: 'Gatehouse/Service',
          MetricName: 'gatehouse.key.requests',
          Dimensions: [
            { Name: 'Stack', Value: 'dev' },
            { Name: 'KeyId', Value: Label },
          ],
        },
      },
    });
    expect(bodies[0]?.body.MetricDataQueries).toEqual([query('KeyA', 0), query('KeyB', 1)]);
  });

  it('sums what the edge counted in every region, over all pages, and calls it a sample', async () => {
    answer = (region, { NextToken }) =>
      region === 'us-east-1'
        ? { MetricDataResults: [result('KeyA', [[NOW - 2 * HOUR, 5]])] }
        : NextToken === undefined
          ? { MetricDataResults: [result('KeyA', [[NOW - 2 * HOUR, 1]])], NextToken: 'more' }
          : {
              MetricDataResults: [
                result('KeyB', [
                  [NOW - HOUR, 3],
                  [NOW, 0],
                ]),
                { Id: 'key1' },
              ],
            };
    const { byKey, warnings } = await readUsage(TARGET, QUERY);
    expect(Object.fromEntries(byKey)).toEqual({
      KeyA: {
        count: 6,
        countedBy: 'edge',
        lastUsedAt: '2026-11-21T10:00:00.000Z',
        points: [{ time: '2026-11-21T10:00:00.000Z', count: 6 }],
      },
      KeyB: {
        count: 3,
        countedBy: 'edge',
        lastUsedAt: '2026-11-21T11:00:00.000Z',
        points: [{ time: '2026-11-21T11:00:00.000Z', count: 3 }],
      },
    });
    expect(warnings).toEqual([expect.stringContaining('a sample of the edge')]);
    expect(bodies).toHaveLength(3);
    expect(JSON.stringify(bodies[0]?.body)).toContain('"MetricName":"Decisions"');
  });

  it('takes the larger count of each key where nobody says who counts', async () => {
    answer = (region, body) => {
      if (region === 'us-east-1' || JSON.stringify(body).includes('errors')) return {};
      const byService = JSON.stringify(body).includes('gatehouse.key.requests');
      const [a, b] = byService ? [9, 1] : [4, 2];
      return { MetricDataResults: [result('KeyA', [[NOW, a]]), result('KeyB', [[NOW, b]])] };
    };
    const { byKey, warnings } = await readUsage(
      { ...TARGET, keyCounters: ['service', 'edge'] },
      QUERY,
    );
    expect([...byKey.values()].map(({ count, countedBy }) => [count, countedBy])).toEqual([
      [9, 'service'],
      [2, 'edge'],
    ]);
    expect(warnings).toEqual([]);
  });

  it('asks for every key by name, as many at a time as CloudWatch takes', async () => {
    answer = () => ({ MetricDataResults: [] });
    const keyIds = Array.from({ length: 501 }, (_, at) => `Key${at}`);
    const query = { keyIds, since: NOW - 2 * HOUR, until: NOW };
    const target = { ...TARGET, edgeRegions: ['us-east-1'] };
    expect((await readUsage(target, query)).byKey.size).toBe(0);
    expect(bodies.map(({ body }) => (body.MetricDataQueries as object[]).length)).toEqual([500, 1]);
    expect(bodies[1]?.body).toMatchObject({
      StartTime: (NOW - 2 * HOUR) / 1000,
      EndTime: NOW / 1000,
      MetricDataQueries: [{ Label: 'Key500', MetricStat: { Period: 60 } }],
    });
  });

  it('says where to look when nobody counts by key', async () => {
    const target = { ...TARGET, keyCounters: [] };
    await expect(readUsage(target, QUERY)).rejects.toThrow(/perKeyMetrics: false.*api-keys.md/);
  });

  it('warns of a region that can not be asked, and fails when none can', async () => {
    const fail = () => {
      throw new Error('denied');
    };
    answer = (region) =>
      region === 'us-east-1' ? fail() : { MetricDataResults: [result('KeyA', [[NOW, 2]])] };
    const { byKey, warnings } = await readUsage(TARGET, QUERY);
    expect(byKey.get('KeyA')?.count).toBe(2);
    expect(warnings[0]).toMatch(/^Not counted.*us-east-1: .*denied/);
    answer = fail;
    await expect(readUsage(TARGET, QUERY)).rejects.toThrow(/could not be read[^]*eu-central-1/);
  });

  it('takes an answer without values, or without results, for none', async () => {
    answer = (region) =>
      region === 'us-east-1'
        ? {}
        : { MetricDataResults: [{ Id: 'usage', Timestamps: [NOW / 1000], Label: 'KeyA' }] };
    expect((await readUsage(TARGET, QUERY)).byKey.size).toBe(0);
  });
});

describe('readUsage from the console', () => {
  it('adds up seconds to intervals and keeps the exact last use', async () => {
    const urls: string[] = [];
    const server = await startJsonServer(({ url }) => {
      urls.push(url ?? '');
      return {
        series: [
          { dimensions: { Stack: 'dev', Decision: 'allow', Reason: 'valid' }, points: [] },
          {
            dimensions: { Stack: 'dev', KeyId: 'AbCdEf123456' },
            points: [
              { time: '2026-11-21T11:58:10.000Z', sum: 2 },
              { time: '2026-11-21T11:58:40.000Z', sum: 3 },
              { time: '2026-11-21T11:59:07.000Z', sum: 1 },
            ],
          },
        ],
      };
    });
    const target: Target = { ...TARGET, console: server.url, keyCounters: ['edge'] };
    const query = { keyIds: ['AbCdEf123456', 'Other'], since: NOW - HOUR, until: NOW };
    const { byKey } = await readUsage(target, { ...query, keyIds: ['AbCdEf123456'] });
    expect(Object.fromEntries(byKey)).toEqual({
      AbCdEf123456: {
        count: 6,
        countedBy: 'edge',
        lastUsedAt: '2026-11-21T11:59:07.000Z',
        points: [
          { time: '2026-11-21T11:58:00.000Z', count: 5 },
          { time: '2026-11-21T11:59:00.000Z', count: 1 },
        ],
      },
    });
    await readUsage(target, query);
    const base = '/api/metrics?namespace=Gatehouse%2FEdge&name=Decisions';
    const since = '&since=2026-11-21T11%3A00%3A00.000Z';
    expect(urls).toEqual([`${base}${since}&KeyId=AbCdEf123456`, `${base}${since}`]);
    await server.close();
  });

  it('says what to do when there is no console', async () => {
    const target = { ...TARGET, console: 'http://127.0.0.1:1' };
    await expect(readUsage(target, QUERY)).rejects.toThrow(/console at http:\/\/127.0.0.1:1. Does/);
  });
});

describe('periodOf', () => {
  it.each([
    [1, 60],
    [3, 60],
    [4, 300],
    [24, 300],
    [25, 3600],
    [24 * 400, 3600],
  ])('%d hours are read by %d seconds', (hours, period) => {
    expect(periodOf({ since: NOW - hours * HOUR, until: NOW })).toBe(period);
  });
});
