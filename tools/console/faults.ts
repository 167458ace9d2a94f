// Faults that one may cause here to see what the platform does: each on until it is taken back.
import { AwsFault } from '../local/aws/faults';
import type { AwsEndpoint } from '../local/aws/endpoint';
import type { LoadBalancer } from '../local/fargate/balancer';
import type { TaskFleet } from '../local/fargate/fleet';
import type { CallKind, Calls } from './calls';
import type { FaultRow } from './view';

export interface FaultsOptions {
  aws: AwsEndpoint;
  fleet: Pick<TaskFleet, 'tasks'>;
  /** Physical name of the table of API keys. */
  keysTable: string;
  /** The edge function fails while true. */
  breakEdge: (broken: boolean) => void;
  balancer: Pick<LoadBalancer, 'failChecks'>;
  calls: Pick<Calls, 'run'>;
  /** Writes to the table of keys what is not there, and so changes nothing. */
  touchKeys: () => Promise<unknown>;
}

interface Fault {
  id: string;
  label: string;
  does: string;
  /** Alarms that it makes ring, by what their ids end in or are. */
  rings: RegExp;
  /** Calls that it makes, so that it shows without anybody else's. */
  calls?: readonly CallKind[];
  start?: () => void;
  stop?: () => void;
}

/** Added to each call to a slow dependency; several times the target. */
const DELAY_MS = 120;
const CRASH_INTERVAL_MS = 1_500;
const TOUCH_INTERVAL_MS = 500;
/** A part of the calls, so that some still pass and retries show. */
const THROTTLED_SHARE = 0.7;

/** What can't be made to ring on one machine, and why. */
const NOT_HERE: readonly [RegExp, string][] = [
  [/^keys-replication-/, 'Not here: one region, nothing is replicated.'],
  [/^memory$/, 'Not here: the memory of a process is not limited to that of a task.'],
  [/^function-/, 'Not here: tasks run, and no function.'],
  [
    /^key-/,
    'Not here: it looks at whole days. Issue a key with --expires 2d, and the edge dashboard shows it.',
  ],
];

/** The faults and their state. */
export class Faults {
  private readonly on = new Set<string>();
  /** Which turning on of a fault is the latest: calls of an earlier one end. */
  private readonly turns = new Map<string, number>();
  private turn = 0;
  private crashes: NodeJS.Timeout | undefined;
  private touches: NodeJS.Timeout | undefined;
  private readonly faults: readonly Fault[];

  constructor(private readonly options: FaultsOptions) {
    const { breakEdge, balancer, touchKeys } = options;
    this.faults = [
      {
        id: 'rush',
        label: 'Rush of callers',
        does: 'Forty addresses call as fast as they are answered: CPU and response time rise, and tasks are added.',
        rings: /^(cpu|slow-at-maximum|latency-(fast|slow))$/,
        calls: ['rush'],
      },
      {
        id: 'flood',
        label: 'Flood from one address',
        does: 'One address calls until the rate limit, lowered to 10 a second meanwhile, blocks it, and goes on.',
        rings: /^waf-blocking$/,
        calls: ['flood'],
      },
      {
        id: 'wrong-keys',
        label: 'Try wrong keys',
        does: 'Strangers call with keys that do not exist, sixty times a second.',
        rings: /^edge-keys-refused$/,
        calls: ['strangers'],
      },
      {
        id: 'crash-loop',
        label: 'Crash loop',
        does: 'Kills the newest task again and again; what it was answering is answered with 502.',
        rings: /^availability-(fast|slow)$/,
        calls: ['few'],
        start: () => {
          this.killNewest();
          this.crashes = setInterval(() => this.killNewest(), CRASH_INTERVAL_MS);
        },
        stop: () => clearInterval(this.crashes),
      },
      {
        id: 'fail-checks',
        label: 'Fail health checks',
        does: 'No task passes a health check: the load balancer sends requests to all of them, and each is replaced.',
        rings: /^(too-few-tasks|deploy-unhealthy)$/,
        calls: ['few'],
        start: () => balancer.failChecks(true),
        stop: () => balancer.failChecks(false),
      },
      {
        id: 'slow-dynamodb',
        label: 'Slow DynamoDB',
        does: `Adds ${DELAY_MS} ms to each call to the tables of the API.`,
        rings: /^(latency-(fast|slow)|slow-at-maximum)$/,
        calls: ['few'],
      },
      {
        id: 'slow-kms',
        label: 'Slow KMS',
        does: `Adds ${DELAY_MS} ms to each call to KMS.`,
        rings: /^kms-slow$/,
        calls: ['writes'],
      },
      {
        id: 'stop-keys',
        label: 'Stop the keys table',
        does: 'The edge cannot read keys any more; those it knows work until its grace ends.',
        rings: /^(edge-keys-unreachable|availability-(fast|slow))$/,
        calls: ['few', 'strangers'],
      },
      {
        id: 'stop-tables',
        label: 'Stop the tables',
        does: 'Each call to the tables of the API fails: the service answers 5xx.',
        rings: /^(availability-(fast|slow)|deploy-errors)$/,
        calls: ['few'],
      },
      {
        id: 'throttle',
        label: 'Throttle DynamoDB',
        does: 'Most calls to any table are throttled.',
        rings: /-(read|write)-throttled$/,
        calls: ['few', 'writes', 'strangers'],
        start: () => (this.touches = setInterval(() => void touchKeys(), TOUCH_INTERVAL_MS)),
        stop: () => clearInterval(this.touches),
      },
      {
        id: 'break-edge',
        label: 'Break the edge function',
        does: 'It throws at each request: CloudFront answers 502.',
        rings: /^(edge-failing|availability-(fast|slow))$/,
        calls: ['few'],
        start: () => breakEdge(true),
        stop: () => breakEdge(false),
      },
    ];
    options.aws.inject = (operation, input) => this.inject(operation, input);
  }

  rows(): FaultRow[] {
    return this.faults.map(({ id, label, does }) => ({ id, label, does, on: this.on.has(id) }));
  }

  /** What makes an alarm ring here, or why nothing can. */
  here(alarmId: string): string {
    const causes = this.faults.filter(({ rings }) => rings.test(alarmId));
    if (causes.length > 0) return causes.map(({ label }) => label).join(', ');
    return NOT_HERE.find(([pattern]) => pattern.test(alarmId))?.[1] ?? '';
  }

  /** @returns whether there is such a fault. */
  set(id: string, on: boolean): boolean {
    const fault = this.faults.find((candidate) => candidate.id === id);
    if (fault === undefined) return false;
    if (on === this.on.has(id)) return true;
    if (on) {
      this.on.add(id);
      fault.start?.();
      this.call(fault);
    } else {
      this.on.delete(id);
      fault.stop?.();
    }
    return true;
  }

  /** Takes every fault back. */
  close(): void {
    for (const { id } of this.faults) this.set(id, false);
    this.options.aws.inject = undefined;
  }

  /** Kills a task as the kernel would. @returns whether there is such a task. */
  kill(taskId: string): boolean {
    const task = this.options.fleet.tasks().find(({ id }) => id === taskId);
    if (task === undefined || task.hasExited()) return false;
    process.kill(task.pid, 'SIGKILL');
    return true;
  }

  /** Calls until the fault is taken back; what ends by itself takes it back. */
  private call({ id, calls = [] }: Fault): void {
    this.turn += 1;
    const { turn } = this;
    this.turns.set(id, turn);
    const isOn = () => this.on.has(id) && this.turns.get(id) === turn;
    for (const kind of calls) {
      void this.options.calls.run(kind, isOn).finally(() => {
        if (isOn()) this.set(id, false);
      });
    }
  }

  private killNewest(): void {
    const newest = this.options.fleet.tasks().at(-1);
    if (newest !== undefined) this.kill(newest.id);
  }

  private async inject(
    operation: string,
    input: Record<string, unknown>,
  ): Promise<AwsFault | undefined> {
    if (this.on.size === 0) return undefined;
    const isKms = operation.startsWith('KMS.');
    const isKeys = JSON.stringify(input).includes(`"${this.options.keysTable}"`);
    // The console's own look at the keys goes on: it scans.
    const isScan = isKeys && operation === 'DynamoDB.Scan';
    const isEdge = isKeys && operation === 'DynamoDB.GetItem';
    if (this.on.has(isKms ? 'slow-kms' : 'slow-dynamodb') && !isKeys) {
      await new Promise((resolve) => setTimeout(resolve, DELAY_MS));
    }
    if (isEdge && this.on.has('stop-keys')) return unavailable();
    if (!isKms && !isKeys && this.on.has('stop-tables')) return unavailable();
    if (!isKms && !isScan && this.on.has('throttle') && Math.random() < THROTTLED_SHARE) {
      return new AwsFault('ProvisionedThroughputExceededException', 'Throttled by the console.');
    }
    return undefined;
  }
}

function unavailable(): AwsFault {
  return new AwsFault('InternalServerError', 'Stopped by the console.', 500);
}
