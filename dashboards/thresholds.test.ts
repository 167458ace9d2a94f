// Every alarm's threshold is a line in the graph of its metric, named by the alarm: what rings is seen coming.
import { alarmSpecs } from './alarms';
import type { AlarmSpec } from './alarm-spec';
import { edgeDashboard } from './edge-page';
import { deploymentAlarmSpecs } from './fargate';
import { isMetricLine, type Line } from './metric';
import { overviewDashboard } from './overview-page';
import type { FargateReferences, StackReferences } from './references';
import { scalingDashboard } from './scaling-page';
import { serviceDashboard } from './service-page';
import { FARGATE_STACK, LAMBDA_STACK, OBJECTIVES } from './testing/stacks';

interface Graph {
  readonly title: string;
  readonly period: number;
  readonly metrics: readonly unknown[][];
  readonly annotations?: { horizontal: { label: string; value: number }[] };
}

/** Every graph of the stack's four pages. */
function graphsOf(refs: StackReferences): Graph[] {
  return [
    overviewDashboard(refs, { objectives: OBJECTIVES, alarmArns: [] }),
    serviceDashboard(refs, OBJECTIVES),
    edgeDashboard(refs),
    scalingDashboard(refs, OBJECTIVES),
  ].flatMap((body) =>
    (JSON.parse(body) as { widgets: { type: string; properties: Graph }[] }).widgets
      .filter(({ type }) => type === 'metric')
      .map(({ properties }) => properties),
  );
}

/** A metric as both sides name it, whatever is taken of it. */
const ofLine = (line: Line): string[] =>
  isMetricLine(line)
    ? [[line.metric.namespace, line.metric.name, line.metric.dimensions]].map((each) =>
        JSON.stringify(each),
      )
    : [];
const ofArray = ([namespace, name, ...rest]: unknown[]): string => {
  const pairs = rest.slice(0, -1);
  const dimensions = Object.fromEntries(
    pairs.flatMap((value, at) => (at % 2 === 0 ? [[value, pairs[at + 1]]] : [])),
  ) as object;
  return JSON.stringify([namespace, name, dimensions]);
};

/** The threshold as a graph may show it: in milliseconds for seconds, a minute's part of a sum. */
const shownAs = ({ threshold, periodSeconds }: AlarmSpec, { period }: Graph): number[] => [
  threshold,
  1000 * threshold,
  (threshold * period) / periodSeconds,
];

/** By the alarm's name, or by what a family of alarms has in common: a pair, a table, a replica. */
const isOf = (id: string, name: string): boolean =>
  id === name || id.startsWith(`${name}-`) || id.endsWith(`-${name}`);

function isDrawn(spec: AlarmSpec, graph: Graph): boolean {
  const drawn = graph.metrics.map(ofArray);
  // The others say when there are enough requests, or how many tasks are allowed.
  const isSame = spec.lines.flatMap(ofLine).some((metric) => drawn.includes(metric));
  return (
    isSame &&
    (graph.annotations?.horizontal ?? []).some(
      ({ label, value }) =>
        label.split(', ').some((name) => isOf(spec.id, name)) &&
        shownAs(spec, graph).includes(value),
    )
  );
}

describe.each([
  ['Fargate', FARGATE_STACK],
  [
    'Fargate with a canary',
    {
      ...FARGATE_STACK,
      compute: { ...(FARGATE_STACK.compute as FargateReferences), alternateTargetGroup: 'b' },
    },
  ],
  ['Lambda', LAMBDA_STACK],
])('thresholds on %s', (_, refs) => {
  const specs = [
    ...alarmSpecs(refs, OBJECTIVES),
    ...(refs.compute.kind === 'fargate'
      ? deploymentAlarmSpecs(refs.region, refs.compute, OBJECTIVES, {
          isJudgedAgainstOld: refs.compute.alternateTargetGroup !== undefined,
        })
      : []),
  ];
  const graphs = graphsOf(refs);

  it.each(specs.map((spec) => [spec.id, spec] as const))('%s is drawn', (_id, spec) => {
    expect(graphs.filter((graph) => isDrawn(spec, graph)).map(({ title }) => title)).not.toEqual(
      [],
    );
  });
});
