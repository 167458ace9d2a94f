// npm run from-copilot: manifests as they are in the wild, the files that come of them, and what is lost.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { readWorkloadFile } from '../../contracts/workload-file';
import { chooseWorkload } from '../../infra/settings/workload';
import { OWN_IMAGE, stackOnce, type Overrides } from '../../infra/testing/stacks';
import { fromCopilot } from './program';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'gatehouse-copilot-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const manifest = (name: string): string => join(__dirname, 'testing', `${name}.yml`);

function run(...args: string[]): { code: number; out: string; err: string } {
  let [out, err] = ['', ''];
  const io = { stdout: (text: string) => (out += text), stderr: (text: string) => (err += text) };
  const code = fromCopilot(args, io, root);
  return { code, out, err };
}

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const yaml = (path: string): unknown => parse(read(path));
const lostLines = (out: string): string[] =>
  out.split('\n').filter((line) => /^ {2}(line|Cop)/.test(line));

/** A manifest of one's own. */
function wrong(text: string): ReturnType<typeof run> {
  const path = join(root, 'manifest.yml');
  writeFileSync(path, text);
  return run(path, '--region', 'eu-central-1');
}

describe('from-copilot', () => {
  it('writes workload file and settings of a service with an image, and names what is filled in', () => {
    const { code, out } = run(
      ...[manifest('storefront'), '--application', 'shop', '--environment', 'production'],
    );
    expect(code).toBe(0);
    expect(yaml('workloads/storefront/workload.yaml')).toEqual({
      name: 'storefront',
      port: 3000,
      health: '/_healthcheck',
      scopes: { 'storefront:read': 'Read storefront.', 'storefront:write': 'Change storefront.' },
      rules: [
        { methods: ['GET', 'HEAD'], path: '/**', scope: 'storefront:read' },
        { methods: ['POST', 'PUT', 'PATCH', 'DELETE'], path: '/**', scope: 'storefront:write' },
      ],
      environment: { PAGE_SIZE: '20', TABLE: 'shop-production-orders' },
      secrets: {
        GITHUB_TOKEN: 'arn:aws:ssm:eu-west-1:123456789012:parameter/GITHUB_TOKEN',
        DB_PASSWORD:
          'arn:aws:ssm:eu-west-1:123456789012:parameter/copilot/shop/production/secrets/db',
        SIGNING: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:signing-AbCdEf',
      },
    });
    expect(yaml('Pulumi.storefront.yaml')).toEqual({
      config: {
        'aws:region': 'eu-west-1',
        'gatehouse:workload': 'workloads/storefront/workload.yaml',
        'gatehouse:image': `123456789012.dkr.ecr.eu-west-1.amazonaws.com/storefront@sha256:${'a'.repeat(64)}`,
        'gatehouse:cpu': 1024,
        'gatehouse:memory': 2048,
        'gatehouse:minTasks': 2,
        'gatehouse:maxTasks': 10,
        'gatehouse:targetResponseMs': 2000,
        'gatehouse:requestsPerTaskPerMinute': 3000,
        'gatehouse:scaleInCooldownSeconds': 60,
        'gatehouse:scaleOutCooldownSeconds': 30,
        'gatehouse:logLevel': 'info',
        'gatehouse:allowedCidrs': ['192.0.2.0/24'],
      },
    });
    for (const what of [
      'Copilot: access without a key: every request needs a key',
      'line 9: http.healthcheck.interval: the program sets it',
      'line 13: http.deregistration_delay: a task that leaves finishes its requests',
      'line 22: 1 task at least: 2 here, so that a zone may fail',
      'line 27: count.cpu_percentage: tasks follow load',
      'line 31: exec: nobody gets a shell',
      'line 40: variable PORT: environment.PORT is set by the platform',
      'line 41: variable QUEUE: it comes from a CloudFormation export',
      'line 46: secret API_KEY: see "To do"',
      'line 50: environments test: a stack is one environment',
    ]) {
      expect(out).toContain(what);
    }
    expect(out).not.toContain('x86_64');
    expect(out).toContain("aws secretsmanager describe-secret --secret-id 'partners/api-key'");
    expect(out).toContain('pulumi config set --stack storefront gatehouse:domain shop.example.com');
    expect(out).toContain('A stack has one host name; without one now: www.shop.example.com.');
    expect(out).toContain('Then: npm run plan -- --stack storefront');
  });

  it('takes the values of the environment that is named', () => {
    const { code } = run(
      ...[manifest('storefront'), '--environment', 'test', '--stack', 'shop-test'],
      ...['--application', 'shop'],
    );
    expect(code).toBe(0);
    expect(yaml('Pulumi.shop-test.yaml')).toMatchObject({
      config: {
        'gatehouse:minTasks': 2,
        'gatehouse:maxTasks': 2,
        'gatehouse:cpu': 512,
        'gatehouse:logLevel': 'debug',
      },
    });
    expect(yaml('workloads/storefront/workload.yaml')).toMatchObject({
      environment: { TABLE: 'shop-test-orders' },
    });
  });

  it('leaves out what it would have to guess, and says so', () => {
    const { out } = run(manifest('storefront'));
    expect(out).toContain('line 39: variable TABLE: it is made of names that Copilot fills in');
    expect(out).toContain('line 45: secret DB_PASSWORD: it is made of names');
    expect(yaml('workloads/storefront/workload.yaml')).not.toHaveProperty('environment.TABLE');
  });

  it('accounts for every field of a manifest that has little in common', () => {
    const { code, out } = run(manifest('reports'), '--region', 'eu-central-1', '--json');
    expect(code).toBe(0);
    const { lost, toDo, written } = JSON.parse(out) as {
      lost: { line: number; what: string; why: string }[];
      toDo: string[];
      written: string[];
    };
    expect(written).toEqual(['workloads/daily-reports/workload.yaml', 'Pulumi.daily-reports.yaml']);
    expect(lost.map(({ line, what }) => `${line} ${what}`)).toEqual([
      '0 access without a key',
      '0 COPILOT_… variables',
      '0 platform linux/x86_64',
      '6 image.build',
      '9 port 80',
      '10 image.healthcheck',
      '12 image.depends_on',
      '19 cpu 300',
      '20 memory 700',
      '21 1 task at least',
      '25 count.range.spot_from',
      '27 sidecars',
      '31 storage',
      '36 publish',
      '39 logging',
      '41 observability',
      '43 taskdef_overrides',
      '46 deployment',
      '48 env_file',
      '49 varables',
    ]);
    expect(lost.at(-1)?.why).toBe('this command does not know it; did you mean variables?');
    expect(toDo[0]).toContain('docker buildx build --platform linux/arm64 --push');
    expect(yaml('workloads/daily-reports/workload.yaml')).toMatchObject({
      port: 8080,
      health: '/reports/health',
      rules: [{ path: '/reports/**' }, { path: '/reports/**' }],
    });
    expect(yaml('Pulumi.daily-reports.yaml')).toMatchObject({
      config: { 'gatehouse:cpu': 512, 'gatehouse:memory': 1024, 'gatehouse:minTasks': 2 },
    });
  });

  it.each([
    ['storefront', 'storefront', []],
    ['reports', 'daily-reports', ['--region', 'eu-central-1']],
    ['minimal', 'api', ['--region', 'us-east-1']],
  ])('makes of %s what the platform reads and plans', async (name, service, args) => {
    expect(run(manifest(name), ...args).code).toBe(0);
    const file = read(`workloads/${service}/workload.yaml`);
    expect(readWorkloadFile(file)).toHaveProperty('workload');
    const { config } = yaml(`Pulumi.${service}.yaml`) as { config: Overrides };
    // The plan looks for the file beside Pulumi.yaml, which is not in the folder of this test.
    const path = 'infra/settings/testing/orders.yaml';
    const { recording } = await stackOnce('dev', {
      image: OWN_IMAGE,
      protect: true,
      ...config,
      'gatehouse:workload': path,
    });
    expect(recording.outputs.region).toBe(config['aws:region']);
    expect(
      chooseWorkload(
        { service: undefined, workload: path, image: OWN_IMAGE, environment: {}, secrets: {} },
        'fargate',
      ).problems,
    ).toEqual([]);
  });

  it('writes over nothing unless it is told to', () => {
    expect(run(manifest('minimal'), '--region', 'us-east-1').code).toBe(0);
    writeFileSync(join(root, 'Pulumi.api.yaml'), 'mine');
    const { code, err } = run(manifest('minimal'), '--region', 'us-east-1');
    expect([code, read('Pulumi.api.yaml')]).toEqual([1, 'mine']);
    expect(err).toContain('workloads/api/workload.yaml and Pulumi.api.yaml are there already');
    expect(run(manifest('minimal'), '--region', 'us-east-1', '--force').code).toBe(0);
    expect(read('Pulumi.api.yaml')).toContain('aws:region: us-east-1');
  });

  it.each([
    ['', 'It is null, expected a manifest'],
    ['- a\n- b\n', 'expected a manifest: a mapping with name and type'],
    ['name: [\n', 'line 2: '],
    [
      'name: jobs\ntype: Worker Service\nimage: { build: . }\n',
      'line 2: type is "Worker Service", expected Load Balanced Web Service or Backend Service.',
    ],
    [
      'name: Api\ntype: Backend Service\nimage:\n  port: eighty\ncount: many\nhttp:\n  path: 7\n',
      'line 4: image.port is "eighty", expected a port.',
    ],
    [
      'name: a\ntype: Backend Service\ncount: many\n',
      'line 3: count is "many", expected a number of tasks',
    ],
    [
      'name: a\ntype: Backend Service\n',
      'image is missing, expected a mapping with build or location',
    ],
    [
      'name: a\ntype: Backend Service\nimage: {}\nhttp: { path: "/a b", healthcheck: /x }\n',
      'what it says makes no workload: rules',
    ],
    ['a: &a [*a]\n', "It can't be read as YAML"],
  ])('says what is wrong with %j, and writes nothing', (text, message) => {
    const { code, err } = wrong(text);
    expect([code, err]).toEqual([1, expect.stringContaining(message)]);
    expect(() => read('Pulumi.a.yaml')).toThrow('ENOENT');
  });

  it('names every problem at once, in order', () => {
    const { err } = wrong('name: Api\ntype: Job\nimage: { port: x }\ncpu: much\n');
    expect(
      err
        .split('\n')
        .slice(1, -1)
        .map((line) => line.slice(4, 10)),
    ).toEqual(['line 1', 'line 2', 'line 3', 'line 4']);
  });

  it.each([
    [[], 2, "missing required argument 'manifest'"],
    [[manifest('minimal'), '--account', '12'], 2, 'Expected the 12 digits of an account'],
    [[manifest('minimal'), '--stack', '../x'], 2, 'Expected the name of a stack'],
    [[manifest('minimal')], 1, 'pass --region'],
    [['/nowhere.yml'], 1, "/nowhere.yml can't be read (ENOENT)"],
    [[manifest('storefront'), '--environment', 'prod'], 1, 'no environment "prod"'],
    [[manifest('storefront'), '--environment', 'tets'], 1, 'Did you mean test?'],
    [[manifest('minimal'), '--environment', 'x'], 1, 'It has none.'],
  ])('ends for %j with %i', (args, expected, message) => {
    const { code, err } = run(...args);
    expect([code, err]).toEqual([expected, expect.stringContaining(message)]);
  });

  it('shows its help', () => {
    const { code, out } = run('--help');
    expect([code, out]).toEqual([0, expect.stringContaining('Changes nothing on AWS')]);
    expect(lostLines(out)).toEqual([]);
  });
});
