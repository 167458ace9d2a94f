// The service dashboard: traffic, errors, latency and saturation of what answers, and of what it calls.
import { answers, deploymentGraphs, health, responseTime, saturation } from './fargate';
import { functions } from './functions';
import { encryptions } from './kms';
import { apiAnswers, apiTime, functionFailures } from './lambda';
import type { Objectives, StackReferences } from './references';
import { slos } from './slo';
import { burnGraph } from './slo-widgets';
import { revisions } from './revisions';
import { busiestRoutes, calls, failingRoutes, lastErrors, slowestRoutes } from './service';
import { consumed, operations, throttles } from './tables';
import { dashboardBody, text, type Widget } from './widgets';

/** Body of the service dashboard, as CloudWatch reads it. */
export function serviceDashboard(refs: StackReferences, objectives: Objectives): string {
  return dashboardBody([
    [
      text(
        `# ${refs.stack}: the service, ${refs.region} · [Overview](${refs.dashboardUrls.overview})`,
        1,
      ),
    ],
    slos(refs, objectives).map(burnGraph),
    ...computeRows(refs, objectives),
    ...Object.entries(refs.tables).map(([name, table]) => [
      operations(refs.region, name, table),
      consumed(refs.region, name, table),
    ]),
    [throttles(refs), ...encryptions(refs)],
    ...functions(refs).map((widget) => [widget]),
    [lastErrors(refs)],
  ]);
}

function computeRows(refs: StackReferences, objectives: Objectives): Widget[][] {
  const { compute, region } = refs;
  if (compute.kind === 'lambda') {
    return [
      [
        apiAnswers(region, compute),
        apiTime(region, compute, objectives),
        functionFailures(region, compute),
      ],
    ];
  }
  return [
    [answers(region, compute), responseTime(region, compute, objectives)],
    [saturation(region, compute), health(region, compute)],
    deploymentGraphs(region, compute, objectives),
    ...(compute.alternateTargetGroup === undefined ? [] : [[revisions(region, compute)]]),
    // What the service measures itself; a function has no collector to send it by.
    [busiestRoutes(refs), slowestRoutes(refs), failingRoutes(refs)],
    [calls(refs)],
  ];
}
