// The load balancer: round robin over healthy targets, health checks, draining, response times.
import { Agent, createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { answer, forward, listen, shut } from './http';

/** What the balancer measures, one call a request. */
export interface BalancerSample {
  status: number;
  /** Seconds from the request's arrival at the target to the answer's headers; none without a target. */
  targetResponseTimeSeconds?: number;
}

export interface LoadBalancerOptions {
  /** Path of the target group's health check. */
  healthCheckPath: string;
  /** HTTP status codes that count as healthy, for example `200` or `200-299`. */
  healthyStatus: string;
  /** Longest time a target may finish its requests after it was deregistered, in seconds. */
  deregistrationDelaySeconds: number;
  onSample?: (sample: BalancerSample) => void;
  /** Time between health checks, in milliseconds. @default 1000 */
  healthCheckIntervalMs?: number;
}

interface Target {
  port: number;
  healthy: boolean;
  draining: boolean;
  inFlight: number;
}

/** An ALB's idle timeout (default of the `idle_timeout` attribute). */
const IDLE_TIMEOUT_MS = 60_000;
/** As long as the target group gives a check. */
const HEALTH_CHECK_TIMEOUT_MS = 5_000;
const DRAIN_POLL_MS = 20;

/** One listener with one target group. */
export class LoadBalancer {
  private readonly targets: Target[] = [];
  private readonly agent = new Agent({ keepAlive: true });
  private readonly server = createServer((request, response) => {
    this.handle(request, response).catch(() => response.destroy());
  });
  private readonly checks: NodeJS.Timeout;
  private next = 0;

  constructor(private readonly options: LoadBalancerOptions) {
    this.server.keepAliveTimeout = IDLE_TIMEOUT_MS;
    this.checks = setInterval(() => {
      for (const target of this.targets) void this.check(target);
    }, options.healthCheckIntervalMs ?? 1000);
  }

  /** Listens on a free port of 127.0.0.1 and answers it. */
  start(): Promise<number> {
    return listen(this.server, 0);
  }

  /** The targets as the console shows them. */
  status(): readonly Readonly<Target>[] {
    return this.targets;
  }

  /** Adds a target and checks it at once; it gets requests when it is healthy. */
  async register(port: number): Promise<boolean> {
    const target = { port, healthy: false, draining: false, inFlight: 0 };
    this.targets.push(target);
    await this.check(target);
    return target.healthy;
  }

  /** Sends a target no further requests and waits for those that it has. */
  async deregister(port: number): Promise<void> {
    const target = this.targets.find((candidate) => candidate.port === port);
    if (target === undefined) return;
    target.draining = true;
    const deadline = Date.now() + this.options.deregistrationDelaySeconds * 1000;
    while (target.inFlight > 0 && Date.now() < deadline) await sleep(DRAIN_POLL_MS);
    this.targets.splice(this.targets.indexOf(target), 1);
  }

  async close(): Promise<void> {
    clearInterval(this.checks);
    await shut(this.server);
    this.agent.destroy();
  }

  private async check(target: Target): Promise<void> {
    try {
      const response = await fetch(
        `http://127.0.0.1:${target.port}${this.options.healthCheckPath}`,
        { signal: AbortSignal.timeout(HEALTH_CHECK_TIMEOUT_MS) },
      );
      await response.arrayBuffer();
      target.healthy = matches(this.options.healthyStatus, response.status);
    } catch {
      target.healthy = false;
    }
  }

  private pick(): Target | undefined {
    const eligible = this.targets.filter((target) => !target.draining);
    // An ALB whose targets are all unhealthy fails open and uses all of them.
    const healthy = eligible.filter((target) => target.healthy);
    const pool = healthy.length > 0 ? healthy : eligible;
    this.next += 1;
    return pool[this.next % pool.length];
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = this.pick();
    if (target === undefined) {
      this.options.onSample?.({ status: 503 });
      answer(
        response,
        503,
        '<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>',
        'text/html',
      );
      return;
    }
    target.inFlight += 1;
    const started = performance.now();
    const client = request.socket.remoteAddress ?? '127.0.0.1';
    const chain = request.headers['x-forwarded-for'];
    const outcome = await forward(request, response, {
      port: target.port,
      method: request.method ?? 'GET',
      path: request.url ?? '/',
      agent: this.agent,
      timeoutMs: IDLE_TIMEOUT_MS,
      headers: {
        ...request.headers,
        'x-forwarded-for': chain === undefined ? client : `${String(chain)}, ${client}`,
        'x-forwarded-proto': 'http',
      },
      onResponse: (status) => {
        const targetResponseTimeSeconds = (performance.now() - started) / 1000;
        this.options.onSample?.({ status, targetResponseTimeSeconds });
      },
    });
    target.inFlight -= 1;
    if (outcome !== 'sent' && !response.headersSent) {
      const status = outcome === 'timeout' ? 504 : 502;
      if (outcome === 'unreachable') target.healthy = false;
      this.options.onSample?.({ status });
      answer(response, status, `<html><body><h1>${status}</h1></body></html>`, 'text/html');
    }
  }
}

/** Whether a status is in a matcher such as `200`, `200,202` or `200-299`. */
export function matches(matcher: string, status: number): boolean {
  return matcher.split(',').some((part) => {
    const [low = '', high = low] = part.trim().split('-');
    return status >= Number(low) && status <= Number(high);
  });
}
