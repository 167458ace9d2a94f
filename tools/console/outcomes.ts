// Requests by outcome: served, denied, blocked or failed, and by whom.
import { EDGE_METRICS, EDGE_REASONS } from '../../contracts/metrics';
import { COLOURS } from '../../dashboards/widgets';
import type { DrawnLine } from '../cloudwatch/dashboard';
import type { Measured } from './facts';
import { finite, type WindowReader } from './now-window';

const ELB = 'AWS/ApplicationELB';
const EDGE = EDGE_METRICS.decisions.namespace;
const MOST_LINES = 8;

/** Requests a second of one outcome. */
export interface Outcome {
  kind: 'served' | 'client' | 'denied' | 'blocked' | 'failed';
  label: string;
  colour: string;
  values: number[];
}

/** Every outcome, whether it occurs or not. */
export function outcomeLines(reader: WindowReader, measured: Measured): Outcome[] {
  const { loadBalancer, webAcl, stack, rateRules } = measured;
  const target = (name: string) =>
    reader.rate({
      namespace: ELB,
      name: `HTTPCode_Target_${name}_Count`,
      dimensions: loadBalancer,
    });
  const denied = EDGE_REASONS.deny.map((reason) => ({
    reason,
    values: reader.rate({
      ...{ namespace: EDGE, name: EDGE_METRICS.decisions.name },
      dimensions: { Stack: stack, Decision: 'deny', Reason: reason },
    }),
  }));
  const failing = new Set<string>(['store-unavailable', 'internal']);
  const { LoadBalancer } = loadBalancer;
  const ok = target('2XX');
  const moved = target('3XX');
  return [
    {
      ...{ kind: 'served', label: 'served', colour: COLOURS.served },
      values: ok.map((value, index) => value + (moved[index] ?? 0)),
    },
    { kind: 'client', label: '4xx', colour: COLOURS.clientError, values: target('4XX') },
    ...denied
      .filter(({ reason }) => !failing.has(reason))
      .map(({ reason, values }) => ({
        ...{ kind: 'denied' as const, label: `denied: ${reason}`, colour: COLOURS.denied },
        values,
      })),
    ...rateRules.map(({ name }) => ({
      ...{ kind: 'blocked' as const, label: `blocked: ${name}`, colour: COLOURS.blocked },
      values: reader.rate({
        ...{ namespace: 'AWS/WAFV2', name: 'BlockedRequests' },
        dimensions: { WebACL: webAcl, Rule: name },
      }),
    })),
    { kind: 'failed', label: '5xx: tasks', colour: COLOURS.serverError, values: target('5XX') },
    {
      ...{ kind: 'failed', label: '5xx: load balancer', colour: COLOURS.serverError },
      values: reader.rate({
        ...{ namespace: ELB, name: 'HTTPCode_ELB_5XX_Count', dimensions: { LoadBalancer } },
      }),
    },
    ...denied
      .filter(({ reason }) => failing.has(reason))
      .map(({ reason, values }) => ({
        ...{ kind: 'failed' as const, label: `5xx: edge, ${reason}`, colour: COLOURS.serverError },
        values,
      })),
    {
      ...{ kind: 'failed', label: '5xx: edge function', colour: COLOURS.serverError },
      values: reader.rate({
        ...{ namespace: 'AWS/CloudFront', name: 'LambdaExecutionError' },
        dimensions: { DistributionId: measured.distributionId, Region: 'Global' },
      }),
    },
  ];
}

/** Lines that have something to show, the busiest; what is left over is one line, so that the sum holds. */
export function shown(outcomes: readonly Outcome[]): DrawnLine[] {
  const sizes = new Map(
    outcomes.map((outcome) => [
      outcome,
      outcome.values.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : value), 0),
    ]),
  );
  const busy = outcomes.filter(
    (outcome) => outcome.kind === 'served' || (sizes.get(outcome) ?? 0) > 0,
  );
  const kept = new Set(
    [...busy].sort((a, b) => (sizes.get(b) ?? 0) - (sizes.get(a) ?? 0)).slice(0, MOST_LINES - 1),
  );
  const rest = busy.filter((outcome) => !kept.has(outcome));
  const line = ({ label, colour, values }: Outcome): DrawnLine => ({
    ...{ label, colour, axis: 'left' },
    values: values.map(finite),
  });
  const other: DrawnLine[] =
    rest.length === 0
      ? []
      : [
          {
            ...{ label: 'other', axis: 'left' },
            values: (rest[0]?.values ?? []).map((_value, index) =>
              finite(rest.reduce((sum, { values }) => sum + (values[index] ?? 0), 0)),
            ),
          },
        ];
  return [...busy.filter((outcome) => kept.has(outcome)).map(line), ...other];
}
