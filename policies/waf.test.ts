// Holds the rules of the web ACL to passing and failing cases.
import { holdRules, resource } from './testing/cases';
import { WAF_RULES } from './waf';

const group = (name: string, ruleActionOverrides: object[] = []) => ({
  statement: { managedRuleGroupStatement: { vendorName: 'AWS', name, ruleActionOverrides } },
});
const COUNTED = [{ name: 'SizeRestrictions_BODY', actionToUse: { count: {} } }];
const byIp = { statement: { rateBasedStatement: { aggregateKeyType: 'IP', limit: 100 } } };
const byKey = {
  statement: {
    rateBasedStatement: {
      aggregateKeyType: 'CUSTOM_KEYS',
      customKeys: [{ header: { name: 'x-api-key' } }],
    },
  },
};
const RULES = {
  reputation: group('AWSManagedRulesAmazonIpReputationList'),
  badInputs: group('AWSManagedRulesKnownBadInputsRuleSet'),
  common: group('AWSManagedRulesCommonRuleSet', COUNTED),
  byIp,
  byKey,
};
const goodAcl = {
  region: 'us-east-1',
  scope: 'CLOUDFRONT',
  rules: Object.values(RULES),
  visibilityConfig: { cloudwatchMetricsEnabled: true },
  dataProtectionConfig: {
    dataProtections: [
      {
        field: { fieldType: 'SINGLE_HEADER', fieldKeys: ['x-api-key', 'authorization'] },
        excludeRateBasedDetails: false,
      },
    ],
  },
};
const acl = (inputs: object = {}) => resource('aws:wafv2/webAcl:WebAcl', { ...goodAcl, ...inputs });
const aclWithout = (...names: (keyof typeof RULES)[]) =>
  acl({
    rules: Object.entries(RULES).flatMap(([name, rule]) =>
      (names as string[]).includes(name) ? [] : [rule],
    ),
  });
const logging = (...headers: string[]) =>
  resource('aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration', {
    region: 'us-east-1',
    redactedFields: headers.map((name) => ({ singleHeader: { name } })),
  });
const logGroup = (name: string, region?: string) =>
  resource('aws:cloudwatch/logGroup:LogGroup', { region }, { name });

describe('WAF_RULES', () => {
  holdRules(WAF_RULES, {
    'us-east-1': {
      passes: {
        'an ACL there': [acl()],
        'a regional ACL elsewhere': [acl({ scope: 'REGIONAL', region: 'eu-central-1' })],
        'its log group': [logGroup('aws-waf-logs-gh', 'us-east-1')],
        'another log group elsewhere': [logGroup('gh-service-logs')],
      },
      fails: {
        'an ACL elsewhere': [[acl({ region: 'eu-central-1' })], 'is in eu-central-1'],
        'its log group elsewhere': [[logGroup('aws-waf-logs-gh')], 'is in the home region'],
        'an IP set elsewhere': [
          [resource('aws:wafv2/ipSet:IpSet', { scope: 'CLOUDFRONT' })],
          'is in the home region',
        ],
        'a log delivery elsewhere': [
          [resource('aws:cloudwatch/logDelivery:LogDelivery', { region: 'eu-west-1' })],
          'is in eu-west-1',
        ],
      },
    },
    'waf-rules': {
      passes: { 'all groups and limits': [acl()] },
      fails: {
        'no known bad inputs': [[aclWithout('badInputs')], 'AWSManagedRulesKnownBadInputsRuleSet'],
        'no limit by address': [[aclWithout('byIp')], 'no limit by address'],
        'no limit by key': [[aclWithout('byKey')], 'no limit by key'],
        'no metrics': [[acl({ visibilityConfig: {} })], 'no metrics'],
      },
    },
    'waf-body-size-counted': {
      passes: { 'a rule that counts': [acl()], 'no common group': [aclWithout('common')] },
      fails: {
        'a rule that blocks': [
          [acl({ rules: [group('AWSManagedRulesCommonRuleSet')] })],
          'blocks bodies over 8 KB',
        ],
      },
    },
    'waf-data-protection': {
      passes: { 'both headers hidden': [acl()] },
      fails: {
        'nothing hidden': [[acl({ dataProtectionConfig: undefined })], 'shows x-api-key'],
        'rate-limit details shown': [
          [
            acl({
              dataProtectionConfig: {
                dataProtections: [
                  {
                    field: { fieldKeys: ['x-api-key', 'authorization'] },
                    excludeRateBasedDetails: true,
                  },
                ],
              },
            }),
          ],
          'shows authorization',
        ],
      },
    },
    'waf-enforced': {
      passes: {
        'groups and limits that block': [
          acl({
            rules: [
              { ...RULES.common, overrideAction: { none: {} } },
              { ...byIp, action: { block: {} } },
            ],
          }),
        ],
      },
      fails: {
        'a group on count': [
          [acl({ rules: [{ name: 'common', ...RULES.common, overrideAction: { count: {} } }] })],
          'only counts what common finds',
        ],
        'a limit on count': [
          [acl({ rules: [{ name: 'by-ip', ...byIp, action: { count: {} } }] })],
          'only counts what by-ip finds',
        ],
      },
    },
    'waf-logs': {
      passes: { 'logs without keys': [acl(), logging('x-api-key', 'authorization')] },
      fails: {
        'no logs': [[acl()], 'logs nothing'],
        'two of which one logs': [
          [acl({ arn: 'a' }), acl({ arn: 'b' }), logging('x-api-key', 'authorization')],
          'logs nothing',
        ],
        'logs with one of the two': [[acl(), logging('x-api-key')], 'logs authorization'],
      },
    },
  });
});
