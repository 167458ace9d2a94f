// Alarms on the error budgets: two windows of two burn rates for each objective.
import type { AlarmSpec, PairSpec, RunbookEntry } from './alarm-spec';
import type { Objectives, StackReferences } from './references';
import {
  BURN_RATES,
  burnLines,
  burnThresholdPercent,
  errorBudgetPercent,
  slos,
  type Slo,
} from './slo';

const AREAS = { availability: 'errors', latency: 'latency' } as const;

const RUNBOOKS: Record<Slo['id'], RunbookEntry> = {
  availability: {
    means: 'Callers get 5xx: more of them, for longer, than the objective allows.',
    look: [
      'Overview, "5xx by who answered": edge, CloudFront, load balancer or task.',
      'A deployment within the last hour (the marker in the graphs, `npm run status`)?',
      'Service, "Errors of the service": code, route and AWS status of the failing calls.',
    ],
    remedy: [
      'After a deployment: `npm run rollback -- STACK`.',
      'Tasks answer: the dependency that the log line names; throttling has an alarm of its own.',
      'The load balancer answers: tasks die or are too few; see too-few-tasks.',
      'The edge answers 503: see edge-keys-unreachable.',
    ],
  },
  latency: {
    means: 'More requests than allowed take longer than the target.',
    look: [
      'Overview, "Latency budget": which part of a request grew.',
      'Scaling: tasks against their maximum, CPU, requests a task against capacity.',
      'Service, "p99 by route": one route or all of them.',
    ],
    remedy: [
      'At maxTasks with CPU above 70 %: raise `gatehouse:maxTasks`.',
      'A slow dependency: more tasks do not help; find it by the budget and in its own graphs.',
      'One route after a release: `npm run rollback -- STACK`, then measure with `npm run load`.',
      'A crowd within minutes: scaling needs 4 to 6 minutes; raise `gatehouse:minTasks` before the next.',
    ],
  },
};

/** The windows; they call through their pair. */
export function burnAlarms<T>(
  refs: StackReferences<T>,
  objectives: Objectives,
): AlarmSpec<T | string>[] {
  return slos(refs, objectives).flatMap((slo) =>
    BURN_RATES.flatMap((burn) =>
      (['long', 'short'] as const).map((window) => ({
        id: `${slo.id}-${burn.id}-${window}`,
        area: AREAS[slo.id],
        title: `${slo.title}: ${window} window of the ${burn.id} burn rate.`,
        reason: `${burn.rate} times the budget of ${errorBudgetPercent(slo)} %, at most nine tenths of all requests.`,
        runbook: RUNBOOKS[slo.id],
        region: slo.region,
        lines: burnLines(slo),
        comparison: 'above' as const,
        threshold: burnThresholdPercent(slo, burn.rate),
        periodSeconds: window === 'long' ? burn.longSeconds : burn.shortSeconds,
        dataPoints: { breaching: 1, of: 1 },
        calls: false,
      })),
    ),
  );
}

/** Both windows of a burn rate at once: it matters, and it still goes on. */
export function burnPairs(refs: StackReferences<unknown>, objectives: Objectives): PairSpec[] {
  return slos(refs, objectives).flatMap((slo) =>
    BURN_RATES.map((burn) => ({
      id: `${slo.id}-${burn.id}`,
      area: AREAS[slo.id],
      title: `${slo.title}: the error budget burns ${burn.rate} times too fast.`,
      reason:
        `The budget of ${errorBudgetPercent(slo)} % would be gone in ${Math.round((30 * 24) / burn.rate)} hours. ` +
        'The long window says that it matters, the short one that it still goes on.',
      runbook: RUNBOOKS[slo.id],
      region: slo.region,
      both: [`${slo.id}-${burn.id}-long`, `${slo.id}-${burn.id}-short`] as const,
    })),
  );
}
