// Deployments of ECS: a new revision comes up by the recorded strategy, judged by the recorded alarms.
import { setTimeout as sleep } from 'node:timers/promises';
import { all, one } from '../../../recorder/query';
import type { RecordedResource, Recording } from '../../../recorder/record';
import { MetricAlarm } from '../../cloudwatch/metric-alarm';
import type { Ground } from '../ground';
import type { LoadBalancer } from './balancer';
import type { TaskFleet } from './fleet';
import type { Command } from './launcher';
import type { Group } from './weights';

export interface DeploymentDescription {
  /** Share of the requests that the new revision gets, and for how long; none replaces task by task. */
  steps: readonly { percent: number; minutes: number }[];
  /** Alarms that ECS rolls a deployment back for. */
  alarms: readonly Pick<RecordedResource, 'name' | 'inputs'>[];
}

/** What a deployment changes and looks at. */
export interface DeploymentParts {
  fleet: Pick<TaskFleet, 'replaceAll' | 'startBeside' | 'swap' | 'endBeside' | 'otherGroup'>;
  balancer: Pick<LoadBalancer, 'shift' | 'requests'>;
}

type DeploymentGround = Pick<Ground, 'metrics' | 'timeScale' | 'say'> & {
  /** Resolves a (scaled) minute later; rejects when the platform ends. */
  minute: () => Promise<void>;
  /** The clock, epoch milliseconds. */
  now: () => number;
};

interface Recorded {
  strategy?: string;
  bakeTimeInMinutes?: string;
  canaryConfiguration?: { canaryPercent: number; canaryBakeTimeInMinutes: string };
}

/** @throws Error for a strategy that is not known here. */
export function read({ resources }: Recording): DeploymentDescription {
  const { inputs } = one(resources, 'aws:ecs/service:Service');
  const { alarmNames = [] } = (inputs.alarms ?? {}) as { alarmNames?: unknown[] };
  return {
    steps: stepsOf(inputs.deploymentConfiguration ?? {}),
    alarms: all(resources, 'aws:cloudwatch/metricAlarm:MetricAlarm').filter(({ outputs }) =>
      alarmNames.includes(outputs.name),
    ),
  };
}

function stepsOf(recorded: Recorded): DeploymentDescription['steps'] {
  const { strategy = 'ROLLING', bakeTimeInMinutes = '0', canaryConfiguration } = recorded;
  const everything = { percent: 100, minutes: Number(bakeTimeInMinutes) };
  switch (strategy) {
    case 'ROLLING':
      return [];
    case 'BLUE_GREEN':
      return [everything];
    case 'CANARY':
      return [
        {
          percent: canaryConfiguration?.canaryPercent ?? 5,
          minutes: Number(canaryConfiguration?.canaryBakeTimeInMinutes ?? 10),
        },
        everything,
      ];
    default:
      throw new Error(
        `The service deploys by ${strategy}; ROLLING, CANARY and BLUE_GREEN are known here.`,
      );
  }
}

/** Gives the fleet another revision. Rejects when it does not start, or was rolled back. */
export type Deploy = (command: Command) => Promise<void>;

/** @returns how to deploy, until the platform ends. */
export function start(
  description: DeploymentDescription,
  parts: DeploymentParts,
  { metrics, timeScale, say, onClose }: Pick<Ground, 'metrics' | 'timeScale' | 'say' | 'onClose'>,
): Deploy {
  const closing = new AbortController();
  onClose(() => closing.abort());
  const minute = () => sleep(60_000 / timeScale, undefined, { signal: closing.signal });
  const deployments = new Deployments(description, parts, {
    ...{ metrics, timeScale, say, minute, now: Date.now },
  });
  return (command) => deployments.deploy(command);
}

/** One deployment after the other. */
export class Deployments {
  constructor(
    private readonly description: DeploymentDescription,
    private readonly parts: DeploymentParts,
    private readonly ground: DeploymentGround,
  ) {}

  /**
   * Brings a revision up.
   * @throws Error that says why when it does not start, or was rolled back: the old one serves.
   */
  async deploy(command: Command): Promise<void> {
    const { fleet } = this.parts;
    if (this.description.steps.length === 0) return fleet.replaceAll(command);
    const alarms = this.heeded();
    await fleet.startBeside(command);
    const trial = new Trial(fleet.otherGroup, this.parts, this.ground, alarms);
    for (const { percent, minutes } of this.description.steps) await trial.step(percent, minutes);
    await fleet.endBeside();
  }

  /**
   * Those that do not ring already: ECS heeds no alarm that does when a deployment starts.
   * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html
   */
  private heeded(): MetricAlarm[] {
    const { metrics, timeScale, now, say } = this.ground;
    const alarms = this.description.alarms.map((alarm) => new MetricAlarm(alarm, timeScale));
    const source = metrics.source({ atMs: now(), timeScale });
    const ringing = alarms.filter((alarm) => alarm.evaluate(source, now()) === 'ALARM');
    if (ringing.length === 0) return alarms;
    say(
      `${ringing.map(({ alarm }) => alarm.name).join(', ')} rings before the deployment: ECS would ` +
        'heed no alarm during it, and neither is any heeded here.',
    );
    return [];
  }
}

/** A new revision that serves beside the old one. */
class Trial {
  private readonly before: readonly [number, number];
  private minutes = 0;
  private hasAll = false;

  constructor(
    /** Target group of the new revision. */
    private readonly group: Group,
    private readonly parts: DeploymentParts,
    private readonly ground: DeploymentGround,
    private readonly alarms: readonly MetricAlarm[],
  ) {
    this.before = parts.balancer.requests();
  }

  /** Gives it a share, and judges it each minute. @throws Error when it was rolled back. */
  async step(percent: number, minutes: number): Promise<void> {
    const { parts, ground } = this;
    parts.balancer.shift(this.group, percent);
    if (percent === 100) {
      parts.fleet.swap();
      this.hasAll = true;
    }
    ground.say(
      `The new revision gets ${percent} % of the requests for ${minutes} min` +
        (percent === 100 ? '; the old one is kept as long.' : ', judged against the old one.'),
    );
    for (let minute = 0; minute < minutes; minute += 1) {
      await ground.minute();
      this.minutes += 1;
      const ringing = this.ringing();
      if (ringing !== undefined) await this.rollBack(ringing);
    }
  }

  private ringing(): MetricAlarm | undefined {
    const { metrics, timeScale, now } = this.ground;
    const source = metrics.source({ atMs: now(), timeScale });
    return this.alarms.find((alarm) => alarm.evaluate(source, now()) === 'ALARM');
  }

  private async rollBack({ alarm }: MetricAlarm): Promise<never> {
    const { balancer, fleet } = this.parts;
    balancer.shift(this.group, 0);
    const touched = this.touched();
    if (this.hasAll) fleet.swap();
    await fleet.endBeside();
    throw new Error(
      `${alarm.name} rang ${this.minutes} min after the new revision got its first request, and it is ` +
        `rolled back; it was sent ${touched}.`,
    );
  }

  /** `20 of 410 requests (4.9 %)`, since it got the first one. */
  private touched(): string {
    const [first, second] = this.parts.balancer
      .requests()
      .map((count, group) => count - (this.before[group] ?? 0)) as [number, number];
    const own = this.group === 0 ? first : second;
    const whole = first + second;
    const percent = whole === 0 ? 0 : (100 * own) / whole;
    return `${own} of ${whole} requests (${percent.toFixed(1)} %)`;
  }
}
