// The recorded response headers policy: what CloudFront adds to each answer, for pages elsewhere too.
import type { OutgoingHttpHeaders } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { all } from '../../../recorder/query';
import type { Recording } from '../../../recorder/record';
import type { Values } from '../ground';
import { addCors, readCors } from './cors';
import type { CorsPolicy } from './cors';

/** A header that CloudFront adds to each answer. */
export interface ResponseHeader {
  name: string;
  value: string;
  /** Replaces what the origin sent. */
  override: boolean;
}

export interface ResponseHeadersPolicy {
  headers: ResponseHeader[];
  /** Undefined when no page of another origin may read answers. */
  cors: CorsPolicy | undefined;
}

/** The first policy of the stack; one without headers when there is none. */
export function readResponseHeaders(recording: Recording): ResponseHeadersPolicy {
  const [policy] = all(
    recording.resources,
    'aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy',
  );
  const security = (policy?.inputs.securityHeadersConfig ?? {}) as Record<string, Values>;
  const custom = (policy?.inputs.customHeadersConfig ?? {}) as { items?: Values[] };
  const named = (name: string, setting: Values | undefined, value: unknown) =>
    setting === undefined ? [] : [{ name, value: String(value), override: !!setting.override }];
  const { contentTypeOptions, frameOptions, referrerPolicy, contentSecurityPolicy } = security;
  return {
    headers: [
      ...named('x-content-type-options', contentTypeOptions, 'nosniff'),
      ...named('x-frame-options', frameOptions, frameOptions?.frameOption),
      ...named('referrer-policy', referrerPolicy, referrerPolicy?.referrerPolicy),
      ...named(
        'content-security-policy',
        contentSecurityPolicy,
        contentSecurityPolicy?.contentSecurityPolicy,
      ),
      ...(custom.items ?? []).flatMap((item) => named(String(item.header), item, item.value)),
    ],
    cors: readCors(policy),
  };
}

/** Adds to an answer of the origin what the policy says; changed in place. */
export function applyPolicy(
  { headers, cors }: ResponseHeadersPolicy,
  request: IncomingHttpHeaders,
  answer: OutgoingHttpHeaders,
): void {
  for (const { name, value, override } of headers) if (override) answer[name] = value;
  if (cors !== undefined) addCors(cors, request, answer);
}
