// The console: a page that shows what the platform does now, and the JSON that it is drawn from.
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { MetricStore } from '../cloudwatch/metric-store';
import type { LoadBalancer } from './fargate/balancer';
import type { TaskFleet } from './fargate/fleet';
import type { Ground } from './ground';
import { answer, isForeign, listen, serverOf, shut } from './http';
import type { OtlpReceiver } from './otlp';

export interface ConsoleOptions {
  /** What does not change while the platform runs. */
  about: {
    stack: string;
    region: string;
    edge: string;
    aws: string;
    keysTable: string;
    tables: Record<string, string>;
    rateRules: readonly { name: string; limit: number; windowSeconds: number }[];
  };
  metrics: MetricStore;
  otlp: OtlpReceiver;
  balancer: LoadBalancer;
  fleet: TaskFleet;
}

/**
 * Listens on a port of 127.0.0.1; 0 for any free one.
 * @returns its address.
 * @throws Error with code `EADDRINUSE`.
 */
export async function start(
  options: Omit<ConsoleOptions, 'metrics'>,
  port: number,
  { metrics, onClose }: Ground,
): Promise<string> {
  const console = new Console({ ...options, metrics });
  onClose(() => console.close());
  return `http://127.0.0.1:${await console.start(port)}`;
}

const PAGE = {
  '/': { file: 'index.html', type: 'text/html; charset=utf-8' },
  '/console.js': { file: 'console.js', type: 'text/javascript; charset=utf-8' },
  '/console.css': { file: 'console.css', type: 'text/css; charset=utf-8' },
} as const;
const TRACE_LIMIT = 200;

/** Serves the page and its data; answers only to a loopback host name (no DNS rebinding). */
export class Console {
  private readonly server = serverOf((request, response) => this.handle(request, response));

  constructor(private readonly options: ConsoleOptions) {}

  /** @throws Error with code `EADDRINUSE`. */
  start(port: number): Promise<number> {
    return listen(this.server, port);
  }

  close(): Promise<void> {
    return shut(this.server);
  }

  private handle(request: IncomingMessage, response: ServerResponse): void {
    response.setHeader('content-security-policy', "default-src 'self'; img-src data:");
    response.setHeader('cache-control', 'no-store');
    if (isForeign(request)) {
      answer(response, 403, {
        error:
          'The console answers on 127.0.0.1 and localhost only, and to no page of another origin.',
      });
      return;
    }
    if (request.method !== 'GET') {
      answer(response, 405, { error: 'The console is read with GET.' });
      return;
    }
    // Two slashes in front would name another host.
    const url = /^\/(?!\/)/.test(request.url ?? '')
      ? URL.parse(request.url ?? '', 'http://localhost')
      : null;
    if (url === null) {
      answer(response, 404, { error: 'There is no such page here.' });
      return;
    }
    const page = PAGE[url.pathname as keyof typeof PAGE] as
      (typeof PAGE)[keyof typeof PAGE] | undefined;
    if (page !== undefined) {
      answer(response, 200, readFileSync(join(__dirname, 'page', page.file), 'utf8'), page.type);
      return;
    }
    const data = this.data(url);
    if (data === undefined) answer(response, 404, { error: `There is no ${url.pathname} here.` });
    else answer(response, 200, data);
  }

  private data({ pathname, searchParams }: URL): object | undefined {
    switch (pathname) {
      case '/api/platform':
        return this.platform();
      case '/api/metrics':
        return { series: this.options.metrics.query(metricQuery(searchParams)) };
      case '/api/traces':
        return { spans: this.options.otlp.latest(TRACE_LIMIT) };
      default:
        return undefined;
    }
  }

  private platform(): object {
    const { about, fleet, balancer } = this.options;
    return {
      ...about,
      tasks: fleet.tasks().map((task) => {
        const { id, port, pid } = task;
        const target = balancer.status().find((candidate) => candidate.port === port);
        return {
          id,
          port,
          pid,
          state: state(task.hasExited(), target),
          inFlight: target?.inFlight ?? 0,
        };
      }),
    };
  }
}

function state(
  hasExited: boolean,
  target: { healthy: boolean; draining: boolean } | undefined,
): string {
  if (hasExited) return 'stopped';
  if (target === undefined) return 'unused';
  if (target.draining) return 'draining';
  return target.healthy ? 'healthy' : 'unhealthy';
}

/** `namespace`, `name` and `since` are the query's own; every other parameter is a dimension. */
function metricQuery(parameters: URLSearchParams) {
  const { namespace, name, since, ...dimensions } = Object.fromEntries(parameters) as Record<
    string,
    string | undefined
  >;
  const sinceMs = since === undefined ? undefined : Date.parse(since);
  return {
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(sinceMs === undefined || Number.isNaN(sinceMs) ? {} : { sinceMs }),
    dimensions: dimensions as Record<string, string>,
  };
}
