// CPU shares by the kernel: a control group a task, with the quota that Fargate would give it.
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '../state';
import type { CpuShares } from './shares';
import { treeOf } from './usage';

export interface ControlGroupOptions {
  /** Where control groups are mounted. @default /sys/fs/cgroup */
  root?: string;
  /** The text of `/proc/self/cgroup`. @default what it is */
  own?: string;
}

/** A folder in which a group can be made, and how its quota is written. */
interface Place {
  parent: string;
  limit: (group: string) => void;
}

/** Period in which a group may use its quota, in microseconds; the kernel's default. */
const PERIOD_US = 100_000;
/** The most there is: nobody else's work takes from a task on Fargate what is its own. */
const WEIGHT = { first: 262_144, second: 10_000 };
const PREFIX = 'gatehouse';
/** A group goes when its last process has gone: moments after its first. */
const REMOVAL_ATTEMPTS = 20;
const REMOVAL_INTERVAL_MS = 25;

/**
 * @returns undefined where groups can't be made.
 * https://docs.kernel.org/admin-guide/cgroup-v2.html#cpu-interface-files
 */
export function controlGroups(
  vcpu: number,
  options: ControlGroupOptions = {},
): CpuShares | undefined {
  const place = places(Math.round(vcpu * PERIOD_US), options).find(isUsable);
  if (place === undefined) return undefined;
  sweep(place.parent);
  const groups = new Map<number, string>();
  return {
    how: `each task is held to ${vcpu} vCPU by a control group`,
    hold(pid) {
      const group = join(place.parent, `${PREFIX}-${process.pid}-${pid}`);
      try {
        mkdirSync(group);
        groups.set(pid, group);
        place.limit(group);
        for (const each of treeOf(pid)) writeFileSync(join(group, 'cgroup.procs'), String(each));
      } catch {
        // It has ended meanwhile.
      }
    },
    // The group stays until its last process has ended.
    release: () => undefined,
    async close() {
      for (let attempt = 0; attempt < REMOVAL_ATTEMPTS; attempt += 1) {
        for (const [pid, group] of groups) if (remove(group)) groups.delete(pid);
        if (groups.size === 0) return;
        await sleep(REMOVAL_INTERVAL_MS);
      }
    },
  };
}

/** Version 2 under one root, version 1 under a folder of the controller; here, and one level up. */
function places(quotaUs: number, { root = '/sys/fs/cgroup', own }: ControlGroupOptions): Place[] {
  const lines = (own ?? readOwn()).split('\n').map((line) => line.split(':'));
  return lines.flatMap(([, controllers = '', path = '/']) => {
    const isSecond = controllers === '';
    if (!isSecond && !controllers.split(',').includes('cpu')) return [];
    const folder = join(root, controllers, path);
    const limit = (group: string) => {
      if (isSecond) {
        writeFileSync(join(group, 'cpu.max'), `${quotaUs} ${PERIOD_US}`);
        writeFileSync(join(group, 'cpu.weight'), String(WEIGHT.second));
        return;
      }
      writeFileSync(join(group, 'cpu.cfs_period_us'), String(PERIOD_US));
      writeFileSync(join(group, 'cpu.cfs_quota_us'), String(quotaUs));
      writeFileSync(join(group, 'cpu.shares'), String(WEIGHT.first));
    };
    // A group of version 2 that holds processes can have no groups with a quota: its parent can.
    const parents = path === '/' ? [folder] : [folder, dirname(folder)];
    return parents.map((parent) => ({ parent, limit }));
  });
}

function readOwn(): string {
  return existsSync('/proc/self/cgroup') ? readFileSync('/proc/self/cgroup', 'utf8') : '';
}

/** Whether a group can be made there, take a quota and take a process. */
function isUsable({ parent, limit }: Place): boolean {
  const trial = join(parent, `${PREFIX}-${process.pid}-trial`);
  try {
    if (!existsSync(join(parent, 'cgroup.procs'))) return false;
    mkdirSync(trial);
    limit(trial);
    return true;
  } catch {
    return false;
  } finally {
    remove(trial);
  }
}

/** Removes the groups of platforms that were killed. */
function sweep(parent: string): void {
  for (const name of readdirSync(parent)) {
    const platform = new RegExp(`^${PREFIX}-(\\d+)-`).exec(name)?.[1];
    if (platform !== undefined && !isAlive(Number(platform))) remove(join(parent, name));
  }
}

function remove(group: string): boolean {
  try {
    rmdirSync(group);
    return true;
  } catch {
    return !existsSync(group);
  }
}
