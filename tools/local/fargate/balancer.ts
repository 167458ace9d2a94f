// A load balancer: requests to healthy targets, health checks, draining, response times.
import { Agent } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { answer, forward, listen, probe, serverOf, shut } from '../http';
import { Weights, type Group } from './weights';

/** What the balancer measures, one call a request. */
export interface BalancerSample {
  /** Target group that the request went to, or would have gone to. */
  group: Group;
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
  /** Which healthy target gets a request. @default round_robin */
  algorithm?: Algorithm;
  /** Time between health checks, in milliseconds. @default 1000 */
  healthCheckIntervalMs?: number;
  /** Time that a check may take, in milliseconds. @default 5000 */
  healthCheckTimeoutMs?: number;
  /** Checks in a row that make a healthy target unhealthy. @default 1 */
  unhealthyThreshold?: number;
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html */
export type Algorithm = 'round_robin' | 'least_outstanding_requests';

interface Target {
  port: number;
  group: Group;
  healthy: boolean;
  draining: boolean;
  inFlight: number;
  /** Checks that failed in a row. */
  failures: number;
  /** A check is under way. */
  checking: boolean;
}

/** An ALB's idle timeout (default of the `idle_timeout` attribute). */
const IDLE_TIMEOUT_MS = 60_000;
/** The request line and all headers (quotas of Application Load Balancers). */
const HEADER_LIMIT_BYTES = 65_536;
/** HTTP 460: the client closed the connection before there was an answer (troubleshooting of ALBs). */
const CLIENT_GONE = 460;
const HEALTH_CHECK_INTERVAL_MS = 1_000;
const HEALTH_CHECK_TIMEOUT_MS = 5_000;
const DRAIN_POLL_MS = 20;

/** One listener with one rule, which shares requests out between two target groups by weights. */
export class LoadBalancer {
  /** Told when a target that was healthy is so no longer, and what its last check saw. */
  onUnhealthy: ((port: number, seen: string) => void) | undefined;
  private readonly targets: Target[] = [];
  private readonly agent = new Agent({ keepAlive: true });
  private readonly server = serverOf((request, response) => this.handle(request, response), {
    maxHeaderSize: HEADER_LIMIT_BYTES,
  });
  private readonly checks: NodeJS.Timeout;
  private next = 0;
  private readonly weights = new Weights();
  private checksFail = false;

  constructor(private readonly options: LoadBalancerOptions) {
    this.server.keepAliveTimeout = IDLE_TIMEOUT_MS;
    this.checks = setInterval(() => {
      for (const target of this.targets) void this.check(target);
    }, options.healthCheckIntervalMs ?? HEALTH_CHECK_INTERVAL_MS);
  }

  /** Listens on a free port of 127.0.0.1 and answers it. */
  start(): Promise<number> {
    return listen(this.server, 0);
  }

  /** The targets as the console shows them. */
  status(): readonly Readonly<Target>[] {
    return this.targets;
  }

  /** Sends a group this percentage of the requests from now on, and the other one the rest. */
  shift(group: Group, percent: number): void {
    this.weights.shift(group, percent);
  }

  /** Requests that each group has been sent. */
  requests(): readonly [number, number] {
    return this.weights.requests();
  }

  /** While true no target passes a check; all are looked at anew at once. */
  failChecks(fail: boolean): void {
    this.checksFail = fail;
    const again = async () => {
      for (let check = 0; check < (this.options.unhealthyThreshold ?? 1); check += 1) {
        await Promise.all(this.targets.map((target) => this.check(target)));
      }
    };
    void again();
  }

  /** Adds a target and checks it at once; it gets requests when it is healthy. */
  async register(port: number, group: Group = 0): Promise<boolean> {
    const target = {
      ...{ port, group, healthy: false, draining: false },
      ...{ inFlight: 0, failures: 0, checking: false },
    };
    this.targets.push(target);
    await this.check(target);
    return target.healthy;
  }

  /** Forgets a target that is gone; what it was answering is answered with 502. */
  drop(port: number): void {
    const index = this.targets.findIndex((target) => target.port === port);
    if (index !== -1) this.targets.splice(index, 1);
  }

  /** Sends a target no further requests and waits for those that it has. */
  async deregister(port: number): Promise<void> {
    const target = this.targets.find((candidate) => candidate.port === port);
    if (target === undefined) return;
    target.draining = true;
    const deadline = Date.now() + this.options.deregistrationDelaySeconds * 1000;
    while (target.inFlight > 0 && Date.now() < deadline && this.targets.includes(target)) {
      await sleep(DRAIN_POLL_MS);
    }
    this.drop(port);
  }

  async close(): Promise<void> {
    clearInterval(this.checks);
    await shut(this.server);
    this.agent.destroy();
  }

  private async check(target: Target): Promise<void> {
    if (target.checking) return;
    target.checking = true;
    const seen = await this.lookAt(target.port);
    target.checking = false;
    if (seen === undefined) {
      target.failures = 0;
      target.healthy = true;
      return;
    }
    target.failures += 1;
    if (!target.healthy || target.failures < (this.options.unhealthyThreshold ?? 1)) return;
    target.healthy = false;
    if (!target.draining) this.onUnhealthy?.(target.port, seen);
  }

  /** @returns what was wrong; undefined for a healthy answer. */
  private async lookAt(port: number): Promise<string | undefined> {
    const { healthCheckPath, healthyStatus, healthCheckTimeoutMs } = this.options;
    const timeoutMs = healthCheckTimeoutMs ?? HEALTH_CHECK_TIMEOUT_MS;
    if (this.checksFail) return 'failed on purpose';
    try {
      const status = await probe(port, healthCheckPath, { timeoutMs });
      return matches(healthyStatus, status) ? undefined : `status ${status}`;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return code === 'ETIMEDOUT' ? 'no answer in time' : 'no answer';
    }
  }

  private pick(group: Group): Target | undefined {
    const eligible = this.targets.filter((target) => target.group === group && !target.draining);
    // An ALB whose targets are all unhealthy fails open and uses all of them.
    const healthy = eligible.filter((target) => target.healthy);
    const pool = healthy.length > 0 ? healthy : eligible;
    this.next += 1;
    const inTurn = pool.map((_, index) => pool[(this.next + index) % pool.length] as Target);
    return this.options.algorithm === 'least_outstanding_requests'
      ? inTurn.sort((a, b) => a.inFlight - b.inFlight)[0]
      : inTurn[0];
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const group = this.weights.turn();
    const target = this.pick(group);
    if (target === undefined) {
      this.options.onSample?.({ group, status: 503 });
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
        this.options.onSample?.({ group, status, targetResponseTimeSeconds });
      },
    });
    target.inFlight -= 1;
    if (outcome === 'client-gone') {
      if (!response.headersSent) this.options.onSample?.({ group, status: CLIENT_GONE });
    } else if (outcome !== 'sent' && !response.headersSent) {
      const status = outcome === 'timeout' ? 504 : 502;
      this.options.onSample?.({ group, status });
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
