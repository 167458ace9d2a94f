// Holds docs/security-controls.md, control by control, against the recorded resources of prod.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { RULES } from '../policies/rules';
import type { Recording } from '../recorder/recording';
import { CHECKOV_CHECKS } from './testing/checkov-checks';
import { brokenBy, type Check, controlRows, coverRows } from './testing/control-table';
import { stackOf, type Overrides } from './testing/stacks';

const DOCUMENT = readFileSync(join(__dirname, '..', 'docs', 'security-controls.md'), 'utf8');

/** Every control that applies to something that the program makes. */
const CONTROLS = [
  ...ids('EC2', [2, 6, 15, 18, 55, 56, 172]),
  ...ids('ECS', [2, 4, 5, 8, 9, 10, 12, 20, 21]),
  ...ids('ECR', [1, 2, 3, 5]),
  ...ids('ELB', [4, 5, 6, 12, 13, 16, 17, 18, 21, 22]),
  ...ids('CloudFront', [1, 3, 4, 5, 6, 7, 8, 9, 10, 15, 17]),
  ...ids('Lambda', [1, 2, 3, 5]),
  ...ids('APIGateway', [8, 9]),
  ...ids('WAF', [10, 11, 12]),
  ...ids('DynamoDB', [1, 2, 4, 6]),
  ...ids('KMS', [1, 2, 3, 4, 5]),
  ...ids('CloudWatch', [15, 16, 17]),
  ...ids('SNS', [1, 4]),
  ...ids('S3', [2, 3, 5, 8, 9, 12, 13, 14, 17]),
  ...ids('IAM', [1, 21]),
  'Scaling',
  'SecretsManager.1',
  'ASVS 4.1.2',
  'OWASP API2',
  'ECS Exec',
  'WAF anonymous IPs',
  ...['23', '50', '115', '116', '119', '143', '144', '149', '158', '173', '192', '216'].map(ckv),
  ...['249', '259', '261', '272', '286', '287', '288', '289', '290'].map(ckv),
  ...['300', '355', '358', '374', '382'].map(ckv),
  'HSTS',
  'CKV2_AWS_5',
  'CKV2_AWS_32',
  'CKV2_AWS_51',
  'CKV2_AWS_62',
  'CKV_AWS_290 without a resource',
];

/** What AWS takes no resource for, and what Lambda wants on every one. */
const WITHOUT_RESOURCE =
  /^(ecr:GetAuthorizationToken|xray:Put|kms:CreateKey|ec2:(Assign|Unassign)PrivateIp|ec2:(Create|Delete)NetworkInterface|ec2:Describe)/;

const allows = (
  statement: unknown,
): statement is { Action: string | string[]; Resource: unknown } =>
  (statement as { Effect?: string }).Effect === 'Allow';
const actions = (statement: unknown): string[] =>
  allows(statement) ? [statement.Action].flat() : [];
const noActionLike =
  (pattern: RegExp): Check =>
  (statement) =>
    !actions(statement).some((action) => pattern.test(action));

const CHECKS: Record<string, Check> = {
  'endpoint ecr.api': (_value, _resource, recording) => hasEndpoint(recording, 'ecr.api'),
  'endpoint ecr.dkr': (_value, _resource, recording) => hasEndpoint(recording, 'ecr.dkr'),
  attached: (_value, { outputs, urn }, { resources }) =>
    resources.some(
      (other) =>
        other.urn !== urn &&
        !/securityGroup/i.test(other.type) &&
        JSON.stringify(other.inputs).includes(String(outputs.id)),
    ),
  'two roles': (taskRole, { inputs }) =>
    typeof taskRole === 'string' && taskRole !== inputs.executionRoleArn,
  'traced but at the edge': (mode, { name }) =>
    name.endsWith('-edge-fn') ? mode === undefined : mode === 'Active',
  'no decryption everywhere': (statement) =>
    !actions(statement).some((action) => /^kms:(\*|Decrypt|ReEncrypt)/.test(action)) ||
    isNamed((statement as { Resource: unknown }).Resource),
  'not public': (statement) => {
    const { Principal, Condition } = statement as { Principal?: unknown; Condition?: unknown };
    const isEverybody =
      Principal === '*' || (Principal as { AWS?: unknown } | undefined)?.AWS === '*';
    return !allows(statement) || !isEverybody || Condition !== undefined;
  },
  'heard, or by a pair': (alarmActions, { outputs }, { resources }) =>
    (alarmActions as unknown[]).length > 0 ||
    resources.some(
      ({ type, inputs }) =>
        type.endsWith(':CompositeAlarm') &&
        String(inputs.alarmRule).includes(`ALARM("${String(outputs.name)}")`),
    ),
  'named actions': noActionLike(/\*/),
  'no escalation': noActionLike(/^(iam|sts|organizations):/),
  'no credentials': noActionLike(/^(sts:|iam:CreateAccessKey|ssm:GetParameters\b|ecr:BatchGet\*)/),
  'named resources': (statement) =>
    actions(statement).every((action) => WITHOUT_RESOURCE.test(action)) ||
    isNamed((statement as { Resource: unknown }).Resource) ||
    /"aws:(Resource|Request)Tag\//.test(JSON.stringify(statement)),
};

const PLANS: Record<string, Overrides> = {
  '': {},
  'egress: endpoints': { egress: 'endpoints' },
  'compute: lambda': { compute: 'lambda' },
  'keys: per-user': { environment: { CREDENTIAL_KEYS: 'per-user' } },
};

describe('docs/security-controls.md', () => {
  const rows = controlRows(DOCUMENT);
  const recordings = new Map<string, Recording>();

  beforeAll(async () => {
    for (const [plan, config] of Object.entries(PLANS)) {
      recordings.set(plan, (await stackOf('prod', config)).recording);
    }
  });

  const failures = (row: (typeof rows)[number]): string[] => {
    const recording = recordings.get(row.plan);
    if (recording === undefined) throw new Error(`There is no plan "${row.plan}".`);
    return brokenBy(row, recording, CHECKS);
  };

  it('has a row for every control that applies, and none for any other', () => {
    const named = rows.map(({ control }) => control);
    expect([...new Set(named)].sort()).toEqual([...CONTROLS].sort());
  });

  it('holds or excepts every check that Checkov has for what is made', () => {
    const made = [...recordings.values()]
      .flatMap(({ resources }) => resources.map(({ type }) => type))
      .filter((type) => type.startsWith('aws:'))
      .map((type) => type.slice('aws:'.length));
    const covers = coverRows(DOCUMENT);
    const answered = new Set([
      ...rows.map(({ control }) => control),
      ...covers.flatMap(({ checks }) => checks),
    ]);
    for (const type of new Set(made)) {
      const ids = CHECKOV_CHECKS[type]?.map((id) => (id.startsWith('CKV') ? id : ckv(id)));
      expect([type, ids]).not.toEqual([type, undefined]);
      expect([type, ids?.filter((id) => !answered.has(id))]).toEqual([type, []]);
    }
  });

  it('names controls and rules that there are as what covers a check', () => {
    const controls = rows.map(({ control }) => control);
    for (const { cover } of coverRows(DOCUMENT)) {
      const rule = /^the rule `(.*)`$/.exec(cover)?.[1];
      if (rule !== undefined) expect(RULES.map(({ name }) => name)).toContain(rule);
      else if (!cover.includes(':')) expect(controls).toContain(cover);
    }
  });

  it.each(rows.filter(({ reason }) => reason === undefined))(
    '$control holds: $resource $property is $value $plan',
    (row) => {
      expect(failures(row)).toEqual([]);
    },
  );

  it.each(rows.filter(({ reason }) => reason !== undefined))(
    'the exception $control has its ground and a reason',
    (row) => {
      expect(failures(row)).toEqual([]);
      expect(row.reason?.length).toBeGreaterThan(10);
    },
  );

  it.each([
    ['another value', { property: 'internal', value: 'false' }],
    ['something that is absent', { property: 'accessLogs.enabled', value: 'absent' }],
    ['something that is not there', { property: 'made.up', value: 'set' }],
    ['a number too small', { property: 'subnets', value: '>= 4' }],
    ['another pattern', { property: 'desyncMitigationMode', value: '/^monitor$/' }],
    ['another element of a list', { property: 'subnets[?]', value: '"subnet-0"' }],
    ['a resource that is there', { property: '', value: 'none' }],
    ['a resource that is not', { resource: 'made/up:Up', property: '', value: 'set' }],
  ])('would tell %s', (_what, changes) => {
    const row = { control: 'X.1', resource: 'lb/loadBalancer:LoadBalancer', plan: '', ...changes };
    expect(failures(row)).toHaveLength(1);
  });

  it('names no check that the test does not have', () => {
    const row = {
      control: 'X.1',
      resource: 'lb/loadBalancer:LoadBalancer',
      property: 'internal',
      plan: '',
    };
    expect(() => failures({ ...row, value: 'check: made up' })).toThrow('made up');
  });
});

function ids(service: string, numbers: number[]): string[] {
  return numbers.map((number) => `${service}.${number}`);
}

function ckv(number: string): string {
  return `CKV_AWS_${number}`;
}

function hasEndpoint({ resources }: Recording, service: string): boolean {
  return resources.some(
    ({ type, inputs }) =>
      type.endsWith(':VpcEndpoint') && String(inputs.serviceName).endsWith(`.${service}`),
  );
}

function isNamed(resource: unknown): boolean {
  return [resource].flat().every((arn) => typeof arn === 'string' && arn !== '*');
}
