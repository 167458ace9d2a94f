import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { viewerRequest } from '../../edge/testing/events';
import { stackOf } from '../../infra/testing/stacks';
import type { Recording } from '../../recorder/recording';
import { generateKey } from '../keys/generate';
import * as aws from './aws/station';
import { containerEnvironment } from './fargate/container';
import * as loadBalancer from './fargate/load-balancer';
import * as scaling from './fargate/scaling';
import * as tasks from './fargate/tasks';
import * as cloudFront from './front/cloudfront';
import * as edgeFunction from './front/edge-function';
import * as waf from './front/waf';
import { testGround } from './testing/ground';
import { closeAfterwards, closeAll } from './testing/servers';

afterEach(closeAll);

let recording: Recording;
beforeAll(async () => {
  ({ recording } = await stackOf('dev'));
});

/** The recording without a resource, or with some text replaced. */
const without = (type: string): Recording => ({
  ...recording,
  resources: recording.resources.filter((resource) => resource.type !== type),
});
const replaced = (before: string, after: string) =>
  JSON.parse(JSON.stringify(recording).replaceAll(before, after)) as Recording;

describe('aws', () => {
  it('reads every recorded table with its keys, indexes and TTL, and every KMS key', () => {
    const { tables, keysTable, workloadTables, kmsKeyArns, region } = aws.read(recording);
    const keys = tables.find(({ input }) => input.TableName === keysTable);
    expect(keys).toMatchObject({
      input: {
        KeySchema: [
          { AttributeName: 'keyId', KeyType: 'HASH' },
          { AttributeName: 'item', KeyType: 'RANGE' },
        ],
      },
      ttlAttribute: 'purgeAt',
    });
    const own = tables.filter(({ input }) => input.TableName !== keysTable);
    const names = own.map(({ input }) => input.TableName);
    expect(names.sort()).toEqual(Object.values(workloadTables).sort());
    const users = own.find(({ input }) => input.TableName === workloadTables.users);
    expect(users?.input).toMatchObject({
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      GlobalSecondaryIndexes: [{ Projection: { ProjectionType: 'INCLUDE' } }],
    });
    expect(kmsKeyArns.length).toBeGreaterThan(0);
    expect(region).toBe(recording.outputs.region);
  });

  it('says what is missing without a table for API keys', () => {
    expect(() => aws.read(without('aws:dynamodb/table:Table'))).toThrow('nowhere to keep API keys');
  });
});

describe('tasks', () => {
  it('gives a task the environment of its container, the origin secret included', () => {
    const { container } = tasks.read(recording);
    const environment = containerEnvironment(container, {});
    expect(environment.ORIGIN_SECRET).toBe(
      cloudFront.read(recording).originHeaders['x-gatehouse-origin-secret'],
    );
    expect(environment.ORIGIN_SECRET?.length).toBeGreaterThanOrEqual(32);
    for (const [name, table] of Object.entries(aws.read(recording).workloadTables)) {
      expect(environment[`${name.toUpperCase()}_TABLE`]).toBe(table);
    }
  });

  it('gives a task both origin secrets while CloudFront still sends the one before', async () => {
    const config = { originSecret: 2, originSecretSent: 1 };
    const { recording: changing } = await stackOf('dev', config);
    const environment = containerEnvironment(tasks.read(changing).container, {});
    const sent = cloudFront.read(changing).originHeaders['x-gatehouse-origin-secret'];
    expect(environment.ORIGIN_SECRET_PREVIOUS).toBe(sent);
    expect(environment.ORIGIN_SECRET?.length).toBeGreaterThanOrEqual(32);
    expect(environment.ORIGIN_SECRET).not.toBe(sent);
  });

  it('reads the size of a task and how long it may take to end', () => {
    const { container, dimensions } = tasks.read(recording);
    expect(container.vcpu).toBeGreaterThan(0);
    expect(container.memoryMib).toBeGreaterThanOrEqual(512);
    expect(container.stopTimeoutSeconds).toBeGreaterThan(0);
    expect(dimensions.ServiceName).toContain('gh-');
  });

  it('takes a secret that the stack does not know from this machine, or makes it up', () => {
    const { container } = tasks.read(without('aws:secretsmanager/secretVersion:SecretVersion'));
    expect(container.unknownSecrets).toEqual(['ORIGIN_SECRET']);
    const made = containerEnvironment(container, {}).ORIGIN_SECRET;
    expect(made?.length).toBeGreaterThanOrEqual(32);
    expect(containerEnvironment(container, { LOCAL_ORIGIN_SECRET: 'mine' }).ORIGIN_SECRET).toBe(
      'mine',
    );
  });

  it('says what is missing without a task definition', () => {
    expect(() => tasks.read(without('aws:ecs/taskDefinition:TaskDefinition'))).toThrow(
      'Expected one aws:ecs/taskDefinition:TaskDefinition, found none',
    );
    expect(() =>
      tasks.read(replaced('\\"name\\":\\"service\\"', '\\"name\\":\\"other\\"')),
    ).toThrow('no container named "service"');
  });
});

describe('the load balancer and scaling', () => {
  it('reads how targets are asked for their health, and how requests are shared', () => {
    const { health, algorithm, deregistrationDelaySeconds } = loadBalancer.read(recording);
    expect(health).toMatchObject({ path: '/healthz', matcher: '200' });
    expect(health.unhealthyThreshold).toBeGreaterThan(1);
    expect(algorithm).toBe('least_outstanding_requests');
    expect(deregistrationDelaySeconds).toBeLessThan(300);
  });

  it('reads how the service scales, by metrics that are measured here', () => {
    const { policies, minimum, maximum } = scaling.read(recording);
    expect(minimum).toBeLessThanOrEqual(maximum);
    const { dimensions: whole, groups } = loadBalancer.read(recording);
    const measured = [
      ...[whole, ...groups].map((each) => JSON.stringify(each)),
      JSON.stringify(tasks.read(recording).dimensions),
    ];
    const metrics = policies.flatMap(({ queries }) =>
      queries.flatMap(({ metric }) => metric ?? []),
    );
    expect(metrics.length).toBeGreaterThan(0);
    for (const { dimensions } of metrics) expect(measured).toContain(JSON.stringify(dimensions));
  });
});

describe('the edge', () => {
  it('reads the function, the headers and which pages of other origins may read answers', async () => {
    expect(edgeFunction.read(recording).code).toContain('handler');
    const { headers, cors } = cloudFront.read(recording).responseHeaders;
    expect(headers).toContainEqual({
      ...{ name: 'x-content-type-options', value: 'nosniff', override: true },
    });
    expect(cors).toBeUndefined();
    const corsOrigins = ['https://app.example.com'];
    const { recording: open } = await stackOf('dev', { corsOrigins });
    expect(cloudFront.read(open).responseHeaders.cors).toEqual({
      origins: corsOrigins,
      exposedHeaders: ['etag', 'location', 'retry-after', 'x-request-id'],
      allowCredentials: false,
      override: true,
    });
  });

  it('reads the rate limits, and what they answer', () => {
    const { rules } = waf.read(recording);
    expect(rules.map(({ header }) => header)).toContain(undefined);
    for (const { limit, windowSeconds, block } of rules) {
      expect(limit).toBeGreaterThan(0);
      expect(windowSeconds).toBeGreaterThan(0);
      expect(block).toMatchObject({
        status: 429,
        contentType: 'application/json',
        headers: { 'retry-after': String(windowSeconds) },
      });
      expect(JSON.parse(block.body)).toBeDefined();
    }
  });

  it('counts a key once on prod, whose edge takes no other header than the counted one', async () => {
    const { recording: prod } = await stackOf('prod');
    const { rules } = waf.read(prod);
    expect(rules.flatMap(({ header }) => header ?? [])).toEqual(['x-api-key']);
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-'));
    closeAfterwards({ close: () => Promise.resolve(rmSync(folder, { recursive: true })) });
    const ground = testGround(folder);
    const { key } = generateKey('prod');
    const nowhere = { url: 'http://127.0.0.1:1', region: 'eu-central-1' };
    const handler = edgeFunction.start(edgeFunction.read(prod), nowhere, ground);
    for (const value of [`Bearer ${key}`, `Basic ${Buffer.from(key).toString('base64')}`]) {
      expect(await handler(viewerRequest({ headers: { authorization: value } }))).toMatchObject({
        status: '401',
        body: expect.stringContaining('Send it as \\"x-api-key: KEY\\".') as string,
      });
    }
    const counts = waf.start(
      { metricName: 'acl', rules: rules.map((rule) => ({ ...rule, limit: 2 })) },
      ground,
    );
    const asked = ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((address) =>
      counts.judge(address, { 'x-api-key': key }),
    );
    expect(asked.map((block) => block?.status)).toEqual([undefined, undefined, 429]);
  });

  it("answers a rule without an answer of its own by WAF's", () => {
    const [rule] = waf.read(replaced('"customResponse"', '"none"')).rules;
    expect(rule?.block).toEqual({ status: 403, contentType: 'text/html', body: '', headers: {} });
  });

  it('refuses a web ACL that counts in a way that is not imitated', () => {
    expect(() => waf.read(replaced('"COMPRESS_WHITE_SPACE"', '"MD5"'))).toThrow(
      'of the web ACL counts by MD5 of a header',
    );
  });
});
