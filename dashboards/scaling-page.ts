// The scaling dashboard: response time, the tasks that it asks for, and what stands in the way.
import { concurrency, apiAnswers, mostExecutions } from './lambda';
import type { Objectives, StackReferences } from './references';
import { atMaximum, cpu, duration, loadPerTask, responseAndTasks, tasks } from './scaling';
import { dashboardBody, text } from './widgets';

/** Body of the scaling dashboard, as CloudWatch reads it. */
export function scalingDashboard(refs: StackReferences, objectives: Objectives): string {
  const { compute, region, stack, dashboardUrls } = refs;
  const back = `[Overview](${dashboardUrls.overview})`;
  if (compute.kind === 'lambda') {
    return dashboardBody([
      [
        text(
          `# ${stack}: scaling · ${back}\nLambda adds an execution for each request at the same time, up to ` +
            `${mostExecutions(compute)}; no policy holds the response time.`,
        ),
      ],
      [concurrency(region, compute), duration(region, compute, objectives)],
      [apiAnswers(region, compute)],
    ]);
  }
  return dashboardBody([
    [
      text(
        `# ${stack}: scaling · ${back}\n${compute.minTasks} to ${compute.maxTasks} tasks hold the response ` +
          `time at ${objectives.latencyMs} ms: out after 3 minutes above, in after 15 below, by load, CPU and ` +
          'response time (docs/scaling.md).',
      ),
    ],
    [responseAndTasks(region, compute, objectives), tasks(region, compute)],
    [loadPerTask(region, compute), cpu(region, compute), atMaximum(region, compute, objectives)],
  ]);
}
