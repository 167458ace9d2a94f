// The built bundle in a bare context: recorded events in, the embedded DynamoDB behind it.
import { Buffer } from 'node:buffer';
import type { CloudFrontRequest, CloudFrontResultResponse } from 'aws-lambda';
import { startAwsEndpoint, type AwsEndpoint } from '../tools/local/aws/endpoint';
import { bundleEdge } from './bundle';
import type { EdgeSettings } from './settings';
import { loadBare } from './testing/bare-context';
import { cloudFrontHeaders, RECORDED, viewerRequest, type EventParts } from './testing/events';
import { dynamoItem, makeKey, makeRecord } from './testing/keys';
import { plainHttps } from './testing/plain-https';
import { edgeSettings } from './testing/settings';
import { callDynamoDb, createKeysTable } from './testing/table';

const SETTINGS = edgeSettings();
const ENV = {
  AWS_REGION: 'us-west-2',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_SESSION_TOKEN: 'local',
};
const AWS_HOST = 'dynamodb.us-east-1.amazonaws.com';
const KEY = makeKey();
/** The time that the bundle sees; a test may move on from it. */
const START_MS = Date.parse('2026-11-21T12:00:00.000Z');
const RECORD = makeRecord(KEY, { expiresAt: START_MS / 1000 + 3600 });

let aws: AwsEndpoint;
const put = (changes: Partial<typeof RECORD> = {}) =>
  callDynamoDb(aws.url, 'PutItem', {
    TableName: SETTINGS.keysTable,
    Item: { ...dynamoItem({ ...RECORD, ...changes }), item: { S: 'key' } },
  });

beforeAll(async () => {
  aws = await startAwsEndpoint();
  await createKeysTable(aws.url, SETTINGS.keysTable);
});
beforeEach(() => put());
afterAll(() => aws.close());

/** The bundle, its clock, and the regions that it asked. */
async function load(settings: Partial<EdgeSettings> = {}) {
  const state = { skewMs: 0, hosts: [] as string[] };
  const bundle = loadBare(await bundleEdge({ ...SETTINGS, ...settings }), {
    env: ENV,
    now: () => START_MS + state.skewMs,
    https: plainHttps((host) => {
      state.hosts.push(host);
      return aws.url;
    }),
  });
  const send = async (parts: EventParts) =>
    (await bundle.handler(viewerRequest(parts))) as CloudFrontRequest & CloudFrontResultResponse;
  return { ...bundle, state, send };
}

describe('bundleEdge', () => {
  it('gives the same text for the same settings, and another for others', async () => {
    const code = await bundleEdge(SETTINGS);
    expect(await bundleEdge({ ...SETTINGS })).toBe(code);
    expect(await bundleEdge({ ...SETTINGS, cacheSeconds: 10 })).not.toBe(code);
  });

  // A cold function reads and compiles all of it; each rule of the workload adds some 70 bytes.
  it('stays under 20 KB with a few rules', async () => {
    expect(Buffer.byteLength(await bundleEdge(SETTINGS))).toBeLessThan(20 * 1024);
  });

  it('refuses wrong settings', async () => {
    await expect(bundleEdge({ ...SETTINGS, regions: [] })).rejects.toThrow('regions is []');
  });

  it('requires nothing but modules of Node, and all of them while an instance starts', async () => {
    const { required, send } = await load();
    const modules = ['node:buffer', 'node:crypto', 'node:https', 'node:net'];
    expect([...new Set(required)].sort()).toEqual(modules);
    await send({ headers: { 'x-api-key': KEY.key } });
    expect([...new Set(required)].sort()).toEqual(modules);
  });

  it.each<[string, Record<string, string>]>([
    ['x-api-key', { 'x-api-key': KEY.key }],
    ['Bearer', { Authorization: `Bearer ${KEY.key}` }],
    [
      'Basic',
      {
        Authorization: `Basic ${Buffer.from(`${KEY.keyId}:${KEY.key.slice(-49)}`).toString('base64')}`,
      },
    ],
  ])('lets a stored key in by %s, from the nearest replica', async (_, headers) => {
    const { send, state, lines } = await load();
    const request = await send({ uri: '/orders', headers });
    expect(request.uri).toBe('/orders');
    expect(Object.keys(request.headers)).toEqual([
      ...['host', 'user-agent', 'accept'],
      ...['x-gatehouse-key-id', 'x-gatehouse-owner', 'x-gatehouse-scopes'],
      ...['traceparent', 'x-gatehouse-edge-timing'],
    ]);
    expect(state.hosts).toEqual([AWS_HOST]);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ Decision: 'allow', KeyId: KEY.keyId });
    expect(lines.join('')).not.toContain(KEY.key.slice(-49));
  });

  it.each(Object.keys(RECORDED) as (keyof typeof RECORDED)[])(
    'changes nothing of a recorded event but credential and identity: %s',
    async (name) => {
      await put({ scopes: ['orders:read', 'orders:write'] });
      const { handler } = await load();
      const original = viewerRequest({}, name).Records[0]?.cf.request;
      const sent = viewerRequest({ headers: { 'x-api-key': KEY.key } }, name);
      const result = (await handler(sent)) as CloudFrontRequest;
      const { headers, ...request } = result;
      const { traceparent, 'x-gatehouse-edge-timing': timing, ...others } = headers;
      const { headers: originalHeaders, ...rest } = original as CloudFrontRequest;
      expect(request).toEqual(rest);
      expect([traceparent, timing].flat()).toHaveLength(2);
      expect(others).toEqual({
        ...originalHeaders,
        ...cloudFrontHeaders({
          'x-gatehouse-key-id': KEY.keyId,
          'x-gatehouse-owner': 'team@example.com',
          'x-gatehouse-scopes': 'orders:read orders:write',
        }),
      });
      expect(await handler(viewerRequest({}, name))).toMatchObject({ status: '401' });
    },
  );

  it('refuses a key that is missing, made up or revoked', async () => {
    const { send } = await load();
    expect((await send({})).status).toBe('401');
    expect((await send({ headers: { 'x-api-key': makeKey('Unknown00000').key } })).status).toBe(
      '401',
    );
    await put({ status: 'revoked' });
    expect((await send({ headers: { 'x-api-key': KEY.key } })).status).toBe('401');
  });

  it('follows a revocation when its cache time is over', async () => {
    const { send, state } = await load();
    const request = { headers: { 'x-api-key': KEY.key } };
    expect((await send(request)).status).toBeUndefined();
    await put({ status: 'revoked' });
    state.skewMs = 29_000;
    expect((await send(request)).status).toBeUndefined();
    state.skewMs = 30_001;
    expect((await send(request)).status).toBe('401');
  });

  it('fails closed with no environment, no network, and no settings that help', async () => {
    const { handler, lines } = loadBare(await bundleEdge(SETTINGS));
    const event = viewerRequest({ headers: { 'x-api-key': KEY.key } });
    expect(await handler(event)).toMatchObject({ status: '503' });
    expect(lines[0]).toContain('no credentials in the environment');
    expect(await handler(undefined)).toMatchObject({ status: '503' });
  });
});
