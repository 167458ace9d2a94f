// What is simulated: the service, its tasks and the target.
import type { FleetOptions } from './fleet';
import type { MetricNames } from './policies';
import type { Balancing, Discipline } from './service-model';

/** What is simulated, whatever the policy. */
export interface Setting {
  targetMs: number;
  serviceMs: number;
  dependencyMs: number;
  /** Standard deviation over mean of a request's CPU time. @default 1 */
  serviceCv: number;
  minimum: number;
  maximum: number;
  /** vCPUs of a task; the service is one thread and uses one of them at most. */
  vcpus: number;
  /** Dollars of a task for an hour. */
  taskHourDollars: number;
  fleet: FleetOptions;
  names: MetricNames;
  seed: number;
  /** `flow` is fast; `events` follows every request. */
  engine: 'flow' | 'events';
  discipline: Discipline;
  balancing: Balancing;
  queueLimit: number;
  timeoutMs: number;
  /** Publication delay, seconds; for trying what it does. @default AWS's by namespace */
  delaySeconds?: (namespace: string) => number;
}
