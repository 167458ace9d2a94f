// The service level objectives, declared once: widgets, burn-rate alarms and deployment alarms come of them.
import { GLOBAL_REGION } from '../contracts/aws-limits';
import type { Line } from './metric';
import type { Objectives, StackReferences } from './references';
import { answered, api, cloudFront } from './sources';

/** An objective, and how its failures are measured. */
export interface Slo<T = string> {
  readonly id: 'availability' | 'latency';
  readonly title: string;
  /** What is good, without the objective: `Within 20 ms`. */
  readonly measured: string;
  /** Percentage of requests that must be good. */
  readonly objectivePercent: number;
  /** Region of the metrics. */
  readonly region: string;
  /**
   * Hidden lines that end in `<id>_bad`, the percentage of bad requests, and `<id>_requests`.
   */
  readonly lines: readonly Line<T | string>[];
}

/** Percentage of requests that may be bad. */
export function errorBudgetPercent(slo: Pick<Slo<unknown>, 'objectivePercent'>): number {
  // Rounded, because 100 - 99.9 is 0.09999999999999432 in floating point.
  return Number((100 - slo.objectivePercent).toFixed(6));
}

/** The objectives of a stack. */
export function slos<T>(refs: StackReferences<T>, objectives: Objectives): Slo<T>[] {
  return [availability(refs, objectives), latency(refs, objectives)];
}

/** Measured at CloudFront, where clients are: a failing edge function counts, too. */
function availability<T>(refs: StackReferences<T>, objectives: Objectives): Slo<T> {
  return {
    id: 'availability',
    title: `Availability: ${objectives.availabilityPercent} % without 5xx`,
    measured: 'Availability',
    objectivePercent: objectives.availabilityPercent,
    region: GLOBAL_REGION,
    lines: [
      {
        id: 'availability_bad',
        metric: cloudFront(refs, '5xxErrorRate', 'Average'),
        label: 'failed %',
        hidden: true,
      },
      {
        id: 'availability_requests',
        metric: cloudFront(refs, 'Requests', 'Sum'),
        label: 'requests',
        hidden: true,
      },
    ],
  };
}

/** Measured where the service answers: the way to the client is not the service's to shorten. */
function latency<T>(refs: StackReferences<T>, objectives: Objectives): Slo<T> {
  const { within, requests } =
    refs.compute.kind === 'fargate'
      ? {
          // The load balancer measures in seconds.
          within: answered(
            refs.region,
            refs.compute,
            'TargetResponseTime',
            `PR(:${objectives.latencyMs / 1000})`,
          ),
          requests: answered(refs.region, refs.compute, 'RequestCount', 'Sum'),
        }
      : {
          within: api(refs.region, refs.compute, 'Latency', `PR(:${objectives.latencyMs})`),
          requests: api(refs.region, refs.compute, 'Count', 'Sum'),
        };
  return {
    id: 'latency',
    title: `Latency: ${objectives.latencyPercent} % within ${objectives.latencyMs} ms`,
    measured: `Within ${objectives.latencyMs} ms`,
    objectivePercent: objectives.latencyPercent,
    region: refs.region,
    lines: [
      { id: 'latency_within', metric: within, label: 'in time %', hidden: true },
      { id: 'latency_bad', expression: '100 - latency_within', label: 'late %', hidden: true },
      { id: 'latency_requests', metric: requests, label: 'requests', hidden: true },
    ],
  };
}

/** How fast the error budget burns before somebody is told. */
export interface BurnRate {
  readonly id: 'fast' | 'slow';
  /** Times the rate at which the budget would last exactly its 30 days. */
  readonly rate: number;
  /** Window that proves that it matters. */
  readonly longSeconds: number;
  /** Window that proves that it still goes on. */
  readonly shortSeconds: number;
}

/**
 * Two of the pairs of the Site Reliability Workbook, chapter 5: 2 % of a month's budget in an hour,
 * 5 % in six hours. https://sre.google/workbook/alerting-on-slos/
 */
export const BURN_RATES: readonly BurnRate[] = [
  { id: 'fast', rate: 14.4, longSeconds: 3600, shortSeconds: 300 },
  { id: 'slow', rate: 6, longSeconds: 21_600, shortSeconds: 1800 },
];

/**
 * Requests a window needs before its percentage means anything: of fewer, one or two failures would
 * wake somebody up.
 */
export const MINIMUM_REQUESTS = 20;

/**
 * Percentage of bad requests above which a burn rate is exceeded. A generous budget times 14.4 is
 * more than all requests and would never be reached: nine tenths of all requests is the cap.
 */
export function burnThresholdPercent(
  slo: Pick<Slo<unknown>, 'objectivePercent'>,
  rate: number,
): number {
  return Number(Math.min(errorBudgetPercent(slo) * rate, 90).toFixed(6));
}

/** The lines of a burn-rate alarm; the last one is what the threshold is held against. */
export function burnLines<T>(slo: Slo<T>): Line<T | string>[] {
  return [
    ...slo.lines,
    {
      id: `${slo.id}_burn`,
      expression: `IF(${slo.id}_requests >= ${MINIMUM_REQUESTS}, ${slo.id}_bad, 0)`,
      label: `bad % of ${MINIMUM_REQUESTS} requests or more`,
    },
  ];
}
