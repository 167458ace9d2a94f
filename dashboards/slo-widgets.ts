// What an objective shows: its value, what is left of its budget, and how fast that is spent.
import { BURN_RATES, burnLines, burnThresholdPercent, errorBudgetPercent, type Slo } from './slo';
import { graph, type Widget } from './widgets';

/** The good part of the requests, as one number. */
export function sloValue(slo: Slo): Widget {
  return graph({
    title: `${slo.measured}, %`,
    region: slo.region,
    view: 'singleValue',
    periodSeconds: 300,
    lines: [
      ...slo.lines,
      { id: `${slo.id}_good`, expression: `100 - ${slo.id}_bad`, label: slo.id },
    ],
  });
}

/**
 * What is left of the budgets of 30 days, in percent; below zero the objective is missed. Each day
 * counts by its requests.
 */
export function budgetLeft(all: readonly Slo[], region: string): Widget {
  return graph({
    title: 'Error budget left, 30 days, %',
    region,
    view: 'singleValue',
    periodSeconds: DAY_SECONDS,
    start: '-P30D',
    lines: all.flatMap((slo) => [
      ...slo.lines,
      {
        id: `${slo.id}_left`,
        expression: `100 * (1 - RUNNING_SUM(${slo.id}_bad * ${slo.id}_requests) / RUNNING_SUM(${slo.id}_requests) / ${errorBudgetPercent(slo)})`,
        label: slo.id,
      },
    ]),
  });
}

const DAY_SECONDS = 86_400;

/** Bad requests against the percentages at which the budget of an objective burns too fast. */
export function burnGraph(slo: Slo): Widget {
  return graph({
    title: `${slo.title}: bad requests in 5 minutes, %`,
    region: slo.region,
    periodSeconds: 300,
    unit: '%',
    lines: burnLines(slo),
    thresholds: BURN_RATES.map((burn) => ({
      label: `${slo.id}-${burn.id}`,
      value: burnThresholdPercent(slo, burn.rate),
    })),
  });
}
