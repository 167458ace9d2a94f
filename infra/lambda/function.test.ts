// Tests of the service on Lambda: what is declared, and that what is deployed starts and answers.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stackOf, type StackView } from '../testing/stacks';

const lambda = (): Promise<StackView> => stackOf('prod', { compute: 'lambda' });

describe('ServiceFunction', () => {
  it('reserves executions where the stack asks for it, and what the API lets in follows', async () => {
    const rates = async (lambdaConcurrency: number) => {
      const view = await stackOf('prod', { compute: 'lambda', lambdaConcurrency });
      const { defaultRouteSettings } = view.inputs('apigatewayv2/stage:Stage');
      const { throttlingRateLimit } = defaultRouteSettings as { throttlingRateLimit: number };
      const fn = view.inputs('lambda/function:Function', 'gh-fn');
      return [fn.reservedConcurrentExecutions, throttlingRateLimit];
    };
    expect(await rates(0)).toEqual([undefined, 10_000]);
    expect(await rates(50)).toEqual([50, 2500]);
  });

  it('runs on ARM64 in the private subnets, traced', async () => {
    const view = await lambda();
    expect(view.inputs('lambda/function:Function', 'gh-fn')).toMatchObject({
      runtime: 'nodejs24.x',
      architectures: ['arm64'],
      handler: 'index.handler',
      memorySize: 1024,
      timeout: 12,
      tracingConfig: { mode: 'Active' },
      vpcConfig: {
        subnetIds: view.one('awsx:ec2:Vpc').outputs.privateSubnetIds,
        securityGroupIds: [view.one('ec2/securityGroup:SecurityGroup', '-fn-sg').outputs.id],
      },
    });
  });

  it('pitfall 20: writes out what AWS would fill in, so that a second preview shows nothing', async () => {
    const view = await lambda();
    expect(view.inputs('lambda/function:Function', 'gh-fn')).toMatchObject({
      packageType: 'Zip',
      ephemeralStorage: { size: 512 },
      loggingConfig: {
        logFormat: 'JSON',
        logGroup: view.one('logGroup:LogGroup', '-fn-logs').outputs.name,
        applicationLogLevel: 'INFO',
        systemLogLevel: 'INFO',
      },
      tracingConfig: { mode: 'Active' },
      vpcConfig: { ipv6AllowedForDualStack: false },
    });
    const debug = await stackOf('dev', { compute: 'lambda', logLevel: 'debug' });
    expect(debug.inputs('lambda/function:Function', 'gh-fn')).toHaveProperty(
      'loggingConfig.applicationLogLevel',
      'DEBUG',
    );
  });

  it('is told where its secret is, not what it is', async () => {
    const view = await lambda();
    const { environment } = view.inputs('lambda/function:Function', 'gh-fn');
    const secret = view.one(':RandomPassword').outputs.result as string;
    expect(JSON.stringify(environment)).not.toContain(secret);
    expect(environment).toHaveProperty(
      'variables.SECRET_ARNS',
      JSON.stringify({ ORIGIN_SECRET: view.one('secretsmanager/secret:Secret').outputs.arn }),
    );
    // Lambda refuses a function that sets it.
    expect(environment).not.toHaveProperty('variables.AWS_REGION');
  });

  it("exports the stack's share of traces by X-Ray's daemon, and reaches nothing more for it", async () => {
    const view = await stackOf('prod', { compute: 'lambda', traceSampling: 0.2 });
    expect(view.inputs('lambda/function:Function', 'gh-fn').environment).toMatchObject({
      variables: {
        OTEL_TRACES_EXPORTER: 'xray',
        OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
        OTEL_TRACES_SAMPLER_ARG: '0.2',
        OTEL_METRICS_EXPORTER: 'none',
      },
    });
    const services = view
      .all('ec2/vpcEndpoint:VpcEndpoint')
      .map(({ inputs }) => inputs.serviceName);
    expect(JSON.stringify(services)).not.toContain('xray');
  });

  it('may do what the container may, and denies its code the network interfaces', async () => {
    const [container, fn] = [await stackOf('prod'), await lambda()];
    const [taskRights, fnRights] = [container.rights('-task-policy'), fn.rights('-fn-policy')];
    for (const sid of [
      'ReadUsers',
      'ListUsersByIndex',
      'WriteCredentialsInTransactions',
      'NeverReadWriteOnlyTables',
      'EncryptCredentials',
    ]) {
      expect(fnRights[sid]).toEqual(taskRights[sid]);
    }
    // Lambda's daemon sends spans on under the function's role.
    expect(fnRights.SendTraces).toMatchObject({
      Action: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
    });
    expect(fnRights.CodeLeavesNetworkAlone).toMatchObject({ Effect: 'Deny' });
    expect(fnRights.LogGroupsBelongToTheStack).toMatchObject({ Effect: 'Deny' });
  });

  it('stands behind an API that throttles, logs without headers, and has one route', async () => {
    const view = await lambda();
    const stage = view.inputs('apigatewayv2/stage:Stage');
    expect(stage).toMatchObject({
      name: '$default',
      autoDeploy: true,
      defaultRouteSettings: { throttlingBurstLimit: 5000, throttlingRateLimit: 10_000 },
    });
    const format = (stage.accessLogSettings as { format: string }).format;
    expect(format).not.toMatch(/header|query|authorizer|identity/i);
    expect(view.all('apigatewayv2/route:Route').map(({ inputs }) => inputs.routeKey)).toEqual([
      '$default',
    ]);
  });

  it('starts from its archive and refuses whoever does not know the origin secret', async () => {
    const view = await lambda();
    const { code, environment } = view.inputs('lambda/function:Function', 'gh-fn');
    const { variables } = environment as { variables: Record<string, string> };
    const origin = view.one('secretsmanager/secret:Secret').outputs.arn as string;
    const payment = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:payment-AbCdEf';
    const parameter = 'arn:aws:ssm:eu-central-1:123456789012:parameter/orders/token';
    const SECRET_ARNS = JSON.stringify({
      ORIGIN_SECRET: origin,
      PAYMENT_KEY: `${payment}:key:AWSPREVIOUS:`,
      TOKEN: parameter,
    });
    const { assets } = code as { assets: Record<string, { text: string }> };
    expect(invoke(assets, { ...variables, SECRET_ARNS })).toEqual({
      alive: 200,
      stranger: 401,
      asked: [
        { Names: [parameter], WithDecryption: true },
        { SecretId: origin },
        { SecretId: payment, VersionStage: 'AWSPREVIOUS' },
      ],
      secrets: ['the key for payments', 'the token'],
    });
  });
});

/** Clients as Lambda's runtime brings them, answering from memory. */
const CLIENTS = {
  'client-secrets-manager': `
export class GetSecretValueCommand { constructor(input) { this.input = input; } }
export class SecretsManagerClient {
  async send({ input }) {
    (globalThis.asked ??= []).push(input);
    return {
      SecretString: input.SecretId.includes(':payment-')
        ? '{"key":"the key for payments"}'
        : 'an-origin-secret-of-the-right-length',
    };
  }
}`,
  'client-ssm': `
export class GetParametersCommand { constructor(input) { this.input = input; } }
export class SSMClient {
  async send({ input }) {
    (globalThis.asked ??= []).push(input);
    return { Parameters: [{ Value: 'the token' }] };
  }
}`,
};

const CALLER = `
const event = (path) => ({
  version: '2.0', routeKey: '$default', rawPath: path, rawQueryString: '', isBase64Encoded: false,
  headers: { host: 'x.execute-api.eu-central-1.amazonaws.com', accept: '*/*' },
  requestContext: { http: { method: 'GET', path, protocol: 'HTTP/1.1', sourceIp: '1.2.3.4' } },
});
const { handler } = await import('./index.mjs');
const alive = (await handler(event('/healthz'), {})).statusCode;
const stranger = (await handler(event('/users'), {})).statusCode;
const asked = globalThis.asked.sort((a, b) => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
const secrets = [process.env.PAYMENT_KEY, process.env.TOKEN];
console.log('ANSWER' + JSON.stringify({ alive, stranger, asked, secrets }));
process.exit(0);
`;

/** Unpacks the archive, runs it as Lambda would and returns the statuses of two requests. */
function invoke(
  assets: Record<string, { text: string }>,
  variables: Record<string, string>,
): Record<string, unknown> {
  const folder = mkdtempSync(join(tmpdir(), 'fn-'));
  try {
    for (const [name, { text }] of Object.entries(assets)) writeFileSync(join(folder, name), text);
    for (const [client, text] of Object.entries(CLIENTS)) {
      const sdk = join(folder, 'node_modules/@aws-sdk', client);
      mkdirSync(sdk, { recursive: true });
      writeFileSync(join(sdk, 'package.json'), '{"type":"module","main":"index.js"}');
      writeFileSync(join(sdk, 'index.js'), text);
    }
    writeFileSync(join(folder, 'call.mjs'), CALLER);
    const { stdout, stderr } = spawnSync(process.execPath, ['call.mjs'], {
      cwd: folder,
      encoding: 'utf8',
      env: { AWS_REGION: 'eu-central-1', AWS_LAMBDA_FUNCTION_NAME: 'gh-fn', ...variables },
    });
    const answer = /ANSWER(.*)/.exec(stdout)?.[1];
    if (answer === undefined) throw new Error(`The function did not answer: ${stdout}${stderr}`);
    return JSON.parse(answer) as Record<string, unknown>;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
