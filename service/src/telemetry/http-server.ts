// Spans and the duration histogram of HTTP requests, by OpenTelemetry's semantic conventions for HTTP.
import type { Context, MiddlewareHandler, Next } from 'hono';
import { routePath } from 'hono/route';
import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_NETWORK_PROTOCOL_VERSION,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_URL_PATH,
  ATTR_URL_SCHEME,
  ATTR_USER_AGENT_ORIGINAL,
} from '@opentelemetry/semantic-conventions';
import { DURATION_BOUNDARIES_SECONDS } from '../../../contracts/metrics';
import type { AppEnv } from '../app-env';
import { runWithContext } from './context';
import type { Sampler, SpanContext } from './context';
import type { Exporter } from './exporter';
import { Histogram, ObservedSum } from './metrics';
import type { HistogramSeries } from './metrics';
import { attribute, attributes } from './otlp';

/** What is the same for every request of one route, method and status: computed once. */
interface Kind {
  readonly duration: HistogramSeries;
  /** Span members from the name to the attributes that vary. */
  readonly head: string;
  /** Span members behind them. */
  readonly tail: string;
}

/** The few headers that a span speaks of. */
interface Heads {
  traceparent: string | undefined;
  host: string | undefined;
  userAgent: string | undefined;
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT'];
/** What semantic conventions want for a method that is none of HTTP's. */
const OTHER_METHOD = '_OTHER';
const SPAN_KIND_SERVER = 2;
const STATUS_ERROR = ',"status":{"code":2}';
/** W3C flags: sampled (1), and that it is known whether the parent is remote (0x100, 0x200). */
const FLAGS_ROOT = 0x101;
const FLAGS_REMOTE_PARENT = 0x301;

export interface HttpServerTelemetryOptions {
  readonly exporter: Exporter;
  /** `undefined` records no spans, only metrics. */
  readonly sampler: Sampler | undefined;
}

/** Middleware that measures each request; the first one of the app. */
export function httpServerTelemetry(
  options: HttpServerTelemetryOptions,
): MiddlewareHandler<AppEnv> {
  const { exporter, sampler } = options;
  const { clock } = exporter;
  const kinds = new Map<string, Map<number, Kind>>();
  const active = new Map<string, number>();
  const duration = new Histogram(
    'http.server.request.duration',
    'Duration of HTTP server requests.',
    DURATION_BOUNDARIES_SECONDS,
  );
  exporter.add(duration);
  exporter.add(
    new ObservedSum(
      'http.server.active_requests',
      'Number of active HTTP server requests.',
      '{request}',
      false,
      () =>
        [...active].map(([method, value]) => ({
          labels: attributes({ [ATTR_HTTP_REQUEST_METHOD]: method, [ATTR_URL_SCHEME]: 'http' }),
          value,
        })),
    ),
  );
  const describeHost = lastValueCache(hostAttributes);
  const describeAgent = lastValueCache((agent) => `,${attribute(ATTR_USER_AGENT_ORIGINAL, agent)}`);

  function kindOf(method: string, route: string, status: number): Kind {
    const name = `${method} ${route}`;
    let byStatus = kinds.get(name);
    if (byStatus === undefined) kinds.set(name, (byStatus = new Map<number, Kind>()));
    let kind = byStatus.get(status);
    if (kind === undefined) byStatus.set(status, (kind = makeKind(method, route, status)));
    return kind;
  }

  function makeKind(method: string, route: string, status: number): Kind {
    const common = {
      [ATTR_HTTP_REQUEST_METHOD]: method,
      [ATTR_URL_SCHEME]: 'http',
      [ATTR_HTTP_ROUTE]: route === '' ? undefined : route,
      [ATTR_HTTP_RESPONSE_STATUS_CODE]: status,
      [ATTR_ERROR_TYPE]: status >= 500 ? String(status) : undefined,
      [ATTR_NETWORK_PROTOCOL_VERSION]: '1.1',
    };
    // Without a route the method alone: a path as name would make as many names as paths.
    const name = `${method === OTHER_METHOD ? 'HTTP' : method} ${route}`.trim();
    return {
      duration: duration.with(common),
      head: `","name":${JSON.stringify(name)},"kind":${SPAN_KIND_SERVER},"attributes":[${attributes(common)},{"key":"${ATTR_URL_PATH}","value":{"stringValue":`,
      tail: `]${status >= 500 ? STATUS_ERROR : ''}}`,
    };
  }

  function finish(
    c: Context<AppEnv>,
    method: string,
    startMs: number,
    heads: Heads,
    context: SpanContext | undefined,
  ): void {
    const endMs = performance.now();
    active.set(method, (active.get(method) as number) - 1);
    const kind = kindOf(method, routeOf(c), c.res.status);
    kind.duration.record((endMs - startMs) / 1000);
    if (context === undefined) return;
    const { traceId, spanId, parentSpanId } = context;
    const parent =
      parentSpanId === undefined
        ? `","flags":${FLAGS_ROOT},"startTimeUnixNano":"`
        : `","parentSpanId":"${parentSpanId}","flags":${FLAGS_REMOTE_PARENT},"startTimeUnixNano":"`;
    exporter.addSpan(
      `{"traceId":"${traceId}","spanId":"${spanId}${parent}${clock.nanoseconds(startMs)}","endTimeUnixNano":"${clock.nanoseconds(endMs)}${kind.head}${JSON.stringify(c.req.path)}}}${describeHost(heads.host)}${describeAgent(heads.userAgent)}${kind.tail}`,
    );
  }

  return function measureRequest(c: Context<AppEnv>, next: Next): Promise<void> {
    const startMs = performance.now();
    const method = METHODS.includes(c.req.method) ? c.req.method : OTHER_METHOD;
    active.set(method, (active.get(method) ?? 0) + 1);
    const heads = readHeads(c);
    const context = sampler?.start(heads.traceparent);
    const work = context === undefined ? next() : runWithContext(context, next);
    return work.then(() => finish(c, method, startMs, heads, context));
  };
}

/** The pattern that answered; none when only middleware for all paths did. */
function routeOf(c: Context): string {
  const route = routePath(c);
  return route === '*' || route === '/*' ? '' : route;
}

/** Reads from the raw list where there is one: building all headers would cost more than the span. */
function readHeads(c: Context<AppEnv>): Heads {
  const raw = c.env?.incoming?.rawHeaders;
  if (raw === undefined) {
    return {
      traceparent: c.req.header('traceparent'),
      host: c.req.header('host'),
      userAgent: c.req.header('user-agent'),
    };
  }
  const heads: Heads = { traceparent: undefined, host: undefined, userAgent: undefined };
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] as string;
    // Lengths first: most names need no comparison.
    if (name.length === 4 && name.toLowerCase() === 'host') heads.host = raw[at + 1];
    else if (name.length === 10 && name.toLowerCase() === 'user-agent')
      heads.userAgent = raw[at + 1];
    else if (name.length === 11 && name.toLowerCase() === 'traceparent')
      heads.traceparent = raw[at + 1];
  }
  return heads;
}

function hostAttributes(host: string): string {
  const [, address = '', port] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(host) ?? [];
  const values = {
    [ATTR_SERVER_ADDRESS]: address === '' ? undefined : address,
    [ATTR_SERVER_PORT]: port === undefined ? undefined : Number(port),
  };
  const fragment = attributes(values);
  return fragment === '' ? '' : `,${fragment}`;
}

/** Callers repeat themselves: what was made for the last value serves until another comes. */
function lastValueCache(make: (value: string) => string): (value: string | undefined) => string {
  let last: string | undefined;
  let made = '';
  return (value) => {
    if (value === undefined) return '';
    if (value !== last) {
      last = value;
      made = make(value);
    }
    return made;
  };
}
