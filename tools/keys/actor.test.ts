// Who is written into the audit trail.
import { hostname, userInfo } from 'node:os';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { actorOf, localActor } from './actor';
import { startJsonServer } from './testing/server';

const TARGET = {
  keys: {
    client: new DynamoDBClient({
      region: 'eu-central-1',
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
    }),
    table: 'keys',
  },
  stack: 'dev',
  environment: 'dev',
  region: 'eu-central-1',
  edgeRegions: [],
  keyCounters: [],
  scopes: () => undefined,
};
const FROM = `${userInfo().username}@${hostname()}`;

afterEach(() => {
  delete process.env.AWS_ENDPOINT_URL_STS;
  delete process.env.AWS_ENDPOINT_URL;
});

describe('actorOf', () => {
  it('is the user on this machine for the local platform', async () => {
    expect(localActor()).toEqual({ who: userInfo().username, from: hostname() });
    expect(await actorOf({ ...TARGET, console: 'http://127.0.0.1:1' })).toEqual(localActor());
  });

  it('is the principal that STS names', async () => {
    const arn = 'arn:aws:sts::123456789012:assumed-role/operator/alice';
    const asked: string[] = [];
    const sts = await startJsonServer(({ url, headers }) => {
      asked.push(`${url} ${headers.authorization?.slice(0, 40)}`);
      return { GetCallerIdentityResponse: { GetCallerIdentityResult: { Arn: arn } } };
    });
    process.env.AWS_ENDPOINT_URL_STS = sts.url;
    expect(await actorOf(TARGET)).toEqual({ who: arn, from: FROM });
    expect(asked).toEqual([
      '/?Action=GetCallerIdentity&Version=2011-06-15 AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/',
    ]);
    await sts.close();
  });

  it.each([
    [
      'is down',
      () => {
        throw new Error('down');
      },
    ],
    ['answers something else', () => ({})],
  ])('is the access key when STS %s', async (_, answer) => {
    const sts = await startJsonServer(answer);
    process.env.AWS_ENDPOINT_URL = sts.url;
    expect(await actorOf(TARGET)).toEqual({ who: 'access key AKIDEXAMPLE', from: FROM });
    await sts.close();
  });

  it('asks the region of the stack', async () => {
    const urls: string[] = [];
    const fetched = jest.spyOn(globalThis, 'fetch').mockImplementation((request) => {
      urls.push((request as Request).url);
      return Promise.reject(new TypeError('fetch failed'));
    });
    await actorOf(TARGET);
    fetched.mockRestore();
    expect(urls[0]).toMatch(/^https:\/\/sts\.eu-central-1\.amazonaws\.com\/\?Action=/);
  });
});
