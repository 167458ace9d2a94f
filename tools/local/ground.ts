// What every station of the local platform stands on: metrics, logs, a voice, and the way to undo.
import type { MetricStore } from '../cloudwatch/metric-store';

/** Properties of a recorded resource. */
export type Values = Record<string, unknown>;

/** What is undone when the platform ends or its start fails. */
export type Undo = () => Promise<void> | void;

/** Shared by all stations of one platform. */
export interface Ground {
  readonly metrics: MetricStore;
  /** Folder for logs; it exists. */
  readonly logFolder: string;
  /** How many times faster than real time minutes pass. */
  readonly timeScale: number;
  /** Tells the person who waits what happened. */
  readonly say: (message: string) => void;
  /** Told of each child, which must not outlive the platform. */
  readonly onProcess: (pid: number, event: 'started' | 'ended') => void;
  /** Told of each file or folder that is to be gone with the platform. */
  readonly onFile: (path: string) => void;
  /** Undoes a part of the platform: last first, each once. */
  readonly onClose: (undo: Undo) => void;
}

/** Points a minute: enough that the minute which is evaluated always has one. */
const POINTS_A_MINUTE = 4;
/** Longest time between two looks: somebody watches the console. */
const LONGEST_INTERVAL_MS = 1000;

/** How often gauges are read; AWS has a point a minute, and a minute may be shortened here. */
export function gaugeIntervalMs(timeScale: number): number {
  return Math.min(LONGEST_INTERVAL_MS, 60_000 / timeScale / POINTS_A_MINUTE);
}

/** Undoes everything, last first, whatever fails on the way. */
export async function undoAll(steps: Undo[]): Promise<void> {
  const failures: unknown[] = [];
  for (const step of steps.reverse()) {
    try {
      await step();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, 'The platform did not end cleanly.');
}
