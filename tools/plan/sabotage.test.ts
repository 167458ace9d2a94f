// Sabotages of the recorded program, one line each: the policy pack must catch every one by the rule for it; long because it is one list.
import { stackOf } from '../../infra/testing/stacks';
import type { RecordedResource } from '../../recorder/record';
import { verdicts } from '../../policies/rules';

type Inputs = Record<string, unknown>;
type Resources = readonly RecordedResource[];
type Sabotage = (resources: Resources) => Resources;

/** Changes the inputs of the resources of a type, by the end of their logical names. */
const change =
  (type: string, nameEnd: string, edit: (inputs: Inputs) => Inputs): Sabotage =>
  (resources) =>
    resources.map((resource) =>
      resource.type.endsWith(type) && resource.name.endsWith(nameEnd)
        ? { ...resource, inputs: { ...resource.inputs, ...edit(structuredClone(resource.inputs)) } }
        : resource,
    );
const set = (type: string, nameEnd: string, inputs: Inputs) => change(type, nameEnd, () => inputs);
const remove =
  (type: string, nameEnd = ''): Sabotage =>
  (resources) =>
    resources.filter((each) => !(each.type.endsWith(type) && each.name.endsWith(nameEnd)));
const add =
  (type: string, name: string, inputs: Inputs): Sabotage =>
  (resources) => [
    ...resources,
    {
      ...(resources[0] as RecordedResource),
      urn: `urn:pulumi:prod::gatehouse::${type}::${name}`,
      type,
      name,
      inputs,
      outputs: inputs,
    },
  ];

interface Statement {
  Sid?: string;
  Effect: string;
  Action?: unknown;
  Resource?: unknown;
  Principal?: unknown;
  Condition?: Record<string, Record<string, unknown>>;
}

/** Changes the statements of a policy document in a property. */
const statements = (
  type: string,
  nameEnd: string,
  edit: (statements: Statement[]) => Statement[],
  property = 'policy',
): Sabotage =>
  change(type, nameEnd, (inputs) => {
    const document = JSON.parse(String(inputs[property])) as { Statement: Statement[] };
    return { [property]: JSON.stringify({ ...document, Statement: edit(document.Statement) }) };
  });
const allow = (nameEnd: string, statement: Partial<Statement>) =>
  statements('iam/rolePolicy:RolePolicy', nameEnd, (all) => [
    ...all,
    { Effect: 'Allow', Resource: 'arn:aws:dynamodb:eu-central-1:1:table/x', ...statement },
  ]);

interface Container {
  name: string;
  environment: { name: string; value: string }[];
  [key: string]: unknown;
}
const container = (name: string, edit: (container: Container) => object) =>
  change('ecs/taskDefinition:TaskDefinition', '', (inputs) => ({
    containerDefinitions: JSON.stringify(
      (JSON.parse(String(inputs.containerDefinitions)) as Container[]).map((each) =>
        each.name === name ? { ...each, ...edit(each) } : each,
      ),
    ),
  }));
const environment = (name: string, value: string) =>
  container('service', ({ environment: all }) => ({ environment: [...all, { name, value }] }));

interface Rule {
  name: string;
  statement: Record<string, Record<string, unknown>>;
  [key: string]: unknown;
}
const wafRules = (edit: (rules: Rule[]) => unknown[]) =>
  change('wafv2/webAcl:WebAcl', '', ({ rules }) => ({ rules: edit(rules as Rule[]) }));
const distribution = (inputs: Inputs) => set('cloudfront/distribution:Distribution', '', inputs);
const behavior = (more: Inputs) =>
  change('cloudfront/distribution:Distribution', '', ({ defaultCacheBehavior }) => ({
    defaultCacheBehavior: { ...(defaultCacheBehavior as Inputs), ...more },
  }));

const SABOTAGES: readonly (readonly [what: string, rule: string, sabotage: Sabotage])[] = [
  [
    'a plain secret of any name',
    'no-secret-in-environment',
    environment('STRIPE_KEY', 'sk_live_4eC39HqLyjWDarjtT1zdp7dc'),
  ],
  [
    'a password in the environment',
    'no-secret-in-environment',
    environment('DB_PASSWORD', 'hunter2'),
  ],
  [
    'a root file system to write to',
    'container-confined',
    container('service', () => ({ readonlyRootFilesystem: false })),
  ],
  [
    'a sidecar that is root',
    'container-confined',
    container('collector', () => ({ user: 'root' })),
  ],
  [
    'a privileged container',
    'container-confined',
    container('service', () => ({ privileged: true })),
  ],
  [
    'a capability to trace other processes',
    'container-confined',
    container('service', () => ({
      linuxParameters: { capabilities: { add: ['SYS_PTRACE'], drop: ['ALL'] } },
    })),
  ],
  [
    'an image by tag',
    'image-by-digest',
    container('service', () => ({ image: 'example/api:latest' })),
  ],
  [
    'a container that logs nowhere',
    'container-logs',
    container('service', () => ({ logConfiguration: undefined })),
  ],
  [
    'a health check by a shell',
    'health-check-without-shell',
    container('service', () => ({ healthCheck: { command: ['CMD-SHELL', 'curl localhost'] } })),
  ],
  [
    'a public address for tasks',
    'service-private',
    change('ecs/service:Service', '', ({ networkConfiguration }) => ({
      networkConfiguration: { ...(networkConfiguration as Inputs), assignPublicIp: true },
    })),
  ],
  [
    'commands in tasks',
    'service-private',
    set('ecs/service:Service', '', { enableExecuteCommand: true }),
  ],
  [
    'a canary with nothing to shift requests by',
    'deployment-rolls-back',
    set('ecs/service:Service', '', { deploymentConfiguration: { strategy: 'CANARY' } }),
  ],
  [
    'weights that an update writes back',
    'weights-left-to-ecs',
    add('aws:lb/listenerRule:ListenerRule', 'gh-rule', {
      actions: [{ type: 'forward', forward: { targetGroups: [{ weight: 100 }, { weight: 0 }] } }],
    }),
  ],
  [
    'a deployment that does not turn back',
    'deployment-rolls-back',
    set('ecs/service:Service', '', { deploymentCircuitBreaker: { enable: true, rollback: false } }),
  ],
  [
    'memory that Fargate has not',
    'fargate-size',
    set('ecs/taskDefinition:TaskDefinition', '', { memory: '700' }),
  ],
  [
    'AdministratorAccess for the task',
    'no-managed-policy',
    add('aws:iam/rolePolicyAttachment:RolePolicyAttachment', 'gh-admin', {
      role: 'gh-task-role',
      policyArn: 'arn:aws:iam::aws:policy/AdministratorAccess',
    }),
  ],
  [
    'AdministratorAccess in the role itself',
    'no-managed-policy',
    set('iam/role:Role', '-task-role', {
      managedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'],
    }),
  ],
  [
    'every action of a service',
    'no-wildcard-action',
    allow('-task-policy', { Action: 'dynamodb:*' }),
  ],
  [
    'a read of every table',
    'no-wildcard-resource',
    allow('-task-policy', {
      Action: 'dynamodb:GetItem',
      Resource: '*',
      Condition: { StringEquals: { 'dynamodb:Select': 'SPECIFIC_ATTRIBUTES' } },
    }),
  ],
  [
    'permissions over permissions',
    'no-privilege-escalation',
    allow('-task-policy', { Action: 'iam:PassRole', Resource: 'arn:aws:iam::1:role/x' }),
  ],
  [
    'a role that everybody may assume',
    'trust-named',
    statements(
      'iam/role:Role',
      '-task-role',
      () => [{ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' }],
      'assumeRolePolicy',
    ),
  ],
  [
    'a grant on a key',
    'no-key-grants',
    allow('-task-policy', {
      Action: 'kms:CreateGrant',
      Resource: 'arn:aws:kms:eu-central-1:1:key/x',
    }),
  ],
  [
    'decryption under every key',
    'no-decryption-under-every-key',
    allow('-task-policy', { Action: 'kms:Decrypt', Resource: 'arn:aws:kms:eu-central-1:1:key/*' }),
  ],
  [
    'a read of API keys that names no attribute',
    'reads-named-attributes',
    statements('iam/rolePolicy:RolePolicy', '-edge-policy', (all) =>
      all.map((each) =>
        each.Action === 'dynamodb:GetItem' ? { ...each, Condition: undefined } : each,
      ),
    ),
  ],
  [
    'a right of the service to end keys',
    'key-use-and-life-apart',
    allow('-task-policy', {
      Action: 'kms:ScheduleKeyDeletion',
      Resource: 'arn:aws:kms:eu-central-1:1:key/x',
    }),
  ],
  [
    'a right to read ciphertexts',
    'write-only-table-not-read',
    (resources) => {
      const table = resources.find(
        ({ type, name }) => /Table$/.test(type) && /-credentials$/.test(name),
      );
      return allow('-task-policy', { Action: 'dynamodb:Query', Resource: table?.outputs.arn })(
        resources,
      );
    },
  ],
  [
    'a write of ciphertexts that may return what was there',
    'write-only-table-not-read',
    statements('iam/rolePolicy:RolePolicy', '-task-policy', (all) =>
      all
        .filter(({ Sid }) => Sid !== 'WritesReturnNothing')
        .map((each) =>
          each.Sid === 'WriteCredentialsInTransactions' ? { ...each, Condition: undefined } : each,
        ),
    ),
  ],
  [
    'a key policy for a list of everybody',
    'key-not-public',
    statements('kms/key:Key', 'gh-tables', (all) => [
      ...all,
      { Effect: 'Allow', Principal: { AWS: ['*'] }, Action: 'kms:Decrypt', Resource: '*' },
    ]),
  ],
  [
    'a key that never rotates',
    'key-rotation',
    set('kms/key:Key', 'gh-tables', { enableKeyRotation: false }),
  ],
  [
    'a key gone after a week',
    'key-deletion-window',
    set('kms/key:Key', 'gh-tables', { deletionWindowInDays: 7 }),
  ],
  [
    'a table under a key of AWS',
    'table-customer-key',
    set('dynamodb/table:Table', 'gh-keys', { serverSideEncryption: { enabled: false } }),
  ],
  [
    'a table without recovery',
    'table-point-in-time-recovery',
    set('dynamodb/table:Table', 'gh-keys', { pointInTimeRecovery: { enabled: false } }),
  ],
  [
    'a protected table that AWS would delete',
    'protections-agree',
    set('dynamodb/table:Table', 'gh-keys', { deletionProtectionEnabled: false }),
  ],
  [
    'a secret under a key of AWS',
    'secret-customer-key',
    set('secretsmanager/secret:Secret', '', { kmsKeyId: undefined }),
  ],
  ['no web ACL', 'distribution-guarded', distribution({ webAclId: undefined })],
  ['no key check', 'distribution-guarded', behavior({ lambdaFunctionAssociations: [] })],
  [
    'HTTP that is redirected',
    'distribution-tls',
    behavior({ viewerProtocolPolicy: 'redirect-to-https' }),
  ],
  [
    'answers that are cached',
    'distribution-cache',
    behavior({ cachePolicyId: '658327ea-f89d-4fab-a63d-7e88639e58f6' }),
  ],
  [
    'an origin without its secret',
    'origin-secret',
    change('cloudfront/distribution:Distribution', '', ({ origins }) => ({
      origins: (origins as Inputs[]).map((origin) => ({ ...origin, customHeaders: [] })),
    })),
  ],
  [
    'access logs with the query',
    'distribution-logged',
    change('cloudwatch/logDelivery:LogDelivery', '', ({ recordFields }) => ({
      recordFields: [...(recordFields as string[]), 'cs-uri-query'],
    })),
  ],
  ['no access logs', 'distribution-logged', remove('cloudwatch/logDelivery:LogDelivery')],
  [
    'an edge function with an environment',
    'edge-function-fits',
    set('lambda/function:Function', '-edge-fn', { environment: { variables: {} } }),
  ],
  [
    'every managed group on count',
    'waf-enforced',
    wafRules((rules) =>
      rules.map((rule) =>
        rule.statement.managedRuleGroupStatement === undefined
          ? rule
          : { ...rule, overrideAction: { count: {} } },
      ),
    ),
  ],
  [
    'a managed group that is gone',
    'waf-rules',
    wafRules((rules) =>
      rules.filter(
        ({ statement }) =>
          statement.managedRuleGroupStatement?.name !== 'AWSManagedRulesCommonRuleSet',
      ),
    ),
  ],
  [
    'rate limits that only count',
    'waf-enforced',
    wafRules((rules) =>
      rules.map((rule) =>
        rule.statement.rateBasedStatement === undefined ? rule : { ...rule, action: { count: {} } },
      ),
    ),
  ],
  [
    'a web ACL that logs keys',
    'waf-logs',
    set('wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration', '', { redactedFields: [] }),
  ],
  [
    'a second web ACL that logs nothing',
    'waf-logs',
    (resources) =>
      add('aws:wafv2/webAcl:WebAcl', 'gh-other', {
        ...(resources.find(({ type }) => type.endsWith('webAcl:WebAcl'))?.inputs ?? {}),
      })(resources),
  ],
  [
    'samples that show keys',
    'waf-data-protection',
    set('wafv2/webAcl:WebAcl', '', { dataProtectionConfig: undefined }),
  ],
  ['a web ACL at home', 'us-east-1', set('wafv2/webAcl:WebAcl', '', { region: 'eu-central-1' })],
  [
    'a balancer open to the internet',
    'no-ingress-from-anywhere',
    add('aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule', 'gh-lb-open', {
      securityGroupId: 'sg-lb',
      cidrIpv4: '0.0.0.0/0',
      ipProtocol: 'tcp',
      fromPort: 443,
      toPort: 443,
      description: 'Open.',
    }),
  ],
  [
    'a balancer open to half of the internet',
    'no-ingress-from-anywhere',
    add('aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule', 'gh-lb-half', {
      securityGroupId: 'sg-lb',
      cidrIpv4: '0.0.0.0/1',
      ipProtocol: 'tcp',
      fromPort: 443,
      toPort: 443,
      description: 'Half.',
    }),
  ],
  [
    'a balancer on the internet',
    'load-balancer-internal',
    set('lb/loadBalancer:LoadBalancer', '', { internal: false }),
  ],
  [
    'subnets that give public addresses',
    'subnet-no-public-address',
    set('ec2/subnet:Subnet', 'nat-1', { mapPublicIpOnLaunch: true }),
  ],
  [
    'a public bucket',
    'resource-policy-not-public',
    statements('s3/bucketPolicy:BucketPolicy', '', (all) => [
      ...all,
      { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::x/*' },
    ]),
  ],
  [
    'a bucket without its public access block',
    'bucket-hardened',
    remove('s3/bucketPublicAccessBlock:BucketPublicAccessBlock'),
  ],
  [
    'a public topic',
    'resource-policy-not-public',
    statements('sns/topicPolicy:TopicPolicy', '', (all) => [
      ...all,
      { Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sns:Publish', Resource: '*' },
    ]),
  ],
  [
    'a topic under a key of AWS',
    'topic-customer-key',
    set('sns/topic:Topic', '', { kmsMasterKeyId: 'alias/aws/sns' }),
  ],
  [
    'a log that is kept for ever',
    'log-group-retention',
    set('cloudwatch/logGroup:LogGroup', 'service-logs', { retentionInDays: undefined }),
  ],
  [
    'an alarm that nobody hears',
    'alarm-heard',
    set('cloudwatch/metricAlarm:MetricAlarm', 'gh-cpu', { alarmActions: [] }),
  ],
];

describe('the policy pack', () => {
  let resources: Resources;
  let baseline: Set<string>;
  const broken = (all: Resources) => verdicts(all).map(({ policy, urn }) => `${policy} ${urn}`);

  beforeAll(async () => {
    ({ resources } = (await stackOf('prod')).recording);
    baseline = new Set(broken(resources));
  });

  it('knows at least forty sabotages', () => {
    expect(SABOTAGES.length).toBeGreaterThanOrEqual(40);
  });

  it.each(SABOTAGES)('catches %s by %s', (_what, rule, sabotage) => {
    const sabotaged = sabotage(resources);
    expect(sabotaged).not.toEqual(resources);
    const caught = broken(sabotaged).filter((verdict) => !baseline.has(verdict));
    expect([...new Set(caught.map((verdict) => verdict.split(' ')[0]))]).toEqual([rule]);
  });
});
