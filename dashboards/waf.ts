// The subject of WAF: what it blocks, by which rule.
import { GLOBAL_REGION } from '../contracts/aws-limits';
import type { AlarmSpec } from './alarm-spec';
import { line } from './metric';
import type { StackReferences } from './references';
import * as source from './sources';
import { graph, type Widget } from './widgets';

/** Blocked requests that call somebody, in {@link PERIOD_SECONDS}. */
const BLOCKED_LIMIT = 1000;
const PERIOD_SECONDS = 300;

/** Blocked requests by rule. */
export function blockedByRule(refs: StackReferences): Widget {
  return graph({
    title: 'WAF: blocked a minute, by rule',
    region: GLOBAL_REGION,
    stacked: true,
    lines: refs.webAclRules.map((rule) => ({
      metric: source.waf(refs, 'BlockedRequests', rule),
      label: rule,
    })),
    thresholds: [{ label: 'waf-blocking', value: BLOCKED_LIMIT / (PERIOD_SECONDS / 60) }],
  });
}

/** All that WAF looked at. */
export function wafOutcome(refs: StackReferences): Widget {
  return graph({
    title: 'WAF: requests a minute',
    region: GLOBAL_REGION,
    lines: [
      { metric: source.waf(refs, 'AllowedRequests', 'ALL'), label: 'allowed' },
      { metric: source.waf(refs, 'BlockedRequests', 'ALL'), label: 'blocked' },
      { metric: source.waf(refs, 'CountedRequests', 'ALL'), label: 'counted' },
    ],
    thresholds: [{ label: 'waf-blocking', value: BLOCKED_LIMIT / (PERIOD_SECONDS / 60) }],
  });
}

/** Alarms of WAF. */
export function wafAlarms<T>(refs: StackReferences<T>): AlarmSpec<T | string>[] {
  return [
    {
      area: 'waf',
      region: GLOBAL_REGION,
      id: 'waf-blocking',
      title: 'WAF blocks many requests.',
      reason:
        'An attack, or a rule that takes clients for one: more than three a second for a quarter of an hour.',
      runbook: {
        means: 'Somebody gets 403 or 429 before the key is looked at: an attacker, or a caller.',
        look: [
          'Edge: "WAF: blocked a minute, by rule".',
          "WAF's log, `npm run logs -- STACK`: addresses, paths and rule of what was blocked.",
        ],
        remedy: [
          'rate-by-ip and a known caller: raise `gatehouse:requestsPerSecondPerIp`; several may share an address.',
          'A managed rule and a known caller: put that rule on count, and report it.',
          'Nobody known: nothing to do; it is held.',
        ],
      },
      lines: [line(source.waf(refs, 'BlockedRequests', 'ALL'), 'blocked')],
      comparison: 'above',
      threshold: BLOCKED_LIMIT,
      periodSeconds: PERIOD_SECONDS,
      dataPoints: { breaching: 3, of: 3 },
    },
  ];
}
