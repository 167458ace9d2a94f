// The overview: are callers served, what is slow, who causes it, does scaling help.
import { callers } from './callers';
import { cost } from './cost';
import {
  failuresByWho,
  frontValues,
  latencyBudget,
  originLatency,
  requestsByOutcome,
} from './front';
import { encryptions } from './kms';
import { apiTime, concurrency, functionFailures } from './lambda';
import type { Objectives, StackReferences } from './references';
import { responseAndTasks, cpu, loadPerTask } from './scaling';
import { failingRoutes, slowestRoutes } from './service';
import { slos } from './slo';
import { budgetLeft, sloValue } from './slo-widgets';
import * as source from './sources';
import { replication, throttles } from './tables';
import { blockedByRule } from './waf';
import { alarmStates, dashboardBody, graph, text, type Widget } from './widgets';

/** What the overview shows besides the stack's metrics. */
export interface OverviewOptions {
  readonly objectives: Objectives;
  /** ARNs of the alarms that call somebody. */
  readonly alarmArns: readonly string[];
}

/** Body of the overview dashboard, as CloudWatch reads it. */
export function overviewDashboard(refs: StackReferences, options: OverviewOptions): string {
  const { objectives, alarmArns } = options;
  return dashboardBody([
    [heading(refs)],
    values(refs, objectives),
    ...(alarmArns.length === 0 ? [] : [[alarmStates('Alarms that call', alarmArns)]]),
    [requestsByOutcome(refs), failuresByWho(refs)],
    [originLatency(refs, objectives), latencyBudget(refs, objectives)],
    [
      ...callers(refs),
      ...(refs.compute.kind === 'fargate' ? [slowestRoutes(refs)] : []),
      blockedByRule(refs),
    ],
    ...doesScalingHelp(refs, objectives),
    [
      throttles(refs),
      ...(refs.replicaRegions.length === 0 ? [] : [replication(refs)]),
      ...encryptions(refs),
    ],
    [cost(refs)],
  ]);
}

/** Where one is, and where to go on. */
function heading(refs: StackReferences): Widget {
  const { service, edge, scaling } = refs.dashboardUrls;
  return text(
    `# ${refs.stack} in ${refs.region}\n` +
      `[Service](${service}) · [Edge and security](${edge}) · [Scaling](${scaling}) · runbook: \`docs/runbook.md\` · ` +
      `edge counted in ${refs.edgeRegions.join(', ')}`,
  );
}

/** The state in six numbers. */
function values(refs: StackReferences, objectives: Objectives): Widget[] {
  const all = slos(refs, objectives);
  const [requests, denied] = frontValues(refs);
  return [
    ...all.map(sloValue),
    tasksOrExecutions(refs),
    ...[requests, denied].filter((widget) => widget !== undefined),
    budgetLeft(all, refs.region),
  ];
}

function tasksOrExecutions(refs: StackReferences): Widget {
  const { compute, region } = refs;
  return compute.kind === 'fargate'
    ? graph({
        title: `Tasks of ${compute.maxTasks}, and p99, ms`,
        region,
        view: 'singleValue',
        lines: [
          { metric: source.runningTasks(region, compute), label: 'tasks' },
          {
            id: 'p99_s',
            metric: source.answered(region, compute, 'TargetResponseTime', 'p99'),
            label: 'p99',
            hidden: true,
          },
          { id: 'p99_ms', expression: '1000 * p99_s', label: 'p99, ms' },
        ],
      })
    : graph({
        title: 'Executions, and p99, ms',
        region,
        view: 'singleValue',
        lines: [
          {
            metric: source.lambda(region, compute, 'ConcurrentExecutions', 'Maximum'),
            label: 'executions',
          },
          { metric: source.api(region, compute, 'Latency', 'p99'), label: 'p99, ms' },
        ],
      });
}

function doesScalingHelp(refs: StackReferences, objectives: Objectives): Widget[][] {
  const { compute, region } = refs;
  return compute.kind === 'fargate'
    ? [
        [
          responseAndTasks(region, compute, objectives),
          loadPerTask(region, compute),
          cpu(region, compute),
        ],
        [failingRoutes(refs)],
      ]
    : [
        [
          apiTime(region, compute, objectives),
          concurrency(region, compute),
          functionFailures(region, compute),
        ],
      ];
}
