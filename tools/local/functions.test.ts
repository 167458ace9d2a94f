// Functions of the workload's own on this machine: the recorded code, invoked as the service invokes it.
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../../contracts/testing/time';
import { stackOf } from '../../infra/testing/stacks';
import { MetricStore } from '../cloudwatch/metric-store';
import { clientOf } from './aws/access';
import { measureAws } from './aws/aws-metrics';
import { startAwsEndpoint, type AwsEndpoint } from './aws/endpoint';
import * as functions from './functions';
import { testGround } from './testing/ground';
import { closeAfterwards, closeAll } from './testing/servers';

describe('functions', () => {
  let aws: AwsEndpoint;
  let lambda: LambdaClient;
  let logFolder: string;
  const invoke = async (name: string, request: unknown) => {
    const { FunctionError, Payload } = await lambda.send(
      new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(request) }),
    );
    return [FunctionError, JSON.parse(Buffer.from(Payload ?? []).toString())] as [
      string?,
      unknown?,
    ];
  };
  const start = (described: functions.FunctionDescription[]) =>
    functions.start(
      described,
      aws,
      { url: aws.url, region: 'eu-central-1' },
      testGround(logFolder),
    );

  beforeEach(async () => {
    logFolder = mkdtempSync(join(tmpdir(), 'gatehouse-functions-'));
    closeAfterwards({ close: () => Promise.resolve(rmSync(logFolder, { recursive: true })) });
    aws = closeAfterwards(await startAwsEndpoint());
    lambda = new LambdaClient({
      ...clientOf({ url: aws.url, region: 'eu-central-1' }),
      maxAttempts: 1,
    });
  });
  afterEach(async () => {
    lambda.destroy();
    await closeAll();
  });

  it('are none where the workload has none', async () => {
    expect(functions.read((await stackOf('dev')).recording)).toEqual([]);
  });

  it('keep the keys of users with the tags and the policy that AWS would get', async () => {
    const { recording } = await stackOf('dev', { environment: { CREDENTIAL_KEYS: 'per-user' } });
    const described = functions.read(recording);
    const [{ name, environment }] = described as [functions.FunctionDescription];
    start(described);
    const userId = randomUUID();
    const [failed, answer] = await invoke(name, { action: 'make', userId });
    const [key] = aws.kms.list();
    expect([failed, answer]).toEqual([undefined, { keyArn: key?.arn }]);
    expect(key?.policy).toBe(environment['KEY_POLICY']);
    expect(key?.policy).toContain('SealedFromTheStack');
    expect([key?.tags.get('gatehouse:stack'), key?.tags.get('gatehouse:user')]).toEqual([
      'dev',
      userId,
    ]);
    const metrics = new MetricStore({ now: Date.now });
    aws.onCall = measureAws(metrics);
    expect(await invoke(`arn:aws:lambda:eu-central-1:123456789012:function:${name}`, {})).toEqual([
      'Unhandled',
      expect.objectContaining({ errorType: 'Error' }),
    ]);
    await invoke(name, { action: 'make', userId });
    const sum = (metric: string) =>
      metrics
        .query({ namespace: 'AWS/Lambda', name: metric, dimensions: { FunctionName: name } })
        .flatMap(({ points }) => points)
        .reduce((total, point) => total + point.sum, 0);
    await until(() => sum('Invocations') === 2);
    expect(sum('Errors')).toBe(1);
  });

  it('tell what they threw, log what they print, and start anew after they ended', async () => {
    const code = `
      console.log('loaded');
      exports.handler = async ({ how }) => {
        if (how === 'throw') throw Object.assign(new Error('no'), { name: 'LimitExceededException' });
        if (how === 'exit') process.exit(1);
        return how === 'nothing' ? undefined : { name: process.env.NAME, home: process.env.HOME };
      };`;
    start([{ name: 'f', code, environment: { NAME: 'of f' } }]);
    expect(await invoke('f', {})).toEqual([undefined, { name: 'of f' }]);
    expect(await invoke('f', { how: 'nothing' })).toEqual([undefined, null]);
    expect(await invoke('f', { how: 'throw' })).toEqual([
      'Unhandled',
      { errorType: 'LimitExceededException', errorMessage: 'no', trace: [] },
    ]);
    expect((await invoke('f', { how: 'exit' }))[1]).toMatchObject({
      errorType: 'Runtime.ExitError',
    });
    expect(await invoke('f', {})).toEqual([undefined, { name: 'of f' }]);
    await until(() => readFileSync(join(logFolder, 'f.log'), 'utf8').includes('loaded'));
    start([{ name: 'broken', code: 'throw new RangeError("cannot load")', environment: {} }]);
    expect((await invoke('broken', {}))[1]).toMatchObject({ errorMessage: 'cannot load' });
    await expect(invoke('missing', {})).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });
});
