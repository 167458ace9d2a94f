// A CPU quota for processes that ask for it: a control group of Linux, version 1 or 2.
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface CpuQuota {
  /** A process that writes its id to this file is under the quota from then on. */
  readonly procsFile: string;
  /** Removes the group, when its processes have ended. */
  remove(): void;
}

/** Lambda hands out its share of a processor in slices of 20 ms. */
const PERIOD_US = 20_000;

const V1 = '/sys/fs/cgroup/cpu';
const V2 = '/sys/fs/cgroup';

/**
 * Makes a group whose processes get this part of one processor together.
 * @returns undefined where that is not allowed: it takes root, and a writable hierarchy.
 */
export function createCpuQuota(processors: number): CpuQuota | undefined {
  const quotaUs = Math.round(processors * PERIOD_US);
  const name = `gatehouse-bench-${process.pid}`;
  try {
    return existsSync(join(V1, 'cpu.cfs_quota_us'))
      ? group(join(V1, name), { 'cpu.cfs_period_us': PERIOD_US, 'cpu.cfs_quota_us': quotaUs })
      : group(join(V2, name), { 'cpu.max': `${quotaUs} ${PERIOD_US}` });
  } catch {
    return undefined;
  }
}

function group(folder: string, limits: Readonly<Record<string, string | number>>): CpuQuota {
  mkdirSync(folder);
  try {
    for (const [file, value] of Object.entries(limits)) {
      writeFileSync(join(folder, file), String(value));
    }
  } catch (error) {
    rmdirSync(folder);
    throw error;
  }
  const procsFile = join(folder, 'cgroup.procs');
  return {
    procsFile,
    remove() {
      const left = readFileSync(procsFile, 'utf8').trim();
      if (left !== '') {
        throw new Error(`Processes are left in ${folder}: ${left.replaceAll('\n', ', ')}.`);
      }
      rmdirSync(folder);
    },
  };
}
