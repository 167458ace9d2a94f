// Rules of the web ACL: where it must be, what it must hold, and what its logs must not.
import { GLOBAL_REGION } from '../contracts/aws-limits';
import { withoutCompanion } from './companions';
import { at, list, textOf } from './inputs';
import { resourceRule, type Rule, unless } from './rule';

const ACL = 'aws:wafv2/webAcl:WebAcl';
const IP_SET = 'aws:wafv2/ipSet:IpSet';
const LOGGING = 'aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration';
const LOG_GROUP = 'aws:cloudwatch/logGroup:LogGroup';

/** Headers that carry a key. */
const SECRET_HEADERS = ['x-api-key', 'authorization'];

const globalResourcesAreGlobal = resourceRule({
  name: GLOBAL_REGION,
  description: `What CloudFront uses of WAF, ACM and log delivery is in ${GLOBAL_REGION}.`,
  types: [
    ACL,
    IP_SET,
    LOGGING,
    LOG_GROUP,
    'aws:cloudwatch/logDeliverySource:LogDeliverySource',
    'aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination',
    'aws:cloudwatch/logDelivery:LogDelivery',
  ],
  faults: ({ type, name, inputs }) => {
    const isGlobal =
      type === ACL || type === IP_SET
        ? inputs.scope === 'CLOUDFRONT'
        : type !== LOG_GROUP || name.startsWith('aws-waf-logs-');
    return unless(
      !isGlobal || inputs.region === GLOBAL_REGION,
      `is in ${textOf(inputs.region) ?? 'the home region'}, but CloudFront looks for it in ${GLOBAL_REGION} only. Set region.`,
    );
  },
});

/** Groups that every API of ours has, by CKV_AWS_192 and FSBP. */
const GROUPS = [
  'AWSManagedRulesAmazonIpReputationList',
  'AWSManagedRulesKnownBadInputsRuleSet',
  'AWSManagedRulesCommonRuleSet',
];

const aclIsComplete = resourceRule({
  name: 'waf-rules',
  description:
    "Web ACLs hold AWS's groups and a limit by address and by key (WAF.10, CKV_AWS_192).",
  types: [ACL],
  faults: ({ inputs }) => {
    const rules = list(inputs.rules);
    const groups = rules.map((rule) =>
      textOf(at(rule, 'statement', 'managedRuleGroupStatement', 'name')),
    );
    const limits = rules.map((rule) => at(rule, 'statement', 'rateBasedStatement'));
    return [
      ...GROUPS.filter((group) => !groups.includes(group)).map(
        (group) => `lacks ${group}. Add it as a managed rule group.`,
      ),
      ...unless(
        limits.some((limit) => at(limit, 'aggregateKeyType') === 'IP'),
        'has no limit by address. Add a rate-based rule by IP.',
      ),
      ...unless(
        limits.some((limit) => at(limit, 'customKeys', 0, 'header', 'name') === SECRET_HEADERS[0]),
        `has no limit by key. Add a rate-based rule by the header ${String(SECRET_HEADERS[0])}.`,
      ),
      ...unless(
        at(inputs, 'visibilityConfig', 'cloudwatchMetricsEnabled') === true,
        'has no metrics. Enable cloudwatchMetricsEnabled (WAF.12).',
      ),
    ];
  },
});

const bodySizeOnlyCounts = resourceRule({
  name: 'waf-body-size-counted',
  description:
    "WAF's body-size rule counts: it would answer 403 to 8 KB of JSON, unseen by the service.",
  types: [ACL],
  faults: ({ inputs }) =>
    list(inputs.rules)
      .map((rule) => at(rule, 'statement', 'managedRuleGroupStatement'))
      .filter((group) => at(group, 'name') === 'AWSManagedRulesCommonRuleSet')
      .flatMap((group) =>
        unless(
          list(at(group, 'ruleActionOverrides')).some(
            (override) =>
              at(override, 'name') === 'SizeRestrictions_BODY' &&
              at(override, 'actionToUse', 'count') !== undefined,
          ),
          'blocks bodies over 8 KB. Override SizeRestrictions_BODY to count.',
        ),
      ),
});

const wafHidesKeys = resourceRule({
  name: 'waf-data-protection',
  description: 'No sample and no rate-limit detail of the web ACL shows a key.',
  types: [ACL],
  faults: ({ inputs }) => {
    const hidden = list(at(inputs, 'dataProtectionConfig', 'dataProtections'))
      .filter((protection) => at(protection, 'excludeRateBasedDetails') !== true)
      .flatMap((protection) => list(at(protection, 'field', 'fieldKeys')));
    return SECRET_HEADERS.filter((header) => !hidden.includes(header)).map(
      (header) =>
        `shows ${header} in samples and rate-limit details. Add it to dataProtectionConfig.`,
    );
  },
});

const wafLogsHideKeys: Rule = {
  name: 'waf-logs',
  description: 'Every web ACL logs, and no line shows a key (WAF.11).',
  level: 'mandatory',
  check: (resources) => {
    const logging = resources.filter(({ type }) => type === LOGGING);
    return [
      ...withoutCompanion(
        resources.filter(({ type }) => type === ACL),
        logging,
        'resourceArn',
      ).map(({ urn, name }) => ({
        urn,
        message: `${name}: logs nothing. Declare a WebAclLoggingConfiguration.`,
      })),
      ...logging.flatMap(({ urn, name, inputs }) => {
        const redacted = list(inputs.redactedFields).map((field) =>
          at(field, 'singleHeader', 'name'),
        );
        return SECRET_HEADERS.filter((header) => !redacted.includes(header)).map((header) => ({
          urn,
          message: `${name}: logs ${header}. Add it to redactedFields.`,
        }));
      }),
    ];
  },
};

const aclBlocks = resourceRule({
  name: 'waf-enforced',
  description:
    "Managed groups and rate limits block; counting is for single rules of AWS's groups.",
  types: [ACL],
  faults: ({ inputs }) =>
    list(inputs.rules)
      .filter(
        (rule) =>
          at(rule, 'overrideAction', 'count') !== undefined ||
          (at(rule, 'statement', 'rateBasedStatement') !== undefined &&
            at(rule, 'action', 'count') !== undefined),
      )
      .map(
        (rule) =>
          `only counts what ${String(at(rule, 'name'))} finds. Set overrideAction none, or action block.`,
      ),
});

/** All rules of the web ACL. */
export const WAF_RULES: readonly Rule[] = [
  globalResourcesAreGlobal,
  aclIsComplete,
  bodySizeOnlyCounts,
  wafHidesKeys,
  wafLogsHideKeys,
  aclBlocks,
];
