import gatehouse from '../../infra/index';
import { record } from '../../recorder/record';
import type { Recording } from '../../recorder/record';
import { describePlatform } from './description';
import type { PlatformDescription } from './description';

describe('describePlatform', () => {
  let recording: Recording;
  let description: PlatformDescription;
  beforeAll(async () => {
    recording = await record('dev', { program: gatehouse });
    description = describePlatform(recording);
  });

  const without = (type: string): Recording => ({
    ...recording,
    resources: recording.resources.filter((resource) => resource.type !== type),
  });

  it('reads both tables with their keys, the index without credentials, and the TTL', () => {
    const [users, keys] = description.tables;
    expect(users?.input).toMatchObject({
      TableName: recording.outputs.usersTable,
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      GlobalSecondaryIndexes: [{ Projection: { ProjectionType: 'INCLUDE' } }],
    });
    expect(JSON.stringify(users?.input)).not.toContain('credentials');
    expect(keys).toMatchObject({
      input: {
        KeySchema: [
          { AttributeName: 'keyId', KeyType: 'HASH' },
          { AttributeName: 'item', KeyType: 'RANGE' },
        ],
      },
      ttlAttribute: 'purgeAt',
    });
  });

  it('gives the service the environment of its container, the origin secret included', () => {
    expect(description.environment).toMatchObject({
      USERS_TABLE: recording.outputs.usersTable,
      ORIGIN_SECRET: description.originHeaders['x-gatehouse-origin-secret'],
    });
    expect(description.environment.ORIGIN_SECRET?.length).toBeGreaterThanOrEqual(32);
    expect(description.kmsKeyArns).toContain(description.environment.CREDENTIALS_KEY_ARN);
  });

  it('reads the edge: code, headers and the rate limits by address and by key', () => {
    expect(description.edgeCode).toContain('handler');
    expect(description.responseHeaders).toContainEqual({
      name: 'x-content-type-options',
      value: 'nosniff',
      override: true,
    });
    expect(
      description.rateRules.map(({ header, transformations }) => [header, transformations]),
    ).toEqual([
      [undefined, undefined],
      ['x-api-key', ['COMPRESS_WHITE_SPACE']],
      ['authorization', ['LOWERCASE', 'COMPRESS_WHITE_SPACE']],
    ]);
    expect(
      description.rateRules.every(({ limit, windowSeconds }) => limit > 0 && windowSeconds > 0),
    ).toBe(true);
  });

  it('reads which pages of other origins may read answers', async () => {
    expect(description.cors).toBeUndefined();
    const corsOrigins = ['https://app.example.com'];
    expect(
      describePlatform(await record('dev', { program: gatehouse, config: { corsOrigins } })).cors,
    ).toEqual({
      origins: corsOrigins,
      exposedHeaders: ['etag', 'location', 'retry-after', 'x-request-id'],
      allowCredentials: false,
      override: true,
    });
  });

  it('reads how the service scales, and the load balancer that measures it', () => {
    expect(description.scalingPolicies.map(({ target }) => target)).toContain(0.02);
    expect(description.minimumTasks).toBeLessThanOrEqual(description.maximumTasks);
    for (const { metrics } of description.scalingPolicies) {
      for (const metric of metrics) {
        expect(metric.dimensions).toEqual(description.loadBalancerDimensions);
      }
    }
  });

  it('refuses a web ACL that counts in a way that is not imitated', () => {
    const text = JSON.stringify(recording).replaceAll('"LOWERCASE"', '"MD5"');
    expect(() => describePlatform(JSON.parse(text) as Recording)).toThrow(
      'The rule "rate-by-authorization" of the web ACL counts by MD5 of a header',
    );
  });

  it("tells an image of the stack's own from the one that it builds", () => {
    expect(description.ownImage).toBeUndefined();
    expect(describePlatform(without('docker-build:index:Image')).ownImage).toContain('@sha256:');
  });

  it.each([
    ['aws:dynamodb/table:Table', 'declares no aws:dynamodb/table:Table named *-users'],
    ['aws:ecs/taskDefinition:TaskDefinition', 'no container named "service"'],
    ['aws:secretsmanager/secretVersion:SecretVersion', 'which the stack does not make'],
    ['aws:lb/targetGroup:TargetGroup', 'check "compute"'],
  ])('says what is missing without %s', (type, message) => {
    expect(() => describePlatform(without(type))).toThrow(message);
  });
});
