// Spans and the duration histogram of HTTP requests, by OpenTelemetry's semantic conventions for HTTP.
import type { HttpBindings } from '@hono/node-server';
import type { Router } from 'hono/router';
import type { RouterRoute } from 'hono/types';
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
import { DURATION_BOUNDARIES_SECONDS } from '../../../../contracts/metrics';
import { runInScope } from './context';
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
  /** Path of the URL as sent, without the query. */
  readonly path: string;
  traceparent: string | undefined;
  host: string | undefined;
  userAgent: string | undefined;
}

const METHODS = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'CONNECT',
]);
/** What semantic conventions want for a method that is none of HTTP's. */
const OTHER_METHOD = '_OTHER';
const SPAN_KIND_SERVER = 2;
const STATUS_ERROR = ',"status":{"code":2}';
/** W3C flags: sampled (1), and that it is known whether the parent is remote (0x100, 0x200). */
const FLAGS_ROOT = 0x101;
const FLAGS_REMOTE_PARENT = 0x301;

type Bindings = Partial<HttpBindings> | object;
type Fetch = (request: Request, env?: Bindings) => Response | Promise<Response>;

/** What of a Hono app is needed: its routes, and what answers. */
export interface MeasuredApp {
  readonly router: Router<[unknown, RouterRoute]>;
  readonly fetch: Fetch;
}

export interface HttpServerTelemetryOptions {
  readonly exporter: Exporter;
  /** `undefined` records no spans, only metrics. */
  readonly sampler: Sampler | undefined;
}

/**
 * Measures each request of an app. It stands around the app and is no middleware of it: a
 * middleware makes Hono await every answer, and costs an unsampled request more than all the rest.
 */
export class HttpServerTelemetry {
  private readonly exporter: Exporter;
  private readonly sampler: Sampler | undefined;
  /** By method, route and status. */
  private readonly kinds = new Map<string, Map<string, Map<number, Kind>>>();
  private readonly active = new Map<string, number>();
  private readonly describeHost = lastValueCache(hostAttributes);
  private readonly describeAgent = lastValueCache(
    (agent) => `,${attribute(ATTR_USER_AGENT_ORIGINAL, agent)}`,
  );
  private readonly duration = new Histogram(
    'http.server.request.duration',
    'Duration of HTTP server requests.',
    DURATION_BOUNDARIES_SECONDS,
  );

  constructor(options: HttpServerTelemetryOptions) {
    this.exporter = options.exporter;
    this.sampler = options.sampler;
    this.exporter.add(this.duration);
    this.exporter.add(
      new ObservedSum(
        'http.server.active_requests',
        'Number of active HTTP server requests.',
        '{request}',
        false,
        () =>
          [...this.active].map(([method, value]) => ({
            labels: attributes({ [ATTR_HTTP_REQUEST_METHOD]: method, [ATTR_URL_SCHEME]: 'http' }),
            value,
          })),
      ),
    );
  }

  /** The app's `fetch`, measured. An app that fails by throwing counts as a 500 and throws on. */
  around(app: MeasuredApp): Fetch {
    return (request, env) => {
      const startMs = performance.now();
      const method = METHODS.has(request.method) ? request.method : OTHER_METHOD;
      this.active.set(method, (this.active.get(method) ?? 0) + 1);
      const heads = readHeads(request, env);
      const context = this.sampler?.start(heads.traceparent);
      const finish = (status: number): void => {
        this.finish(app, method, startMs, heads, context, status);
      };
      let answer: Response | Promise<Response>;
      try {
        answer =
          context === undefined && heads.traceparent === undefined
            ? // Nothing to tell: entering a scope costs more than the rest of an unsampled request.
              app.fetch(request, env)
            : // Also when it is not recorded: spans of OpenTelemetry's API hand on the caller's trace.
              runInScope(
                { span: context, traceparent: heads.traceparent, api: undefined },
                app.fetch,
                request,
                env,
              );
      } catch (error) {
        finish(500);
        throw error;
      }
      if (answer instanceof Promise) return settle(answer, finish);
      finish(answer.status);
      return answer;
    };
  }

  private finish(
    app: MeasuredApp,
    method: string,
    startMs: number,
    heads: Heads,
    context: SpanContext | undefined,
    status: number,
  ): void {
    const endMs = performance.now();
    this.active.set(method, (this.active.get(method) as number) - 1);
    const kind = this.kindOf(method, routeOf(app, method, heads.path), status);
    kind.duration.record((endMs - startMs) / 1000);
    if (context === undefined) return;
    const { clock } = this.exporter;
    const { traceId, spanId, parentSpanId } = context;
    const parent =
      parentSpanId === undefined
        ? `","flags":${FLAGS_ROOT},"startTimeUnixNano":"`
        : `","parentSpanId":"${parentSpanId}","flags":${FLAGS_REMOTE_PARENT},"startTimeUnixNano":"`;
    this.exporter.addSpan(
      `{"traceId":"${traceId}","spanId":"${spanId}${parent}${clock.nanoseconds(startMs)}","endTimeUnixNano":"${clock.nanoseconds(endMs)}${kind.head}${JSON.stringify(heads.path)}}}${this.describeHost(heads.host)}${this.describeAgent(heads.userAgent)}${kind.tail}`,
    );
  }

  private kindOf(method: string, route: string, status: number): Kind {
    let byRoute = this.kinds.get(method);
    if (byRoute === undefined)
      this.kinds.set(method, (byRoute = new Map<string, Map<number, Kind>>()));
    let byStatus = byRoute.get(route);
    if (byStatus === undefined) byRoute.set(route, (byStatus = new Map<number, Kind>()));
    let kind = byStatus.get(status);
    if (kind === undefined) byStatus.set(status, (kind = this.makeKind(method, route, status)));
    return kind;
  }

  private makeKind(method: string, route: string, status: number): Kind {
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
      duration: this.duration.with(common),
      head: `","name":${JSON.stringify(name)},"kind":${SPAN_KIND_SERVER},"attributes":[${attributes(common)},{"key":"${ATTR_URL_PATH}","value":{"stringValue":`,
      tail: `]${status >= 500 ? STATUS_ERROR : ''}}`,
    };
  }
}

async function settle(
  answer: Promise<Response>,
  finish: (status: number) => void,
): Promise<Response> {
  let status = 500;
  try {
    const response = await answer;
    ({ status } = response);
    return response;
  } finally {
    finish(status);
  }
}

/** The most specific pattern that matches; none when only those for all paths do. */
function routeOf(app: MeasuredApp, method: string, path: string): string {
  const [matches] = app.router.match(method === 'HEAD' ? 'GET' : method, path);
  for (let at = matches.length - 1; at >= 0; at -= 1) {
    const route = (matches[at] as (typeof matches)[number])[0][1].path;
    if (!route.endsWith('*')) return route;
  }
  return '';
}

/** Reads Node's raw list where there is one: building all headers would cost more than the span. */
function readHeads(request: Request, env: Bindings = {}): Heads {
  const incoming = 'incoming' in env ? env.incoming : undefined;
  if (incoming === undefined) {
    return {
      path: new URL(request.url).pathname,
      traceparent: request.headers.get('traceparent') ?? undefined,
      host: request.headers.get('host') ?? undefined,
      userAgent: request.headers.get('user-agent') ?? undefined,
    };
  }
  const url = incoming.url as string;
  const query = url.indexOf('?');
  const heads: Heads = {
    path: query < 0 ? url : url.slice(0, query),
    traceparent: undefined,
    host: undefined,
    userAgent: undefined,
  };
  const raw = incoming.rawHeaders;
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
