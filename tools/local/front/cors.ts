// CORS as CloudFront's response headers policy adds it to answers of the origin.
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import type { RecordedResource } from '../../../recorder/record';

/** The recorded policy's part for pages of other origins. */
export interface CorsPolicy {
  /** Origins in full, or `*` alone. */
  origins: string[];
  exposedHeaders: string[];
  allowCredentials: boolean;
  /** Replaces what the origin sent. */
  override: boolean;
}

interface CorsConfig {
  accessControlAllowCredentials?: boolean;
  accessControlAllowOrigins?: { items?: string[] };
  accessControlExposeHeaders?: { items?: string[] };
  originOverride?: boolean;
}

/** @returns undefined when the policy allows no other origin. */
export function readCors(policy: RecordedResource | undefined): CorsPolicy | undefined {
  const config = policy?.inputs.corsConfig as CorsConfig | undefined;
  if (config === undefined) return undefined;
  return {
    origins: config.accessControlAllowOrigins?.items ?? [],
    exposedHeaders: config.accessControlExposeHeaders?.items ?? [],
    allowCredentials: config.accessControlAllowCredentials === true,
    override: config.originOverride === true,
  };
}

/**
 * Adds the headers to an answer of the origin; a request without a matching `Origin` gets none.
 * Preflights do not come this far: the edge answers them.
 * @param headers of the answer, names in lower case; changed in place.
 */
export function addCors(
  policy: CorsPolicy,
  request: IncomingHttpHeaders,
  headers: OutgoingHttpHeaders,
): void {
  const { origin } = request;
  const anyOrigin = policy.origins.includes('*');
  // Whether an answer has the header depends on who asks, so no cache may give it to another.
  if (!anyOrigin) headers.vary = withOrigin(headers.vary);
  if (origin === undefined || !(anyOrigin || policy.origins.includes(origin))) return;
  const added = {
    'access-control-allow-origin': anyOrigin ? '*' : origin,
    ...(policy.allowCredentials ? { 'access-control-allow-credentials': 'true' } : {}),
    ...(policy.exposedHeaders.length === 0
      ? {}
      : { 'access-control-expose-headers': policy.exposedHeaders.join(', ') }),
  };
  for (const [name, value] of Object.entries(added)) {
    if (policy.override || headers[name] === undefined) headers[name] = value;
  }
}

function withOrigin(vary: OutgoingHttpHeaders[string]): string {
  const names = vary === undefined ? [] : String(vary).split(/\s*,\s*/);
  return [...names.filter((name) => name.toLowerCase() !== 'origin'), 'Origin'].join(', ');
}
