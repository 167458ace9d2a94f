// Proves the web ACL: its rules in order, what is only counted, and that no key shows anywhere.
import type { RecordedResource } from '../../recorder/record';
import { all, one } from '../../recorder/query';
import { planAlone, recordComponents } from '../testing/recorded';
import { Waf, type WafArgs } from './waf';
import { bodyInspection } from './waf-rules';

interface Rule {
  name: string;
  priority: number;
  action?: { block?: { customResponse?: Record<string, unknown> } };
  statement: Record<string, Record<string, unknown>>;
}

const args: WafArgs = {
  requestsPerSecondPerIp: 1000,
  requestsPerSecondPerKey: 500,
  keyForms: 'x-api-key',
  errors: 'json-api',
  serviceBodyLimitBytes: 65_536,
  logRetentionDays: 30,
};
const made = (changes: Partial<WafArgs> = {}) =>
  recordComponents(() => {
    new Waf('gh', { ...args, ...changes });
  });
const rulesOf = (resources: readonly RecordedResource[]) =>
  one(resources, 'wafv2/webAcl:WebAcl').inputs.rules as Rule[];
const names = (rules: Rule[]) => rules.map(({ name }) => name);

describe('Waf', () => {
  let resources: readonly RecordedResource[];
  let acl: RecordedResource;
  let rules: Rule[];

  beforeAll(async () => {
    resources = await made();
    acl = one(resources, 'wafv2/webAcl:WebAcl');
    rules = rulesOf(resources);
  });

  it('asks limits before managed groups, in the order of their priorities', () => {
    expect(names(rules)).toEqual([
      'rate-by-ip',
      'rate-by-key',
      'ip-reputation',
      'known-bad-inputs',
      'common',
    ]);
    expect(rules.map(({ priority }) => priority)).toEqual([0, 1, 2, 3, 4]);
  });

  it('limits each address and each key within a minute, and says when to come back', () => {
    expect(rules[0]?.statement.rateBasedStatement).toEqual({
      aggregateKeyType: 'IP',
      limit: 60_000,
      evaluationWindowSec: 60,
    });
    expect(rules[1]?.statement.rateBasedStatement).toEqual({
      aggregateKeyType: 'CUSTOM_KEYS',
      limit: 30_000,
      evaluationWindowSec: 60,
      customKeys: [
        {
          header: {
            name: 'x-api-key',
            textTransformations: [{ priority: 0, type: 'COMPRESS_WHITE_SPACE' }],
          },
        },
      ],
    });
    expect(rules[0]?.action?.block?.customResponse).toEqual({
      responseCode: 429,
      customResponseBodyKey: 'too-many-requests',
      responseHeaders: [{ name: 'retry-after', value: '60' }],
    });
  });

  it('has one limit a key, and another for each further header that a stack accepts', async () => {
    const counted = (acl: Rule[]) =>
      acl
        .filter(({ statement }) => statement.rateBasedStatement?.aggregateKeyType === 'CUSTOM_KEYS')
        .map(({ name }) => name);
    expect(counted(rules)).toEqual(['rate-by-key']);
    const any = rulesOf(await made({ keyForms: 'any' }));
    expect(counted(any)).toEqual(['rate-by-key', 'rate-by-authorization']);
  });

  it('counts a key once however "Bearer" is spelt, and tells keys apart in their own header', async () => {
    const any = rulesOf(await made({ keyForms: 'any' }));
    expect(any[2]?.statement.rateBasedStatement).toMatchObject({
      limit: 30_000,
      customKeys: [
        {
          header: {
            name: 'authorization',
            textTransformations: [
              { priority: 0, type: 'LOWERCASE' },
              { priority: 1, type: 'COMPRESS_WHITE_SPACE' },
            ],
          },
        },
      ],
    });
    expect(JSON.stringify(rules[1])).not.toContain('LOWERCASE');
  });

  it('answers denials as the API answers errors', async () => {
    const bodiesOf = ({ inputs }: RecordedResource) =>
      (inputs.customResponseBodies as { key: string; content: string }[]).map(
        ({ key, content }) => [key, JSON.parse(content) as unknown],
      );
    const error = (status: string, code: string) => ({
      jsonapi: { version: '1.1' },
      errors: [{ status, code, title: expect.any(String) as string }],
    });
    expect(bodiesOf(acl)).toEqual([
      ['too-many-requests', error('429', 'rate_limited')],
      ['not-allowed', error('403', 'address_not_allowed')],
    ]);
    const problem = one(await made({ errors: 'problem' }), 'wafv2/webAcl:WebAcl');
    expect(bodiesOf(problem)).toEqual([
      [
        'too-many-requests',
        { status: 429, code: 'rate_limited', title: expect.any(String) as string },
      ],
      [
        'not-allowed',
        { status: 403, code: 'address_not_allowed', title: expect.any(String) as string },
      ],
    ]);
  });

  it('has the anonymous-IP group only where it is asked for', async () => {
    expect(names(rulesOf(await made({ blockAnonymousIps: true })))).toContain('anonymous-ip');
  });

  it('lets nobody else in where there is an allow-list, in both address families', async () => {
    const listed = await made({ allowedCidrs: ['192.0.2.0/24', '2001:db8::/32'] });
    const sets = all(listed, ':IpSet');
    expect(sets.map(({ inputs }) => [inputs.ipAddressVersion, inputs.addresses])).toEqual([
      ['IPV4', ['192.0.2.0/24']],
      ['IPV6', ['2001:db8::/32']],
    ]);
    expect(rulesOf(listed)[0]).toMatchObject({
      name: 'allow-list',
      priority: 0,
      action: { block: { customResponse: { responseCode: 403 } } },
      statement: {
        notStatement: {
          statement: {
            orStatement: {
              statements: sets.map(({ outputs }) => ({
                ipSetReferenceStatement: { arn: outputs.arn },
              })),
            },
          },
        },
      },
    });
  });

  it('needs no "or" for an allow-list of one family', async () => {
    const listed = await made({ allowedCidrs: ['192.0.2.0/24'] });
    expect(rulesOf(listed)[0]?.statement.notStatement).toEqual({
      statement: { ipSetReferenceStatement: { arn: one(listed, ':IpSet').outputs.arn } },
    });
  });

  it('shows no key in logs, samples or rate-limit details', () => {
    expect(one(resources, ':WebAclLoggingConfiguration').inputs).toMatchObject({
      resourceArn: acl.outputs.arn,
      logDestinationConfigs: [one(resources, ':LogGroup').outputs.arn],
      redactedFields: [
        { singleHeader: { name: 'x-api-key' } },
        { singleHeader: { name: 'authorization' } },
      ],
    });
    expect(acl.inputs.dataProtectionConfig).toEqual({
      dataProtections: [
        {
          action: 'SUBSTITUTION',
          field: { fieldType: 'SINGLE_HEADER', fieldKeys: ['x-api-key', 'authorization'] },
          excludeRateBasedDetails: false,
          excludeRuleMatchDetails: false,
        },
      ],
    });
  });

  it('logs what it blocked or counted, where the name lets WAF write', () => {
    const group = one(resources, ':LogGroup');
    expect(group.outputs.name).toMatch(/^aws-waf-logs-gh-/);
    expect(group.inputs.retentionInDays).toBe(30);
    const { loggingFilter } = one(resources, ':WebAclLoggingConfiguration').inputs;
    expect(loggingFilter).toMatchObject({
      defaultBehavior: 'DROP',
      filters: [{ behavior: 'KEEP' }],
    });
  });

  it("pitfall 15: counts bodies over 8 KB, and reads as much as the service's limit", () => {
    const common = rules.find(({ name }) => name === 'common');
    expect(common?.statement.managedRuleGroupStatement).toMatchObject({
      name: 'AWSManagedRulesCommonRuleSet',
      ruleActionOverrides: [{ name: 'SizeRestrictions_BODY', actionToUse: { count: {} } }],
    });
    expect(acl.inputs.associationConfig).toEqual({
      requestBodies: [{ cloudfront: { defaultSizeInspectionLimit: 'KB_64' } }],
    });
  });

  it('pitfall 16: is in us-east-1 with all that belongs to it', async () => {
    const listed = await made({ allowedCidrs: ['192.0.2.0/24'] });
    const regional = listed.filter(({ type }) => /wafv2|logGroup/.test(type));
    expect(regional).toHaveLength(4);
    for (const { inputs } of regional) expect(inputs.region).toBe('us-east-1');
    expect(acl.inputs.scope).toBe('CLOUDFRONT');
  });

  it('fails the plan when the service reads more than WAF', () => {
    const { stdout, status } = planAlone('front/waf', 'Waf', {
      ...args,
      serviceBodyLimitBytes: 65_537,
    });
    expect(stdout).toContain('Set bodyLimitBytes to 65536 or less.');
    expect(status).toBe(1);
  });
});

describe('bodyInspection', () => {
  it.each([
    [1024, 'KB_16'],
    [16_384, 'KB_16'],
    [16_385, 'KB_32'],
    [49_152, 'KB_48'],
    [65_536, 'KB_64'],
  ])('inspects bodies of %i bytes with %s', (bytes, expected) => {
    expect(bodyInspection(bytes)).toBe(expected);
  });

  it('refuses a limit that WAF cannot inspect', () => {
    expect(() => bodyInspection(70_000)).toThrow(/70000 bytes, but WAF inspects at most 65536/);
  });
});
