// One policy on one trace: traffic, tasks, metrics and decisions, second by second.
import { MetricStore } from '../cloudwatch/metric-store';
import type { ScalingPolicy } from '../cloudwatch/scaling-policy';
import type { MetricReference } from '../cloudwatch/series';
import { TargetTracking } from '../cloudwatch/target-tracking';
import { EventEngine } from './event-engine';
import { Fleet } from './fleet';
import { FlowEngine } from './flow-engine';
import { Oracle } from './oracle';
import type { Setting } from './setting';
import { metricsOf } from './policies';
import type { Contender } from './policies';
import { lognormal } from './random';
import { Tally } from './tally';
import type { Result } from './tally';
import type { Engine, LoadSecond } from './service-model';
import type { Trace } from './traces';

const MINUTE = 60;
/** Alarms are looked at once a minute; AWS does not say when. */
const LOOK_AT_SECOND = 30;
/** Minutes that a store must keep for the longest alarm with its delay. */
const MINUTES_KEPT = 60;

/** Runs a policy on a trace; `drawn` is the traffic that every policy meets. */
export function simulate(
  contender: Contender,
  trace: Trace,
  drawn: Float64Array,
  setting: Setting,
): Result {
  const oracle = new Oracle(trace, setting);
  const fleet = new Fleet(setting.fleet, startOf(contender, oracle), setting.seed);
  const engine = engineOf(setting);
  const platform = new Platform(contender, setting);
  const tally = new Tally(setting);
  const load: LoadSecond = { requests: 0, tasks: 0, serviceFactor: 1, dependencyFactor: 1 };
  for (let second = 0; second < trace.seconds; second += 1) {
    const minute = Math.floor(second / MINUTE);
    if (second % MINUTE === LOOK_AT_SECOND) {
      const desired = decide(contender, platform, oracle, fleet, second);
      if (desired !== fleet.desired) {
        tally.scaled(fleet.desired, desired);
        fleet.setDesired(desired, second);
      }
    }
    fleet.tick(second);
    const requests = trace.rate(second) * (drawn[minute] ?? 0);
    // One object for all seconds: a week has 600,000, and what each leaves must be collected.
    load.requests = requests;
    load.tasks = fleet.healthyCount;
    load.serviceFactor = trace.serviceFactor(second);
    load.dependencyFactor = trace.dependencyFactor(second);
    const served = engine.serve(load);
    tally.add(requests, served, fleet, engine);
    platform.add(minute * MINUTE * 1000, requests, served, fleet, engine);
    if (second % MINUTE === MINUTE - 1) {
      tally.endMinute(fleet);
      platform.endMinute(fleet);
    }
  }
  return tally.result(contender.name, fleet);
}

function startOf(contender: Contender, oracle: Oracle): number {
  return contender.kind === 'fixed' ? oracle.peak() : oracle.needed(0);
}

function decide(
  contender: Contender,
  platform: Platform,
  oracle: Oracle,
  fleet: Fleet,
  second: number,
): number {
  switch (contender.kind) {
    case 'fixed':
      return fleet.desired;
    case 'clairvoyant':
      return oracle.ahead(second);
    case 'reactive':
      return platform.decide(second * 1000, fleet.desired);
  }
}

function engineOf(setting: Setting): Engine {
  const { discipline, balancing, serviceCv, targetMs, seed } = setting;
  if (setting.engine === 'flow') return new FlowEngine(setting, serviceCv, targetMs, seed);
  const model = {
    ...setting,
    shape: lognormal(serviceCv),
    discipline,
    balancing,
    balancerNodes: 3,
  };
  return new EventEngine(model, targetMs, seed);
}

/** What AWS sees of the service, and what its scaling makes of it. */
class Platform {
  private readonly store = new MetricStore({
    ...{ now: () => 0, secondsKept: 0, minutesKept: MINUTES_KEPT },
  });
  private readonly tracking: TargetTracking | undefined;
  private readonly metrics: ReturnType<typeof metricsOf>;
  private readonly wantsSpread: boolean;
  private minuteMs = 0;
  private minute = { requests: 0, answered: 0, totalMs: 0, busy: 0, healthy: 0, perTarget: 0 };

  constructor(
    contender: Contender,
    private readonly setting: Setting,
  ) {
    this.metrics = metricsOf(setting.names);
    const policies = contender.kind === 'reactive' ? contender.policies : [];
    this.wantsSpread = policies.some(takesPercentiles);
    if (policies.length > 0) {
      const { minimum, maximum } = setting;
      this.tracking = new TargetTracking({ policies, minimum, maximum });
    }
  }

  decide(nowMs: number, desired: number): number {
    const { delaySeconds } = this.setting;
    const source = this.store.source({
      atMs: nowMs,
      ...(delaySeconds === undefined ? {} : { delaySeconds }),
    });
    return this.tracking?.decide(source, nowMs, desired)?.to ?? desired;
  }

  add(
    minuteMs: number,
    requests: number,
    served: { answered: number; totalMs: number; busy: number },
    fleet: Fleet,
    engine: Engine,
  ): void {
    if (this.tracking === undefined) return;
    const { minute } = this;
    this.minuteMs = minuteMs;
    minute.requests += requests;
    minute.answered += served.answered;
    minute.totalMs += served.totalMs;
    minute.busy += served.busy;
    minute.healthy += fleet.healthyCount;
    if (fleet.healthyCount > 0) minute.perTarget += requests / fleet.healthyCount;
    if (this.wantsSpread) {
      engine.spread((ms, count) => this.put(this.metrics.latency, ms / 1000, count));
    }
  }

  endMinute(fleet: Fleet): void {
    if (this.tracking === undefined) return;
    const { requests, answered, totalMs, busy, healthy, perTarget } = this.minute;
    this.minute = { requests: 0, answered: 0, totalMs: 0, busy: 0, healthy: 0, perTarget: 0 };
    const { metrics } = this;
    // Both are reported, as zeros too, while targets are registered.
    this.put(metrics.requests, requests, 1);
    this.put(metrics.requestsPerTarget, perTarget, 1);
    this.put(metrics.healthy, healthy / MINUTE, 1);
    this.put(metrics.desired, fleet.desired, 1);
    const ceiling = Math.min(1, 1 / this.setting.vcpus);
    this.put(metrics.cpu, (100 * ceiling * busy) / MINUTE, 1);
    if (answered > 0 && !this.wantsSpread) {
      this.put(metrics.latency, totalMs / answered / 1000, answered);
    }
  }

  private put(
    { namespace, name, dimensions }: MetricReference,
    value: number,
    count: number,
  ): void {
    const set = { sum: value * count, count, min: value, max: value };
    this.store.merge(namespace, name, dimensions, set, this.minuteMs);
  }
}

function takesPercentiles({ queries }: ScalingPolicy): boolean {
  return queries.some(
    ({ metric }) => metric?.name === 'TargetResponseTime' && metric.stat !== 'Average',
  );
}
