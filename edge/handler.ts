// CloudFront viewer request in, request or answer out; what is decided is decided elsewhere.
import type { CloudFrontHeaders, CloudFrontRequest, CloudFrontResultResponse } from 'aws-lambda';
import { accessTo, ALLOWED_METHODS, methodsOf } from '../contracts/access';
import type { DecisiveRecord } from '../contracts/api-key';
import {
  API_KEY_HEADER,
  EDGE_TIMING_HEADER,
  IDENTITY_HEADERS,
  PLATFORM_HEADER_PREFIX,
  TRACEPARENT_HEADER,
} from '../contracts/headers';
import type { EdgeDenyReason } from '../contracts/metrics';
import { writeEdgeTiming, writeTraceparent } from '../contracts/trace-context';
import { authorize } from './authorize';
import { readCredential } from './credential';
import { decisionLine, type DecisionReason, type LoggedDecision } from './decision-log';
import { createRecordFetcher, type DynamoDbOptions } from './dynamodb';
import { createKeyStore, type KeyStore } from './key-store';
import { allowOrigin, denial, header, preflight, type Particulars } from './responses';
import type { ResolvedEdgeSettings } from './settings';
import { placeInTrace } from './trace';
import { isPlainPath } from './viewer-path';
import { readViewerRequest, UNKNOWN_REQUEST, type ViewerRequest } from './viewer-request';

export type ViewerResult = CloudFrontRequest | CloudFrontResultResponse;

export interface HandlerOptions extends Pick<DynamoDbOptions, 'env' | 'send'> {
  readonly settings: ResolvedEdgeSettings;
  /** The time, epoch milliseconds. */
  readonly now: () => number;
  /** Takes one line a decision. */
  readonly log: (line: string) => void;
}

/** When the decision began, by the clock and by one that never jumps. */
interface Started {
  readonly epochMs: number;
  readonly ms: number;
}

/** What was decided, for the log, and what follows from it. */
type Outcome = DecisionReason &
  Pick<LoggedDecision, 'cache' | 'lookupMs' | 'failure' | 'claimedKeyId'> &
  Pick<Particulars, 'scope' | 'methods'> & {
    readonly record?: DecisiveRecord;
  };

/** Makes the function's handler. The handler never rejects: whatever fails is a refusal. */
export function createHandler(options: HandlerOptions): (event: unknown) => Promise<ViewerResult> {
  const { settings, now } = options;
  const store = createKeyStore({
    settings,
    now,
    fetchRecord: createRecordFetcher({
      table: settings.keysTable,
      regions: lookupRegions(settings, options.env.AWS_REGION),
      timeoutMs: settings.lookupTimeoutMs,
      env: options.env,
      send: options.send,
      now,
    }),
  });
  return async (event) => {
    const started: Started = { epochMs: now(), ms: performance.now() };
    const request = readViewerRequest(event);
    if (request === undefined) {
      const outcome = deny('internal', { failure: 'no viewer request' });
      return conclude(options, undefined, outcome, started);
    }
    let outcome: Outcome;
    try {
      outcome = await decide(request, settings, store, now);
    } catch (error) {
      const failure = error instanceof Error ? error.name : 'unknown failure';
      outcome = deny('internal', { failure });
    }
    return conclude(options, request, outcome, started);
  };
}

/**
 * The regions to ask, one after the other; the bundler worked out the order. A table in one region
 * only is asked twice.
 */
function lookupRegions({ regions, routes }: ResolvedEdgeSettings, executing = ''): string[] {
  const route = routes[executing] ?? [0, 1];
  return route.map((index) => regions[index] ?? (regions[0] as string));
}

async function decide(
  { cf: { method, uri, headers }, address }: ViewerRequest,
  settings: ResolvedEdgeSettings,
  store: KeyStore,
  now: () => number,
): Promise<Outcome> {
  if (!(ALLOWED_METHODS as readonly string[]).includes(method)) {
    return deny('method');
  }
  if (!isPlainPath(uri)) {
    return deny('path');
  }
  if (method === 'OPTIONS' && isPreflight(headers, settings)) {
    return { decision: 'allow', reason: 'preflight' };
  }
  const access = accessTo(settings.rules, method, uri);
  if (access.kind === 'public') {
    return { decision: 'allow', reason: 'public' };
  }
  const credential = readCredential(headers, settings);
  if ('problem' in credential) {
    return deny(credential.problem);
  }
  const { key } = credential;
  const claimedKeyId = key.keyId;
  if (key.environment !== settings.environment) {
    return deny('other-environment', { claimedKeyId });
  }
  const { stored, ...seen } = await store.find(key.keyId);
  if (stored === 'unavailable') {
    return deny('store-unavailable', { claimedKeyId, ...seen });
  }
  const record = typeof stored === 'string' ? undefined : stored;
  const authorization = authorize({ key, record, address, access, now: now() });
  if (authorization.allow) {
    const reason = seen.cache === 'stale' ? 'grace' : 'valid';
    return { decision: 'allow', reason, record: authorization.record, ...seen };
  }
  const reason = stored === 'malformed' ? 'bad-record' : authorization.reason;
  return deny(reason, {
    claimedKeyId,
    scope: authorization.scope,
    methods: reason === 'no-rule' ? methodsOf(settings.rules, uri) : undefined,
    ...seen,
  });
}

function deny(
  reason: EdgeDenyReason,
  more: Omit<Outcome, 'decision' | 'reason' | 'record'> = {},
): Outcome {
  return { decision: 'deny', reason, ...more };
}

/** Logs the outcome and turns it into what CloudFront goes on with. */
function conclude(
  { settings, now, log }: HandlerOptions,
  request: ViewerRequest | undefined,
  outcome: Outcome,
  started: Started,
): ViewerResult {
  const { record, scope, methods, ...logged } = outcome;
  const requestId = request?.requestId ?? UNKNOWN_REQUEST;
  const passes =
    request !== undefined && outcome.decision === 'allow' && outcome.reason !== 'preflight';
  const place = passes ? placeInTrace(request.cf.headers, settings.traceSampling) : undefined;
  log(
    decisionLine({
      ...logged,
      stack: settings.stack,
      perKeyMetrics: settings.perKeyMetrics,
      time: now(),
      method: loggedMethod(request?.cf.method),
      requestId,
      traceId: place?.sampled === true ? place.traceId : undefined,
      keyId: record?.keyId,
    }),
  );
  const origin = request === undefined ? undefined : allowedOrigin(request.cf.headers, settings);
  const readable = (response: CloudFrontResultResponse) =>
    origin === undefined ? response : allowOrigin(response, origin);
  if (outcome.decision === 'deny' || request === undefined) {
    return readable(
      denial(outcome.reason as EdgeDenyReason, settings, { requestId, scope, methods }),
    );
  }
  if (place === undefined) {
    return readable(preflight());
  }
  const timing = writeEdgeTiming({
    startMs: started.epochMs,
    durationMs: performance.now() - started.ms,
    lookupMs: outcome.lookupMs,
    cache: outcome.cache,
    parentSpanId: place.parentSpanId,
  });
  return {
    ...request.cf,
    headers: {
      ...originHeaders(request.cf.headers, record),
      ...header(TRACEPARENT_HEADER, writeTraceparent(place)),
      ...header(EDGE_TIMING_HEADER, timing),
    },
  };
}

/** The client's headers without any credential and identity, and with the identity vouched for. */
function originHeaders(
  headers: CloudFrontHeaders,
  record: DecisiveRecord | undefined,
): CloudFrontHeaders {
  const kept = Object.entries(headers).filter(([name]) => !isOurs(name));
  const identity =
    record === undefined
      ? {}
      : {
          ...header(IDENTITY_HEADERS.keyId, record.keyId),
          ...header(IDENTITY_HEADERS.owner, record.owner),
          ...header(IDENTITY_HEADERS.scopes, record.scopes.join(' ')),
        };
  return { ...Object.fromEntries(kept), ...identity };
}

/** Underscores count as hyphens: CGI-style servers can't tell `x_gatehouse_owner` apart. */
function isOurs(name: string): boolean {
  const canonical = name.trim().toLowerCase().replaceAll('_', '-');
  return (
    canonical === API_KEY_HEADER ||
    canonical === 'authorization' ||
    // Names the sampling of systems that are not ours.
    canonical === 'tracestate' ||
    canonical.startsWith(PLATFORM_HEADER_PREFIX)
  );
}

/** A client chooses its method's text; what is no method of ours is not written to the log. */
function loggedMethod(method: string | undefined): string | undefined {
  return (ALLOWED_METHODS as readonly (string | undefined)[]).includes(method) ? method : 'other';
}

function isPreflight(headers: CloudFrontHeaders, settings: ResolvedEdgeSettings): boolean {
  return (
    headers['access-control-request-method'] !== undefined &&
    allowedOrigin(headers, settings) !== undefined
  );
}

/** The request's origin when pages of that origin may read answers. */
function allowedOrigin(
  headers: CloudFrontHeaders,
  { corsOrigins }: ResolvedEdgeSettings,
): string | undefined {
  const origin = headers.origin?.[0]?.value;
  if (origin === undefined) {
    return undefined;
  }
  return corsOrigins.includes('*') ? '*' : corsOrigins.find((allowed) => allowed === origin);
}
