// Faults that one may cause here to see what the platform does: each on until it is taken back.
import { AwsFault } from '../local/aws/faults';
import type { AwsEndpoint } from '../local/aws/endpoint';
import type { TaskFleet } from '../local/fargate/fleet';
import type { FaultRow } from './view';

export interface FaultsOptions {
  aws: AwsEndpoint;
  fleet: Pick<TaskFleet, 'tasks'>;
  /** Physical name of the table of API keys. */
  keysTable: string;
  /** The edge function fails while true. */
  breakEdge: (broken: boolean) => void;
  /** Calls the API many times at once from one address, until that is blocked or `isOn` says no. */
  flood: (isOn: () => boolean) => Promise<unknown>;
  /** Calls the API with keys that do not exist, until `isOn` says no. */
  guess: (isOn: () => boolean) => Promise<unknown>;
}

interface Fault {
  id: string;
  label: string;
  does: string;
  /** Alarms that it makes ring, by what their ids end in or are. */
  rings: RegExp;
  start?: () => void;
  stop?: () => void;
}

/** Added to each call to a slow dependency; several times the target. */
const DELAY_MS = 120;
const CRASH_INTERVAL_MS = 1_500;
/** A part of the calls, so that some still pass and retries show. */
const THROTTLED_SHARE = 0.7;

/** What can't be made to ring on one machine, and why. */
const NOT_HERE: readonly [RegExp, string][] = [
  [/^keys-replication-/, 'Not here: one region, nothing is replicated.'],
  [/^memory$/, 'Not here: the memory of a process is not limited to that of a task.'],
  [/^function-/, 'Not here: tasks run, and no function.'],
];

/** The faults and their state. */
export class Faults {
  private readonly on = new Set<string>();
  private crashes: NodeJS.Timeout | undefined;
  private readonly faults: readonly Fault[];

  constructor(private readonly options: FaultsOptions) {
    const { breakEdge, flood, guess } = options;
    this.faults = [
      {
        id: 'crash-loop',
        label: 'Crash loop',
        does: 'Kills the newest task again and again.',
        rings: /^(too-few-tasks|deploy-unhealthy)$/,
        start: () => (this.crashes = setInterval(() => this.killNewest(), CRASH_INTERVAL_MS)),
        stop: () => clearInterval(this.crashes),
      },
      {
        id: 'slow-dynamodb',
        label: 'Slow DynamoDB',
        does: `Adds ${DELAY_MS} ms to each call to the tables of the API.`,
        rings: /^(latency-(fast|slow)|slow-at-maximum)$/,
      },
      {
        id: 'slow-kms',
        label: 'Slow KMS',
        does: `Adds ${DELAY_MS} ms to each call to KMS.`,
        rings: /^kms-slow$/,
      },
      {
        id: 'stop-keys',
        label: 'Stop the keys table',
        does: 'The edge cannot read keys any more; those it knows work until its grace ends.',
        rings: /^(edge-keys-unreachable|availability-(fast|slow))$/,
      },
      {
        id: 'wrong-keys',
        label: 'Try wrong keys',
        does: 'Somebody calls with keys that do not exist, many times.',
        rings: /^edge-keys-refused$/,
        start: () => this.call('wrong-keys', guess),
      },
      {
        id: 'stop-tables',
        label: 'Stop the tables',
        does: 'Each call to the tables of the API fails: the service answers 5xx.',
        rings: /^(availability-(fast|slow)|deploy-errors)$/,
      },
      {
        id: 'throttle',
        label: 'Throttle DynamoDB',
        does: 'Most calls to any table are throttled.',
        rings: /-(read|write)-throttled$/,
      },
      {
        id: 'break-edge',
        label: 'Break the edge function',
        does: 'It throws at each request: CloudFront answers 502.',
        rings: /^edge-failing$/,
        start: () => breakEdge(true),
        stop: () => breakEdge(false),
      },
      {
        id: 'flood',
        label: 'Flood from one address',
        does: 'Calls the API until the rate limit, lowered to 10 a second meanwhile, blocks the address for a while.',
        rings: /^(waf-blocking|cpu)$/,
        start: () => this.call('flood', flood),
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

  /** On until it ends by itself. */
  private call(id: string, run: (isOn: () => boolean) => Promise<unknown>): void {
    void run(() => this.on.has(id)).finally(() => this.set(id, false));
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
    // The console's own look at the keys goes on: it scans, and writes in transactions.
    const isEdge = isKeys && operation === 'DynamoDB.GetItem';
    if (this.on.has(isKms ? 'slow-kms' : 'slow-dynamodb') && !isKeys) {
      await new Promise((resolve) => setTimeout(resolve, DELAY_MS));
    }
    if (isEdge && this.on.has('stop-keys')) return unavailable();
    if (!isKms && !isKeys && this.on.has('stop-tables')) return unavailable();
    if (
      !isKms &&
      (isEdge || !isKeys) &&
      this.on.has('throttle') &&
      Math.random() < THROTTLED_SHARE
    ) {
      return new AwsFault('ProvisionedThroughputExceededException', 'Throttled by the console.');
    }
    return undefined;
  }
}

function unavailable(): AwsFault {
  return new AwsFault('InternalServerError', 'Stopped by the console.', 500);
}
