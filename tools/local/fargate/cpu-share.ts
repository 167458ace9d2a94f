// Holds each task to the CPU that its size has on Fargate, so that a laptop shows queueing honestly.
import { controlGroups } from './control-groups';
import { pauses } from './pauses';
import type { CpuShares } from './shares';

/** Where neither way is open: macOS, say. */
const NOT_HELD: CpuShares = {
  how: 'tasks may use as much CPU as there is, which on Fargate they may not',
  hold: () => undefined,
  release: () => undefined,
  close: () => Promise.resolve(),
};

/**
 * The best way that this machine has: control groups, which need rights that a container's root has
 * and a person seldom; else pauses, which need `/proc`.
 * @param vcpu that each task has.
 */
export function cpuShares(vcpu: number): CpuShares {
  return controlGroups(vcpu) ?? pauses(vcpu) ?? NOT_HELD;
}
