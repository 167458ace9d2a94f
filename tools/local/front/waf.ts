// The web ACL's rate rules: read as recorded, counted here, answered as the rule says.
import type { IncomingHttpHeaders } from 'node:http';
import { one } from '../../../recorder/query';
import type { RecordedResource, Recording } from '../../../recorder/record';
import type { Ground, Values } from '../ground';
import { isTextTransformation, RateLimiter } from './rate-limit';
import type { RateRule, TextTransformation } from './rate-limit';

/** What a rule answers to a request that it blocks. */
export interface Block {
  status: number;
  contentType: string;
  body: string;
  headers: Record<string, string>;
}

export interface WafDescription {
  /** `WebACL` dimension of its metrics. */
  metricName: string;
  /** In the order in which they are asked. */
  rules: (RateRule & { block: Block })[];
}

/** What stands before the distribution. */
export interface Waf {
  /** Counts a request; what to answer in the place of the origin, when a rule blocks it. */
  judge(clientIp: string, headers: IncomingHttpHeaders): Block | undefined;
}

/** WAF's own answer to what it blocks (WAF developer guide, customized web requests and responses). */
const PLAIN_BLOCK: Block = { status: 403, contentType: 'text/html', body: '', headers: {} };
/** https://docs.aws.amazon.com/waf/latest/APIReference/API_CustomResponseBody.html */
const CONTENT_TYPES: Record<string, string> = {
  APPLICATION_JSON: 'application/json',
  TEXT_HTML: 'text/html',
  TEXT_PLAIN: 'text/plain',
};
const NAMESPACE = 'AWS/WAFV2';
/** Default of a rate rule's evaluation window (API reference, RateBasedStatement). */
const WINDOW_SECONDS = 300;

/** @throws Error when there is no web ACL, or a rule counts in a way that is not imitated. */
export function read(recording: Recording): WafDescription {
  const acl = one(recording.resources, 'aws:wafv2/webAcl:WebAcl');
  const rules = [...((acl.inputs.rules ?? []) as Values[])].sort(
    (a, b) => Number(a.priority) - Number(b.priority),
  );
  return {
    metricName: String((acl.inputs.visibilityConfig as Values | undefined)?.metricName),
    rules: rules.flatMap((rule) => rateRule(rule, acl)),
  };
}

/** Counts from zero. */
export function start({ metricName, rules }: WafDescription, { metrics }: Ground): Waf {
  const limiters = rules.map((rule) => ({ rule, limiter: new RateLimiter(rule) }));
  const count = (name: string, rule: string) =>
    metrics.add(NAMESPACE, name, { WebACL: metricName, Rule: rule }, 1);
  return {
    judge(clientIp, headers) {
      const over = limiters.find(({ limiter }) => limiter.isOver(clientIp, headers));
      count(over === undefined ? 'AllowedRequests' : 'BlockedRequests', 'ALL');
      if (over !== undefined) count('BlockedRequests', over.rule.name);
      return over?.rule.block;
    },
  };
}

function rateRule(rule: Values, acl: RecordedResource): WafDescription['rules'] {
  const { rateBasedStatement } = (rule.statement ?? {}) as { rateBasedStatement?: Values };
  if (rateBasedStatement === undefined) return [];
  const customKeys = (rateBasedStatement.customKeys ?? []) as { header?: CountedHeader }[];
  const header = customKeys.find((key) => key.header !== undefined)?.header;
  return [
    {
      name: String(rule.name),
      limit: Number(rateBasedStatement.limit),
      windowSeconds: Number(rateBasedStatement.evaluationWindowSec ?? WINDOW_SECONDS),
      ...(header === undefined
        ? {}
        : { header: header.name, transformations: transformations(String(rule.name), header) }),
      block: blockOf(rule, acl),
    },
  ];
}

interface CustomResponse {
  responseCode: number;
  customResponseBodyKey?: string;
  responseHeaders?: { name: string; value: string }[];
}

function blockOf(rule: Values, acl: RecordedResource): Block {
  const action = rule.action as { block?: { customResponse?: CustomResponse } } | undefined;
  const response = action?.block?.customResponse;
  if (response === undefined) return PLAIN_BLOCK;
  const bodies = (acl.inputs.customResponseBodies ?? []) as Record<string, string>[];
  const body = bodies.find(({ key }) => key === response.customResponseBodyKey);
  return {
    status: response.responseCode,
    contentType: CONTENT_TYPES[body?.contentType ?? ''] ?? PLAIN_BLOCK.contentType,
    body: body?.content ?? '',
    headers: Object.fromEntries(
      (response.responseHeaders ?? []).map(({ name, value }) => [name.toLowerCase(), value]),
    ),
  };
}

interface CountedHeader {
  name: string;
  textTransformations?: { priority: number; type: string }[];
}

function transformations(rule: string, header: CountedHeader): TextTransformation[] {
  return [...(header.textTransformations ?? [])]
    .sort((a, b) => a.priority - b.priority)
    .map(({ type }) => {
      if (isTextTransformation(type)) return type;
      throw new Error(
        `The rule "${rule}" of the web ACL counts by ${type} of a header, which is not imitated ` +
          'here: add it to tools/local/front/rate-limit.ts.',
      );
    });
}
