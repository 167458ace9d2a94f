// Tests of the edge function's runtime, and of the recorded function in it.
import { stackOf } from '../../../infra/testing/stacks';
import { closeAfterwards, closeAll, echo, serve } from '../testing/servers';
import * as cloudFront from './cloudfront';
import * as edgeFunction from './edge-function';
import { loadEdgeFunction } from './edge-runtime';

afterEach(closeAll);

describe('loadEdgeFunction', () => {
  const options = {
    region: 'us-east-1',
    awsEndpoint: 'http://127.0.0.1:9',
    onLog: () => undefined,
  };

  it('gives the bundle no environment but what Lambda sets', async () => {
    const logged: string[] = [];
    const handler = loadEdgeFunction({
      ...options,
      code: 'exports.handler = async () => { console.log(Object.keys(process.env).sort().join()); return null; };',
      onLog: (line) => logged.push(line),
    });
    await handler({ Records: [] });
    expect(logged).toEqual([
      'AWS_ACCESS_KEY_ID,AWS_REGION,AWS_SECRET_ACCESS_KEY,AWS_SESSION_TOKEN',
    ]);
  });

  it('takes DynamoDB to this machine and nothing else anywhere', async () => {
    const { port } = await serve(echo);
    const handler = loadEdgeFunction({
      ...options,
      awsEndpoint: `http://127.0.0.1:${port}`,
      code: `
        const { Agent, request, get } = require('node:https');
        const agent = new Agent({ keepAlive: true });
        const ask = (...options) => new Promise((resolve) => {
          const sent = request(...options, (response) => {
            let text = '';
            response.on('data', (part) => { text += part; });
            response.on('end', () => resolve(JSON.parse(text)));
          });
          sent.on('error', (error) => resolve(error.message)).end('x');
        });
        const host = 'dynamodb.eu-west-1.amazonaws.com';
        exports.handler = async () => [
          await ask({ host, method: 'POST', agent, headers: { 'x-amz-target': 'T' } }),
          await ask({ host, method: 'POST', agent, port: 1, socketPath: '/nowhere' }),
          await ask(new URL('https://' + host + '/path'), { method: 'PUT' }),
          await new Promise((resolve) =>
            get('https://' + host + '/', ({ statusCode }) => resolve(statusCode))),
          await ask('https://example.com/', { agent }),
          await ask({ hostname: host + '.example.com' }),
          await ask({ host: '127.0.0.1', port: ${port} }),
          await ask({}),
          typeof fetch,
        ];`,
    });
    const host = 'dynamodb.eu-west-1.amazonaws.com';
    const body = 'x';
    expect(await handler({ Records: [] })).toMatchObject([
      { method: 'POST', url: '/', headers: { host, 'x-amz-target': 'T' }, body },
      { method: 'POST', url: '/', headers: { host }, body },
      { method: 'PUT', url: '/path', headers: { host }, body },
      200,
      'example.com is not reachable from the local edge',
      `${host}.example.com is not reachable from the local edge`,
      '127.0.0.1 is not reachable from the local edge',
      'localhost is not reachable from the local edge',
      'undefined',
    ]);
  });

  it('refuses a bundle that requires a package or exports no handler', () => {
    expect(() => loadEdgeFunction({ ...options, code: "require('aws-sdk')" })).toThrow('aws-sdk');
    expect(() => loadEdgeFunction({ ...options, code: 'exports.main = 1' })).toThrow('no handler');
  });
});

describe('the recorded edge', () => {
  /** The recorded distribution before an origin that answers everything. */
  async function edge(config: Record<string, string | string[] | undefined>): Promise<string> {
    const { recording } = await stackOf('dev', config);
    const distribution = closeAfterwards(
      new cloudFront.CloudFront({
        ...cloudFront.read(recording),
        handler: loadEdgeFunction({
          code: edgeFunction.read(recording).code,
          region: 'us-east-1',
          awsEndpoint: 'http://127.0.0.1:9',
          onLog: () => undefined,
        }),
        waf: { judge: () => undefined },
        originPort: (await serve(echo)).port,
      }),
    );
    return `http://127.0.0.1:${await distribution.start(0)}`;
  }

  /** Statuses of these requests, without a key. */
  async function statuses(publicHealthPath: string | undefined, requests: [string, string][]) {
    const url = await edge({ publicHealthPath });
    const answers = requests.map(async ([method, path]) => {
      const { status } = await fetch(`${url}${path}`, { method });
      return [method, path, status];
    });
    return Promise.all(answers);
  }

  it('lets pages of allowed origins read the answers of edge and origin, each header once', async () => {
    const allowed = 'https://app.example.com';
    const url = await edge({ publicHealthPath: '/healthz', corsOrigins: [allowed] });
    const seen = async (path: string, origin: string) => {
      const { status, headers } = await fetch(`${url}${path}`, { headers: { origin } });
      return [status, headers.get('access-control-allow-origin'), headers.get('vary')];
    };
    expect(await seen('/healthz', allowed)).toEqual([200, allowed, 'Origin']);
    expect(await seen('/users', allowed)).toEqual([401, allowed, 'Origin']);
    expect(await seen('/healthz', 'https://evil.example')).toEqual([200, null, 'Origin']);
    expect(await seen('/users', 'https://evil.example')).toEqual([401, null, null]);
  });

  it('opens the public health path to GET and HEAD, and nothing else', async () => {
    const open: [string, string][] = [
      ['GET', '/healthz'],
      ['HEAD', '/healthz'],
      ['GET', '/healthz?from=monitor'],
    ];
    const closed: [string, string][] = [
      ['POST', '/healthz'],
      ['OPTIONS', '/healthz'],
      ['GET', '/healthz/'],
      ['GET', '/healthz/users'],
      ['GET', '/Healthz'],
      ['GET', '/%68ealthz'],
      ['GET', '/readyz'],
      ['GET', '/users'],
      ['GET', '/'],
    ];
    expect(await statuses('/healthz', [...open, ...closed])).toEqual([
      ...open.map((request) => [...request, 200]),
      ...closed.map((request) => [...request, 401]),
    ]);
  });

  it('opens no path unless it is told to', async () => {
    expect(await statuses(undefined, [['GET', '/healthz']])).toEqual([['GET', '/healthz', 401]]);
  });
});
