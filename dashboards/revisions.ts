// What a deployment is judged by: the answers of the new revision, and of the old one where both serve.
import { hidden, type Line } from './metric';
import type { Balanced } from './references';
import { MINIMUM_REQUESTS } from './slo';
import * as source from './sources';
import { graph, type Widget } from './widgets';

/** 5xx that the load balancer answered for tasks that died or closed the connection. */
function balancerErrors<T>(region: string, target: Balanced<T>): Line<T> {
  return hidden(
    'balancer_errors',
    source.loadBalancer(region, target, 'HTTPCode_ELB_5XX_Count', 'Sum'),
    '5xx of the load balancer',
  );
}

/**
 * Percentage of requests that end in 5xx, which a deployment in progress is judged by: those of the
 * tasks, and those that the load balancer answers in their place. Of two revisions that serve side
 * by side it is the percentage of the new one beyond that of the old.
 */
export function errorLines<T>(region: string, target: Balanced<T>): Line<T>[] {
  if (target.alternateTargetGroup !== undefined) return errorsBeyondOld(region, target);
  return [
    hidden(
      'task_errors',
      source.answered(region, target, 'HTTPCode_Target_5XX_Count', 'Sum'),
      '5xx of the tasks',
    ),
    balancerErrors(region, target),
    hidden('requests', source.answered(region, target, 'RequestCount', 'Sum'), 'requests'),
    {
      id: 'error_percent',
      // A count of errors has no data point where there were none.
      expression: `IF(requests >= ${MINIMUM_REQUESTS}, 100 * (FILL(task_errors, 0) + FILL(balancer_errors, 0)) / requests, 0)`,
      label: '5xx %',
    },
  ];
}

/** A line of each of the two target groups, which take turns: `<id>_a` and `<id>_b`. */
function both<T>(
  region: string,
  target: Balanced<T>,
  id: string,
  name: string,
  stat: string,
): Line<T>[] {
  return source
    .eachGroup(region, target, name, stat)
    .map((metric, index) =>
      hidden(`${id}_${'ab'[index] ?? ''}`, metric, `${name}, group ${index + 1}`),
    );
}

/**
 * The revisions take turns in the groups, so nothing but the weights says which is which: while a
 * canary runs, the new one is in the group with fewer requests. A group that gets none has no data
 * at all, so requests are filled; the count of the load balancer, which is as late, drops the
 * minutes that are not published yet, and which would count as empty.
 */
function requestsOfBoth<T>(region: string, target: Balanced<T>): Line<T>[] {
  return [
    ...both(region, target, 'requests', 'RequestCount', 'Sum'),
    hidden('published', source.answered(region, target, 'RequestCount', 'Sum'), 'requests'),
    expression('few', fewer('FILL(requests_a, 0)', 'FILL(requests_b, 0)'), 'requests, new'),
    expression('many', fewer('FILL(requests_b, 0)', 'FILL(requests_a, 0)'), 'requests, old'),
  ];
}

function errorsBeyondOld<T>(region: string, target: Balanced<T>): Line<T>[] {
  const [a, b] = ['FILL(errors_a, 0)', 'FILL(errors_b, 0)'] as const;
  return [
    ...requestsOfBoth(region, target),
    ...both(region, target, 'errors', 'HTTPCode_Target_5XX_Count', 'Sum'),
    // Nobody says in whose place: a revision that is new is likelier to have died.
    balancerErrors(region, target),
    expression('new_errors', `${fewer(a, b)} + FILL(balancer_errors, 0)`, '5xx, new'),
    expression('old_errors', fewer(b, a), '5xx, old'),
    // Requests for a revision that has no task left are in no group's count.
    expression('new_requests', 'IF(few > new_errors, few, new_errors)', 'requests, new'),
    {
      id: 'error_percent',
      expression: judged(
        `few > 0 AND new_requests >= ${MINIMUM_REQUESTS}`,
        '100 * new_errors / new_requests - 100 * old_errors / many',
        '100 * (old_errors + FILL(balancer_errors, 0)) / many',
      ),
      label: '5xx % beyond the old revision',
    },
  ];
}

/**
 * Percentage of late requests of the new revision beyond that of the old one, while both serve; 0
 * when one has them all, for then there is nothing to compare with.
 * @param latencyMs what is in time.
 */
export function lateLines<T>(region: string, target: Balanced<T>, latencyMs: number): Line<T>[] {
  const [a, b] = ['FILL(within_a, 100)', 'FILL(within_b, 100)'] as const;
  return [
    ...requestsOfBoth(region, target),
    // The load balancer measures in seconds.
    ...both(region, target, 'within', 'TargetResponseTime', `PR(:${latencyMs / 1000})`),
    // A task that died has no response time, and is not slow.
    expression('few_within', fewer(a, b), 'in time %, new'),
    expression('many_within', fewer(b, a), 'in time %, old'),
    {
      id: 'late_percent',
      expression: judged(`few >= ${MINIMUM_REQUESTS}`, 'many_within - few_within', '0'),
      label: 'late % beyond the old revision',
    },
  ];
}

/** Of the group with fewer requests the first, else the second. */
function fewer(a: string, b: string): string {
  return `IF(FILL(requests_a, 0) < FILL(requests_b, 0), ${a}, ${b})`;
}

/** Against the old revision where enough requests of the new one can tell, else by itself. */
function judged(canTell: string, against: string, alone: string): string {
  return `IF(${canTell}, ${against}, IF(many >= ${MINIMUM_REQUESTS}, ${alone}, 0)) / (published >= 0)`;
}

function expression(id: string, text: string, label: string): Line<never> {
  return { id, expression: text, label, hidden: true };
}

/** Requests and 5xx of each target group: how far a deployment has come, and how it does. */
export function revisions(region: string, target: Balanced): Widget {
  const counted = (name: string, label: string, axis: 'left' | 'right') =>
    source
      .eachGroup(region, target, name, 'Sum')
      .map((metric, index) => ({ metric, label: `${label}, group ${index + 1}`, axis }));
  return graph({
    title: 'Requests (left) and 5xx a minute, by target group: revisions take turns',
    region,
    rightUnit: '5xx',
    lines: [
      ...counted('RequestCount', 'requests', 'left'),
      ...counted('HTTPCode_Target_5XX_Count', '5xx', 'right'),
    ],
  });
}
