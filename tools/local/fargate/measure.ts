// What AWS measures of an ECS service: tasks wanted and running, and how much of their size they use.
import { gaugeIntervalMs } from '../ground';
import type { Ground } from '../ground';
import type { TaskFleet } from './fleet';
import { usageOf } from './usage';
import type { Usage } from './usage';

const MIB = 1_048_576;
/** Whose tasks are measured, and what size each has. */
export interface MeasuredService {
  dimensions: { ClusterName: string; ServiceName: string };
  vcpu: number;
  memoryMib: number;
}

/** Measures until the platform ends. */
export function measure(
  fleet: Pick<TaskFleet, 'counts' | 'isDeploying' | 'tasks'>,
  { dimensions, vcpu, memoryMib }: MeasuredService,
  { metrics, timeScale, onClose }: Ground,
): void {
  let before = new Map<number, Usage>();
  let at = performance.now();
  const look = async () => {
    const { desired, pending, running } = fleet.counts();
    const count = (name: string, value: number) =>
      metrics.add('ECS/ContainerInsights', name, dimensions, value);
    count('DesiredTaskCount', desired);
    count('PendingTaskCount', pending);
    count('RunningTaskCount', running);
    // The one that serves, and the one that is to.
    count('DeploymentCount', fleet.isDeploying ? 2 : 1);

    const usage = await usageOf(fleet.tasks().map(({ pid }) => pid));
    const now = performance.now();
    const seconds = (now - at) / 1000;
    for (const [pid, { cpuSeconds, memoryBytes }] of usage) {
      const percent = (name: string, part: number) =>
        metrics.add('AWS/ECS', name, dimensions, part * 100);
      percent('MemoryUtilization', memoryBytes / (memoryMib * MIB));
      const last = before.get(pid);
      if (last === undefined) continue;
      const used = Math.max(0, cpuSeconds - last.cpuSeconds);
      percent('CPUUtilization', used / (seconds * vcpu));
    }
    [before, at] = [usage, now];
  };
  let looking = Promise.resolve();
  const timer = setInterval(() => {
    looking = looking.then(look);
  }, gaugeIntervalMs(timeScale));
  onClose(async () => {
    clearInterval(timer);
    await looking;
  });
}
