// The tasks as the page shows them.
import type { LoadBalancer } from '../local/fargate/balancer';
import type { TaskFleet } from '../local/fargate/fleet';
import type { TaskRow } from './view';

/** A row a task, with what the load balancer knows of it. */
export function tasksOf({
  fleet,
  balancer,
}: {
  fleet: TaskFleet;
  balancer: LoadBalancer;
}): TaskRow[] {
  const targets = balancer.status();
  return fleet.tasks().map((task) => {
    const target = targets.find(({ port }) => port === task.port);
    return {
      ...{ id: task.id, port: task.port, pid: task.pid, inFlight: target?.inFlight ?? 0 },
      state: stateOf(task.hasExited(), target),
    };
  });
}

function stateOf(
  hasExited: boolean,
  target: { healthy: boolean; draining: boolean } | undefined,
): TaskRow['state'] {
  if (hasExited) return 'stopped';
  if (target === undefined) return 'starting';
  if (target.draining) return 'draining';
  return target.healthy ? 'healthy' : 'unhealthy';
}
