// Looks at the platform once a second: which condition holds since when, and which alarms ring.
import type { TaskFleet } from '../local/fargate/fleet';
import type { LoadBalancer } from '../local/fargate/balancer';
import type { MetricStore } from '../cloudwatch/metric-store';
import type { Alarms } from './alarms';
import { conditionOf } from './condition';
import type { Condition, Facts, State } from './condition';
import { factsOf } from './facts';
import type { Measured } from './facts';

export interface WatchOptions {
  metrics: MetricStore;
  measured: Measured;
  fleet: Pick<TaskFleet, 'counts' | 'deployment'> & { onLost?: TaskFleet['onLost'] };
  balancer: Pick<LoadBalancer, 'status'>;
  alarms: Alarms;
  objectives: Facts['objectives'];
  maximum: number;
  timeScale: number;
  say: (message: string) => void;
}

const TICK_MS = 1000;
/** A task that was lost is news for so long. */
const NEWS_MS = 12_000;
/** A condition that comes and goes is told once in this time. */
const TOLD_AGAIN_MS = 60_000;
/** Looks at the alarms a minute: each minute's points once they are there. */
const ALARM_LOOKS_A_MINUTE = 6;
/** Three one-minute points (target tracking's alarm) that the load balancer publishes 90 s late. */
const SCALES_IN_MINUTES = 4.5;

/** Keeps the state of the platform until it is closed. */
export class Watch {
  condition: State & { sinceMs: number };
  facts: Facts;
  private readonly timer: NodeJS.Timeout;
  private readonly toldMs = new Map<string, number>();
  private lost: { task: string; how: string; atMs: number } | undefined;
  private alarmsAtMs = 0;

  constructor(private readonly options: WatchOptions) {
    options.fleet.onLost = (task) => {
      this.lost = { task: task.id, how: task.howEnded(), atMs: Date.now() };
    };
    this.facts = this.look(Date.now());
    this.condition = { ...conditionOf(this.facts), sinceMs: Date.now() };
    this.timer = setInterval(() => this.tick(Date.now()), TICK_MS);
    this.timer.unref();
  }

  close(): void {
    clearInterval(this.timer);
  }

  private tick(nowMs: number): void {
    this.facts = this.look(nowMs);
    const condition = conditionOf(this.facts);
    const sinceMs = condition.cause === this.condition.cause ? this.condition.sinceMs : nowMs;
    this.condition = { ...condition, sinceMs };
    const { alarms, timeScale, say } = this.options;
    if (condition.level === 'bad' && sinceMs === nowMs) this.tell(condition, nowMs);
    if (nowMs - this.alarmsAtMs < 60_000 / timeScale / ALARM_LOOKS_A_MINUTE) return;
    this.alarmsAtMs = nowMs;
    for (const { state, title } of alarms.evaluate(nowMs)) {
      say(state === 'ALARM' ? `Alarm: ${title}` : `Alarm over: ${title}`);
    }
  }

  private tell({ cause, word, sentence, remedy }: Condition, nowMs: number): void {
    if (nowMs - (this.toldMs.get(cause) ?? 0) < TOLD_AGAIN_MS) return;
    this.toldMs.set(cause, nowMs);
    this.options.say(`${word}: ${sentence}${remedy === undefined ? '' : ` ${remedy}`}`);
  }

  private look(nowMs: number): Facts {
    const { metrics, measured, fleet, balancer, objectives, maximum, timeScale } = this.options;
    const isNews = this.lost !== undefined && nowMs - this.lost.atMs < NEWS_MS;
    const deployment = fleet.deployment();
    const targets = balancer.status().filter((target) => !target.draining);
    const healthy = targets.filter((target) => target.healthy);
    return factsOf(
      metrics,
      measured,
      {
        tasks: {
          ...{ ...fleet.counts(), healthy: healthy.length, targets: targets.length, maximum },
          ...(deployment === undefined ? {} : { deployment }),
        },
        ...(isNews && this.lost !== undefined ? { lost: this.lost } : {}),
        objectives,
        scalesInMinutes: SCALES_IN_MINUTES / timeScale,
      },
      nowMs,
    );
  }
}
