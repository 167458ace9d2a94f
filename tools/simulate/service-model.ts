// What is simulated of a service: how long a request takes and where it waits.
import type { Shape } from './random';

/** How a task works on several requests at once. */
export type Discipline =
  /** All share the processor, as one Node process does. */
  | { kind: 'sharing' }
  /** In the order of arrival, `threads` at a time; a thread waits for the dependency too. */
  | { kind: 'fifo'; threads: number };

/** How the load balancer picks a task. */
export type Balancing = 'round-robin' | 'least-outstanding' | 'random';

/** A service and what is in front of it. */
export interface ServiceModel {
  /** CPU that a request takes on a task of this size, milliseconds. */
  serviceMs: number;
  /** What a request waits for a dependency: more tasks do not shorten it. Milliseconds. */
  dependencyMs: number;
  /** Law of the CPU time, of mean 1. */
  shape: Shape;
  discipline: Discipline;
  balancing: Balancing;
  /** Load-balancer nodes, each of which counts only its own outstanding requests. */
  balancerNodes: number;
  /** Requests in a task above which it refuses more. */
  queueLimit: number;
  /** After this long a request has failed, milliseconds. */
  timeoutMs: number;
}

/** One second of traffic. */
export interface LoadSecond {
  /** Requests in this second. */
  requests: number;
  /** Tasks that take requests. */
  tasks: number;
  /** What the CPU time is multiplied with (a slow release). */
  serviceFactor: number;
  /** What the dependency's time is multiplied with (an outage). */
  dependencyFactor: number;
}

/** What became of a second's requests. */
export interface ServedSecond {
  /** Requests that were answered, or that will be. */
  answered: number;
  /** Refused or timed out. */
  failed: number;
  /** Of the answered, those that took longer than the target. */
  over: number;
  /** Sum of the answered requests' time, milliseconds. */
  totalMs: number;
  /** Share of the tasks' CPU that was busy, 0 to 1. */
  busy: number;
}

/** Serves second after second. */
export interface Engine {
  serve(load: LoadSecond): ServedSecond;
  /** Response times of the last second as values and how many took that long. */
  spread(see: (ms: number, count: number) => void): void;
}
