// Runs the pack as the Pulumi engine does, in a process of its own, and asks it over gRPC.
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

import { AnalyzerClient } from '@pulumi/pulumi/proto/analyzer_grpc_pb';
import * as proto from '@pulumi/pulumi/proto/analyzer_pb';
import { Empty } from 'google-protobuf/google/protobuf/empty_pb';
import { Struct } from 'google-protobuf/google/protobuf/struct_pb';

import { packPolicies } from './pack';
import { resourceRule, type Rule, unless } from './rule';
import { RULES, verdicts } from './rules';
import { resource } from './testing/cases';

const BALANCER = 'aws:lb/loadBalancer:LoadBalancer';
const URN = `urn:pulumi:test::gatehouse::${BALANCER}::gh-lb`;

describe('the policy pack', () => {
  let child: ChildProcess;
  let client: AnalyzerClient;

  beforeAll(async () => {
    const runner = require.resolve('@pulumi/pulumi/cmd/run-policy-pack');
    // The engine starts it so: in the pack's directory, its own address first.
    child = spawn(process.execPath, [runner, '127.0.0.1:1', '.'], {
      cwd: __dirname,
      // Otherwise in the temporary folder, which is a new one each time.
      env: { ...process.env, TS_NODE_CACHE_DIRECTORY: '../node_modules/.cache/ts-node' },
    });
    const errors: string[] = [];
    child.stderr?.on('data', (chunk: Buffer) => errors.push(chunk.toString()));
    const port = await new Promise<string>((resolve, reject) => {
      if (child.stdout === null) return reject(new Error('The pack has no output.'));
      createInterface({ input: child.stdout }).once('line', resolve);
      child.once('exit', () => reject(new Error(`The pack did not start: ${errors.join('')}`)));
    });
    const grpc = grpcOfPulumi();
    client = new AnalyzerClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  });

  afterAll(async () => {
    client?.close();
    if (child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  });

  it('serves every rule with its level', async () => {
    const info = await call<proto.AnalyzerInfo>((done) =>
      client.getAnalyzerInfo(new Empty(), done),
    );
    const LEVELS = {
      mandatory: proto.EnforcementLevel.MANDATORY,
      advisory: proto.EnforcementLevel.ADVISORY,
    };
    expect(info.getName()).toBe('gatehouse');
    expect(
      info.getPoliciesList().map((policy) => [policy.getName(), policy.getEnforcementlevel()]),
    ).toEqual(RULES.map((rule) => [rule.name, LEVELS[rule.level]]));
  });

  it('names what is wrong with a resource as soon as it is planned', async () => {
    const request = new proto.AnalyzeRequest();
    request.setType(BALANCER);
    request.setUrn(URN);
    request.setName('gh-lb');
    request.setOptions(engineOptions());
    request.setProperties(
      Struct.fromJavaScript({
        internal: false,
        dropInvalidHeaderFields: true,
        desyncMitigationMode: 'strictest',
        accessLogs: { enabled: true },
      }),
    );
    const answer = await call<proto.AnalyzeResponse>((done) => client.analyze(request, done));
    expect(
      answer.getDiagnosticsList().map((each) => [each.getPolicyname(), each.getMessage()]),
    ).toEqual([
      ['load-balancer-internal', expect.stringContaining('gh-lb: is reachable from the internet')],
    ]);
  });

  it('names what a whole stack lacks', async () => {
    const vpc = new proto.AnalyzerResource();
    vpc.setType('awsx:ec2:Vpc');
    vpc.setUrn('urn:pulumi:test::gatehouse::awsx:ec2:Vpc::gh-vpc');
    vpc.setName('gh-vpc');
    vpc.setOptions(engineOptions());
    vpc.setProperties(Struct.fromJavaScript({}));
    const request = new proto.AnalyzeStackRequest();
    request.setResourcesList([vpc]);
    const answer = await call<proto.AnalyzeResponse>((done) => client.analyzeStack(request, done));
    expect(
      answer.getDiagnosticsList().map((each) => [each.getPolicyname(), each.getUrn()]),
    ).toEqual(
      ['default-security-group-closed', 'vpc-flow-logs'].map((name) => [name, vpc.getUrn()]),
    );
  });
});

describe('packPolicies', () => {
  const internal = resourceRule({
    name: 'internal',
    description: 'It is internal.',
    types: [BALANCER],
    faults: ({ inputs }) => unless(inputs.internal === true, 'is public.'),
  });
  const notAlone: Rule = {
    name: 'not-alone',
    description: 'It has company.',
    level: 'advisory',
    check: (resources) =>
      resources.length > 1 ? [] : resources.map(({ urn }) => ({ urn, message: 'is alone.' })),
  };
  const engineResource = {
    type: BALANCER,
    urn: URN,
    name: 'gh-lb',
    props: { internal: false },
    opts: { protect: false, ignoreChanges: [], aliases: [] },
  };

  it('asks a rule about types for each resource, any other for the stack', () => {
    const [single, whole] = packPolicies([internal, notAlone]);
    const reports: unknown[] = [];
    const report = (...report: unknown[]) => reports.push(report);
    invoke(single, 'validateResource', engineResource, report);
    invoke(whole, 'validateStack', { resources: [engineResource] }, report);
    expect(reports).toEqual([['gh-lb: is public.'], ['is alone.', URN]]);
  });

  it('hands name, description and level on', () => {
    expect(packPolicies([notAlone])).toMatchObject([
      { name: 'not-alone', description: 'It has company.', enforcementLevel: 'advisory' },
    ]);
  });
});

describe('index', () => {
  it('makes one pack of all rules', () => {
    const made: unknown[][] = [];
    jest.isolateModules(() => {
      // The real one starts a server in this process; the child process above has it.
      jest.doMock('@pulumi/policy', () => ({
        PolicyPack: class {
          constructor(...args: unknown[]) {
            made.push(args);
          }
        },
      }));
      jest.requireActual('./index');
    });
    expect(made).toMatchObject([['gatehouse', { policies: RULES.map(({ name }) => ({ name })) }]]);
  });
});

describe('verdicts', () => {
  it('reports mandatory rules before advisory ones', () => {
    const table = resource('aws:dynamodb/table:Table', { billingMode: 'PROVISIONED' });
    expect(verdicts([table]).map(({ policy, level }) => [policy, level])).toEqual([
      ['table-on-demand', 'mandatory'],
      ['table-point-in-time-recovery', 'mandatory'],
      ['table-customer-key', 'mandatory'],
      ['stateful-protected', 'advisory'],
    ]);
  });

  it('has nothing to say of no resources', () => {
    expect(verdicts([])).toEqual([]);
  });

  it('knows each rule by a name of its own, and says what it holds in a sentence', () => {
    const names = RULES.map((rule) => rule.name);
    expect(new Set(names).size).toBe(names.length);
    for (const { name, description } of RULES) {
      expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      expect(description).toMatch(/^[A-Z].*\.$/s);
    }
  });
});

function invoke(policy: object | undefined, method: string, ...args: unknown[]): void {
  (policy as Record<string, (...args: unknown[]) => void>)[method]?.(...args);
}

function call<T>(start: (done: (error: Error | null, value: T) => void) => unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, value) => (error === null ? resolve(value) : reject(error)));
  });
}

function engineOptions(): proto.AnalyzerResourceOptions {
  const options = new proto.AnalyzerResourceOptions();
  options.setCustomtimeouts(new proto.AnalyzerResourceOptions.CustomTimeouts());
  return options;
}

/** The gRPC library that Pulumi brings along; this project has no use of its own for one. */
function grpcOfPulumi(): { credentials: { createInsecure: () => never } } {
  const path = require.resolve('@grpc/grpc-js', { paths: [require.resolve('@pulumi/pulumi')] });
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require(path) as { credentials: { createInsecure: () => never } };
}
