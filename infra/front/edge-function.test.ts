// Proves what the edge function is, where it may log, and that its role can read keys and nothing else.
import { randomBytes } from 'node:crypto';

import { assertFitForTheEdge, EdgeFunction, type EdgeFunctionArgs } from './edge-function';
import type { RecordedResource } from '../../recorder/record';
import { all, one } from '../../recorder/query';
import { planAlone, recordComponents, type Statement, statements } from '../testing/recorded';

const TABLES = ['eu-central-1', 'us-west-2'].map(
  (region) => `arn:aws:dynamodb:${region}:123456789012:table/gh-keys-1234567`,
);
const KEYS = ['eu-central-1', 'us-west-2'].map(
  (region) => `arn:aws:kms:${region}:123456789012:key/tables`,
);
const args: EdgeFunctionArgs = {
  code: 'exports.handler = async () => {};',
  keysTableArns: TABLES,
  tableKeyArns: KEYS,
  logRegions: ['eu-central-1', 'us-east-1', 'eu-central-1'],
  logRetentionDays: 30,
  logKeyArns: { 'us-east-1': 'arn:aws:kms:us-east-1:123456789012:key/logs' },
};
const made = (changes: Partial<EdgeFunctionArgs> = {}) =>
  recordComponents(() => {
    new EdgeFunction('gh', { ...args, ...changes });
  });

describe('EdgeFunction', () => {
  let resources: readonly RecordedResource[];
  let fn: RecordedResource;
  let allowed: Statement[];

  beforeAll(async () => {
    resources = await made();
    fn = one(resources, 'lambda/function:Function');
    allowed = statements(one(resources, ':RolePolicy'));
  });

  it('is what the edge can run, with the bundle as its code', () => {
    expect(fn.inputs).toMatchObject({
      region: 'us-east-1',
      runtime: 'nodejs22.x',
      architectures: ['x86_64'],
      handler: 'index.handler',
      memorySize: 128,
      timeout: 5,
      publish: true,
      code: { assets: { 'index.js': { text: args.code } } },
    });
    expect(fn.inputs.environment).toBeUndefined();
    expect(fn.inputs.vpcConfig).toBeUndefined();
  });

  it('may be run by Lambda and replicated by Lambda@Edge, and by nobody else', () => {
    expect(statements(one(resources, 'iam/role:Role'), 'assumeRolePolicy')).toEqual([
      {
        Effect: 'Allow',
        Principal: { Service: ['lambda.amazonaws.com', 'edgelambda.amazonaws.com'] },
        Action: 'sts:AssumeRole',
      },
    ]);
  });

  it('may read what decides of single records, in the keys table and its replicas, decrypted by DynamoDB alone', () => {
    expect(allowed.slice(0, 2)).toEqual([
      {
        Sid: 'ReadDecisivePartOfKeyRecords',
        Effect: 'Allow',
        Action: 'dynamodb:GetItem',
        Resource: TABLES,
        Condition: {
          'ForAllValues:StringEquals': {
            'dynamodb:Attributes': [
              'keyId',
              'item',
              'hash',
              'owner',
              'scopes',
              'cidrs',
              'status',
              'expiresAt',
            ],
          },
          StringEquals: { 'dynamodb:Select': 'SPECIFIC_ATTRIBUTES' },
        },
      },
      {
        Sid: 'DecryptTablesThroughDynamoDb',
        Effect: 'Allow',
        Action: 'kms:Decrypt',
        Resource: KEYS,
        Condition: {
          StringEquals: {
            'kms:ViaService': [
              'dynamodb.eu-central-1.amazonaws.com',
              'dynamodb.us-west-2.amazonaws.com',
            ],
          },
        },
      },
    ]);
  });

  it('may do nothing besides but write to its own log groups', () => {
    const rest = allowed.slice(2).filter(({ Effect }) => Effect === 'Allow');
    const name = String(fn.outputs.name);
    expect(rest).toEqual([
      {
        Sid: 'WriteOwnLogs',
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: ['eu-central-1', 'us-east-1'].map(
          (region) =>
            `arn:aws:logs:${region}:123456789012:log-group:/aws/lambda/us-east-1.${name}:log-stream:*`,
        ),
      },
    ]);
  });

  it('pitfall 1: outlives destroy, under a name that nothing else has', () => {
    expect(fn.inputs.skipDestroy).toBe(true);
    expect(fn.inputs.name).toBeUndefined();
    expect(fn.outputs.name).toMatch(/^gh-edge-fn-[0-9a-f]{7}$/);
  });

  it('pitfall 2: has a log group with retention in each region that is named, once', () => {
    const groups = all(resources, ':LogGroup').map(({ inputs }) => inputs);
    const name = `/aws/lambda/us-east-1.${String(fn.outputs.name)}`;
    expect(groups).toEqual([
      { name, region: 'eu-central-1', retentionInDays: 30 },
      { name, region: 'us-east-1', retentionInDays: 30, kmsKeyId: args.logKeyArns?.['us-east-1'] },
    ]);
  });

  it('pitfall 24: cannot bring a deleted log group back', () => {
    expect(allowed.filter(({ Effect }) => Effect === 'Deny')).toEqual([
      {
        Sid: 'LogGroupsBelongToTheStack',
        Effect: 'Deny',
        Action: 'logs:CreateLogGroup',
        Resource: '*',
      },
    ]);
  });

  it('fails the plan when its code is not fit for the edge', () => {
    const { stdout, status } = planAlone('front/edge-function', 'EdgeFunction', {
      ...args,
      code: 'process.env.KEYS_TABLE',
    });
    expect(stdout).toContain('The edge function reads KEYS_TABLE from its environment');
    expect(status).toBe(1);
  });
});

describe('assertFitForTheEdge', () => {
  it('accepts code that reads what Lambda itself sets', () => {
    expect(() =>
      assertFitForTheEdge('process.env.AWS_REGION + process.env["AWS_SESSION_TOKEN"]'),
    ).not.toThrow();
  });

  it('refuses code that reads any other variable, and names each once', () => {
    const code = `process.env.TABLE; process.env['TABLE']; process.env["STAGE"];`;
    expect(() => assertFitForTheEdge(code)).toThrow(
      /reads TABLE, STAGE from its environment, which is empty at the edge/,
    );
  });

  it('accepts a megabyte that zips well and refuses one that does not', () => {
    expect(() => assertFitForTheEdge(' '.repeat(2_000_000))).not.toThrow();
    expect(() => assertFitForTheEdge(randomBytes(1_200_000).toString('base64'))).toThrow(
      /bytes zipped; CloudFront takes at most 1048576/,
    );
  });
});
