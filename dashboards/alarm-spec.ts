// What an alarm is, before it is a resource: lines, threshold, the reason for both, and a way out.
import type { Line } from './metric';

/** Areas that a platform is watched in. */
export type Area =
  'errors' | 'latency' | 'saturation' | 'edge' | 'waf' | 'dynamodb' | 'kms' | 'keys' | 'scaling';

/** What somebody who is called at night does; each a sentence or two. */
export interface RunbookEntry {
  /** What it means for those who call the API. */
  readonly means: string;
  /** Where to look first, in order. */
  readonly look: readonly string[];
  /** What ends it, the likeliest first. */
  readonly remedy: readonly string[];
}

/** One alarm on metrics. */
export interface AlarmSpec<T = string> {
  /** Kebab-case, unique in the stack; the name ends in it. */
  readonly id: string;
  readonly area: Area;
  /** What it says when it rings. */
  readonly title: string;
  /** Why this metric and this threshold. */
  readonly reason: string;
  /** What to do; a window of a burn-rate pair has the pair's. */
  readonly runbook: RunbookEntry;
  /** Region of the metrics, and so of the alarm. */
  readonly region: string;
  /** Metrics and expressions; exactly one is not hidden, and the threshold is held against it. */
  readonly lines: readonly Line<T>[];
  readonly comparison: 'above' | 'below';
  readonly threshold: number;
  readonly periodSeconds: number;
  /** Data points that are looked at, and how many of them must breach. */
  readonly dataPoints: { readonly breaching: number; readonly of: number };
  /** Whether it calls by itself; a window of a burn-rate pair calls through the pair. @default true */
  readonly calls?: boolean;
}

/** An alarm that rings when two others do. */
export interface PairSpec {
  readonly id: string;
  readonly area: Area;
  readonly title: string;
  readonly reason: string;
  readonly runbook: RunbookEntry;
  readonly region: string;
  /** Ids of the two alarms. */
  readonly both: readonly [string, string];
}
