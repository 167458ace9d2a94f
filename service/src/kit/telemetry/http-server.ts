// A span and a duration of each HTTP request, by OpenTelemetry's semantic conventions for HTTP.
import { context, metrics, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Attributes, TextMapGetter } from '@opentelemetry/api';
import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_URL_PATH,
  ATTR_URL_SCHEME,
} from '@opentelemetry/semantic-conventions';
import type { Context, MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
import { EDGE_TIMING_HEADER } from '../../../../contracts/headers';
import { SERVICE_METRICS } from '../../../../contracts/metrics';
import { readEdgeTiming } from '../../../../contracts/trace-context';
import type { EdgeSpan } from './edge-span';
import { attributesOf } from './attributes';

/** What is the same for every request of one route, method and status: computed once. */
interface Kind {
  readonly spanName: string;
  readonly attributes: Attributes;
}

/** Methods by their own name; any other is `_OTHER`, so that nobody can make up values. */
const METHODS = new Set('GET HEAD POST PUT PATCH DELETE OPTIONS TRACE CONNECT'.split(' '));
const OTHER_METHOD = '_OTHER';

const requestHeaders: TextMapGetter<Context> = {
  get: (c, name) => c.req.header(name),
  keys: (c) => [...c.req.raw.headers.keys()],
};

/**
 * Measures each request; the first middleware of an app, so that all others are measured too. It
 * takes the caller's trace context and makes the span the active one. No query, header, body, address
 * or message of an error gets into an attribute.
 *
 * The sampler decides when the span is started, by its name alone: attributes are made for a request
 * that is recorded. One that is not hands on its decision.
 * @param recordEdge Takes the edge's part of a request that is recorded, where the edge told of one.
 */
export function httpServerTelemetry(
  scope: string,
  recordEdge: (span: EdgeSpan) => void,
): MiddlewareHandler {
  const tracer = trace.getTracer(scope);
  const duration = metrics.getMeter(scope).createHistogram(SERVICE_METRICS.requestDuration.name, {
    description: 'Duration of HTTP server requests.',
    unit: 's',
  });
  const kinds = new Map<string, Kind>();

  function kindOf(method: string, route: string | undefined, status: number): Kind {
    const key = `${method} ${status} ${route}`;
    let kind = kinds.get(key);
    if (kind === undefined) kinds.set(key, (kind = describe(method, route, status)));
    return kind;
  }

  return async function measureRequest(c, next) {
    const startMs = performance.now();
    const method = METHODS.has(c.req.method) ? c.req.method : OTHER_METHOD;
    const parent = propagation.extract(context.active(), c, requestHeaders);
    const span = tracer.startSpan(method, { kind: SpanKind.SERVER }, parent);
    let status = 500;
    try {
      await context.with(trace.setSpan(parent, span), next);
      ({ status } = c.res);
    } finally {
      const { spanName, attributes } = kindOf(method, routeOf(c), status);
      duration.record((performance.now() - startMs) / 1000, attributes);
      if (span.isRecording()) {
        span.updateName(spanName);
        Object.assign(attributesOf(span), attributes, { [ATTR_URL_PATH]: pathOf(c.req.url) });
        if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
        span.end();
        const timing = readEdgeTiming(c.req.header(EDGE_TIMING_HEADER));
        const place = trace.getSpanContext(parent);
        // Where nothing proves that the request passed the edge, it is refused: its trace shows that, too.
        if (timing !== undefined && place !== undefined) recordEdge({ timing, place });
      }
    }
  };
}

/** The path as sent, as at the edge: Hono's own is decoded, and a URL object costs more than the rest. */
function pathOf(url: string): string {
  const path = url.slice(url.indexOf('/', 'http://'.length + 1));
  const end = path.search(/[?#]/);
  return end === -1 ? path : path.slice(0, end);
}

/** Where {@link routeOf} keeps what it found: the log asks before the telemetry does. */
const ROUTE = 'gatehouse.route';

/** The first pattern that fits this path alone; none when only those for many paths do. */
export function routeOf(c: Context): string | undefined {
  const known = c.get(ROUTE) as string | undefined;
  if (known !== undefined) return known;
  const route = matchedRoutes(c).find(({ path }) => !path.endsWith('*'))?.path;
  c.set(ROUTE, route);
  return route;
}

function describe(method: string, route: string | undefined, status: number): Kind {
  const verb = method === OTHER_METHOD ? 'HTTP' : method;
  return {
    // Without a route the method alone: a path as name would make as many names as paths.
    spanName: route === undefined ? verb : `${verb} ${route}`,
    attributes: {
      [ATTR_HTTP_REQUEST_METHOD]: method,
      [ATTR_HTTP_RESPONSE_STATUS_CODE]: status,
      // Between the load balancer and the service; what the client used stands in the edge's logs.
      [ATTR_URL_SCHEME]: 'http',
      ...(route === undefined ? {} : { [ATTR_HTTP_ROUTE]: route }),
      ...(status < 500 ? {} : { [ATTR_ERROR_TYPE]: String(status) }),
    },
  };
}
