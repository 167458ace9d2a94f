// The fast engine: a fleet as a flow of requests, a second at a time, whatever their number.
import { slowdown } from './pooling';
import { Random } from './random';
import type { Engine, LoadSecond, ServedSecond, ServiceModel } from './service-model';

/** Deviations of the normal law that split it into equally likely parts, by their middles. */
const SPREAD = [
  -1.834, -1.282, -0.967, -0.728, -0.524, -0.341, -0.168, 0, 0.168, 0.341, 0.524, 0.728, 0.967,
  1.282, 1.645, 2.054, 2.576,
];
/** How much of the law each of them stands for. */
const SHARES = [...new Array<number>(13).fill(1 / 15), 0.0667, 0.0383, 0.02, 0.0083];
const SHARES_TOTAL = SHARES.reduce((sum, share) => sum + share, 0);
const SECONDS_A_MINUTE = 60;
/** Above this utilization a queue is a backlog. */
const SETTLED = 0.995;
/** A minute's average is never further off than this. */
const MOST_NOISE = 0.5;

/**
 * Follows the number of requests in the tasks by a balance of flows: what arrives less what a
 * fleet with so many requests in it works off, where the relation between the two is that of the
 * steady state (pointwise stationary fluid flow). It holds through overload, where the backlog
 * grows, and through its end. Within a minute the averages of a real queue stray; so do these.
 */
export class FlowEngine implements Engine {
  private readonly random: Random;
  /** Requests that are on the processors, over all tasks. */
  private inside = 0;
  private second = 0;
  private noise = 0;
  private last = { cpuMs: 0, dependencyMs: 0, deviation: 0, answered: 0 };

  /** @param cv standard deviation over mean of a request's CPU time. */
  constructor(
    private readonly model: Omit<
      ServiceModel,
      'shape' | 'discipline' | 'balancing' | 'balancerNodes'
    >,
    private readonly cv: number,
    private readonly targetMs: number,
    seed: number,
  ) {
    this.random = new Random(seed, 'service');
  }

  serve({ requests, tasks, serviceFactor, dependencyFactor }: LoadSecond): ServedSecond {
    // Drawn whatever happens, so that every policy meets the same luck.
    if (this.second % SECONDS_A_MINUTE === 0) this.noise = this.random.normal();
    this.second += 1;
    const dependencyMs = this.model.dependencyMs * dependencyFactor;
    if (tasks === 0) {
      this.last.answered = 0;
      return { answered: 0, failed: requests, over: 0, totalMs: 0, busy: 0 };
    }
    const serviceMs = this.model.serviceMs * serviceFactor;
    const refused = this.admit(requests, tasks, serviceMs);
    const busy = this.flow(requests - refused, tasks, serviceMs);
    const cpuMs = serviceMs * this.timeOver(busy, tasks, serviceMs);
    const deviation = deviationOf(this.cv, busy, tasks);
    const late = share(this.model.timeoutMs - dependencyMs, cpuMs, deviation);
    const answered = (requests - refused) * (1 - late);
    this.last = { cpuMs, dependencyMs, deviation, answered };
    return {
      answered,
      failed: refused + (requests - refused) * late,
      over: answered * share(this.targetMs - dependencyMs, cpuMs, deviation),
      totalMs: answered * (dependencyMs + cpuMs),
      busy,
    };
  }

  spread(see: (ms: number, count: number) => void): void {
    const { cpuMs, dependencyMs, deviation, answered } = this.last;
    if (answered <= 0) return;
    const median = cpuMs * Math.exp((-deviation * deviation) / 2);
    for (let index = 0; index < SPREAD.length; index += 1) {
      const ms = dependencyMs + median * Math.exp(deviation * (SPREAD[index] as number));
      see(ms, (answered * (SHARES[index] as number)) / SHARES_TOTAL);
    }
  }

  /** What the tasks refuse because too many requests are in them. */
  private admit(requests: number, tasks: number, serviceMs: number): number {
    const room = this.model.queueLimit * tasks - this.inside + (1000 * tasks) / serviceMs;
    return Math.max(0, requests - Math.max(0, room));
  }

  /**
   * One second of balance, solved for its end (which is stable however fast the queue): inside
   * after = inside before + arrivals - worked off(inside after). Returns the utilization.
   */
  private flow(arrivals: number, tasks: number, serviceMs: number): number {
    const most = (1000 * tasks) / serviceMs;
    const sum = this.inside + arrivals;
    // In a queue that has settled the utilization is close to arrivals over capacity.
    let [low, high] = [0, 1];
    let busy = Math.min(0.999, sum / most);
    for (let step = 0; step < 30 && high - low > 1e-6; step += 1) {
      const held = busy * tasks * slowdown(tasks, busy);
      const difference = held + busy * most - sum;
      if (difference > 0) high = busy;
      else low = busy;
      // The pole at 1 makes plain Newton jump; a step that leaves the bracket is a bisection.
      const slope = most + held / (busy * (1 - busy) + 1e-9);
      const next = busy - difference / slope;
      busy = next > low && next < high ? next : (low + high) / 2;
      if (Math.abs(difference) < 1e-6 * (1 + sum)) break;
    }
    this.inside = Math.max(0, sum - busy * most);
    return busy;
  }

  /** Time over CPU time of what arrives now: by Little's law, the requests inside. */
  private timeOver(busy: number, tasks: number, serviceMs: number): number {
    if (busy < SETTLED) return slowdown(tasks, busy) * this.luck(busy, tasks, serviceMs);
    // A backlog is what it is; luck is lost in it.
    return Math.max(slowdown(tasks, SETTLED), this.inside / tasks);
  }

  /**
   * A minute's average of a real queue is itself random: relative variance 2 (1 + rho) times the
   * squared slowdown over the number of requests (M/M/1's, spread over the fleet).
   */
  private luck(busy: number, tasks: number, serviceMs: number): number {
    const rho = Math.min(0.95, Math.max(busy, 1e-4));
    const number = (rho * tasks * SECONDS_A_MINUTE * 1000) / serviceMs;
    const variance = (2 * (1 + rho) * slowdown(tasks, rho) ** 2) / number;
    const deviation = Math.min(MOST_NOISE, Math.sqrt(variance));
    return Math.exp(deviation * this.noise - (deviation * deviation) / 2);
  }
}

/** Deviation of the logarithm of a request's time on the processor; fitted to the event engine. */
function deviationOf(cv: number, busy: number, tasks: number): number {
  const square = cv * cv + (1.9 * busy * busy * (0.5 + 0.5 * cv)) / tasks ** 0.6;
  return Math.sqrt(Math.log(1 + square));
}

/** Share of a lognormal law of the given mean that lies above `limit`. */
function share(limit: number, mean: number, deviation: number): number {
  if (limit <= 0) return 1;
  if (deviation < 1e-9) return Number(mean > limit);
  const z = (Math.log(limit / mean) + (deviation * deviation) / 2) / deviation;
  return z > 6 ? 0 : upperTail(z);
}

/** Above `z` of the normal law (Abramowitz and Stegun 26.2.17, to seven digits). */
function upperTail(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const series =
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series;
  return z >= 0 ? tail : 1 - tail;
}
