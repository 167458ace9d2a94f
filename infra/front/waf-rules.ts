// The rules of the web ACL, in the order in which they are asked: cheap and certain ones first.
import type * as aws from '@pulumi/aws';
import type * as pulumi from '@pulumi/pulumi';
import { RATE_WINDOW_SECONDS } from '../../contracts/aws-limits';
import { API_KEY_HEADER, type KeyForms } from '../../contracts/headers';

/** A rule whose name, which is its metric's name as well, is known before anything is deployed. */
export type WafRule = aws.types.input.wafv2.WebAclRule & { name: string };

/**
 * Headers that a client may carry its key in; a limit is counted by the value of each. Every spelling
 * that the edge takes for the same key is one value: it forgives blanks around a key, and the case of
 * `Bearer`. That two keys differ in nothing but case does not happen: most of a key is random.
 *
 * WAF has no aggregate that is the same for one key in two headers: it counts by what a request
 * carries, and one without a component is not counted (developer guide, "Rate-based rule aggregation
 * options"); its labels are fixed texts; what the edge adds comes after it.
 */
const KEY_HEADERS = {
  'rate-by-key': { name: API_KEY_HEADER, transformations: ['COMPRESS_WHITE_SPACE'] },
  'rate-by-authorization': {
    name: 'authorization',
    transformations: ['LOWERCASE', 'COMPRESS_WHITE_SPACE'],
  },
};

/** What the rules are made of. */
export interface WafRuleArgs {
  /** Requests a second that one address may make, averaged over {@link RATE_WINDOW_SECONDS}. */
  requestsPerSecondPerIp: number;
  /** Requests a second that one API key may make from all addresses together, likewise. */
  requestsPerSecondPerKey: number;
  /** Ways of sending a key that the edge accepts: each has a counter of its own. */
  keyForms: KeyForms;
  /** Blocks VPNs, proxies and hosting providers; machine clients live there. @default false */
  blockAnonymousIps?: boolean;
  /** ARNs of IP sets whose members alone may call. @default everyone may */
  allowedIps?: pulumi.Input<string>[];
}

/** All rules, numbered in the order that they are asked in. */
export function wafRules(args: WafRuleArgs): WafRule[] {
  const allowed = args.allowedIps ?? [];
  const rules: Omit<WafRule, 'priority'>[] = [
    ...(allowed.length > 0 ? [allowListRule(allowed)] : []),
    rateRule('rate-by-ip', {
      aggregateKeyType: 'IP',
      limit: args.requestsPerSecondPerIp * RATE_WINDOW_SECONDS,
    }),
    ...Object.entries(KEY_HEADERS)
      .filter(([, { name }]) => args.keyForms === 'any' || name === API_KEY_HEADER)
      .map(([rule, { name, transformations }]) =>
        rateRule(rule, {
          aggregateKeyType: 'CUSTOM_KEYS',
          limit: args.requestsPerSecondPerKey * RATE_WINDOW_SECONDS,
          customKeys: [
            {
              header: {
                name,
                textTransformations: transformations.map((type, priority) => ({ type, priority })),
              },
            },
          ],
        }),
      ),
    managedGroup('ip-reputation', 'AWSManagedRulesAmazonIpReputationList'),
    ...(args.blockAnonymousIps === true
      ? [managedGroup('anonymous-ip', 'AWSManagedRulesAnonymousIpList')]
      : []),
    managedGroup('known-bad-inputs', 'AWSManagedRulesKnownBadInputsRuleSet'),
    // It answers 403 to any body over 8 KB, and the service would never know: the service has its
    // own limit, so this one only counts.
    managedGroup('common', 'AWSManagedRulesCommonRuleSet', ['SizeRestrictions_BODY']),
  ];
  return rules.map((rule, priority) => ({ ...rule, priority }));
}

/**
 * How much of a body WAF inspects so that nothing the service accepts passes unread.
 * https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-setting-body-inspection-limit.html
 * @throws {Error} when the service accepts more than the 64 KB that WAF can inspect.
 */
export function bodyInspection(serviceBodyLimitBytes: number): string {
  const size = [16, 32, 48, 64].find((kb) => serviceBodyLimitBytes <= kb * 1024);
  if (size === undefined) {
    throw new Error(
      `The service's body limit is ${serviceBodyLimitBytes} bytes, but WAF inspects at most 65536: ` +
        'what lies beyond would pass unread. Set bodyLimitBytes to 65536 or less.',
    );
  }
  return `KB_${size}`;
}

function allowListRule(setArns: pulumi.Input<string>[]): Omit<WafRule, 'priority'> {
  const references = setArns.map((arn) => ({ ipSetReferenceStatement: { arn } }));
  const [only] = references;
  const listed =
    references.length === 1 && only !== undefined
      ? only
      : { orStatement: { statements: references } };
  return {
    name: 'allow-list',
    action: {
      block: { customResponse: { responseCode: 403, customResponseBodyKey: 'not-allowed' } },
    },
    statement: { notStatement: { statement: listed } },
    visibilityConfig: visibility('allow-list'),
  };
}

function rateRule(
  name: string,
  statement: Omit<
    aws.types.input.wafv2.WebAclRuleStatementRateBasedStatement,
    'evaluationWindowSec'
  >,
): Omit<WafRule, 'priority'> {
  return {
    name,
    action: {
      block: {
        customResponse: {
          responseCode: 429,
          customResponseBodyKey: 'too-many-requests',
          responseHeaders: [{ name: 'retry-after', value: String(RATE_WINDOW_SECONDS) }],
        },
      },
    },
    statement: { rateBasedStatement: { ...statement, evaluationWindowSec: RATE_WINDOW_SECONDS } },
    visibilityConfig: visibility(name),
  };
}

function managedGroup(
  name: string,
  group: string,
  countOnly: readonly string[] = [],
): Omit<WafRule, 'priority'> {
  return {
    name,
    overrideAction: { none: {} },
    statement: {
      managedRuleGroupStatement: {
        vendorName: 'AWS',
        name: group,
        ruleActionOverrides: countOnly.map((rule) => ({ name: rule, actionToUse: { count: {} } })),
      },
    },
    visibilityConfig: visibility(name),
  };
}

function visibility(metricName: string): aws.types.input.wafv2.WebAclRuleVisibilityConfig {
  return { metricName, cloudwatchMetricsEnabled: true, sampledRequestsEnabled: true };
}
