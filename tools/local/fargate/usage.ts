// How much CPU time and memory processes have used, what they started included.
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';

/** What a process and its descendants have used. */
export interface Usage {
  /** CPU time since the start, user and system. */
  cpuSeconds: number;
  /** Resident memory now. */
  memoryBytes: number;
}

/** Clock ticks of `/proc/<pid>/stat`; the same on every Linux that runs Node.js (proc(5), CLK_TCK). */
const TICKS_A_SECOND = 100;
/** Fields of `/proc/<pid>/stat` after the name: utime, stime, and those of children waited for. */
const TIME_FIELDS = [11, 12, 13, 14] as const;

/** Measures processes; one that is gone, or that can't be measured here, is not in the answer. */
export async function usageOf(pids: readonly number[]): Promise<Map<number, Usage>> {
  const measured = existsSync('/proc/self/stat')
    ? pids.map((pid) => [pid, ofTree(pid)] as const)
    : await fromPs(pids);
  return new Map(measured.filter((entry): entry is [number, Usage] => entry[1] !== undefined));
}

/** CPU time of a process and its descendants by `/proc`; undefined when it is gone. */
export function cpuSecondsOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name may hold blanks and parentheses; the last one closes it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = TIME_FIELDS.reduce((total, field) => total + Number(fields[field]), 0);
    return childrenOf(pid).reduce(
      (total, child) => total + (cpuSecondsOf(child) ?? 0),
      ticks / TICKS_A_SECOND,
    );
  } catch {
    return undefined;
  }
}

function memoryBytesOf(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const own = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) * 1024;
    return childrenOf(pid).reduce((total, child) => total + memoryBytesOf(child), own);
  } catch {
    return 0;
  }
}

function ofTree(pid: number): Usage | undefined {
  const cpuSeconds = cpuSecondsOf(pid);
  return cpuSeconds === undefined ? undefined : { cpuSeconds, memoryBytes: memoryBytesOf(pid) };
}

/** A process and what it has started that still runs, by `/proc`; empty when it is gone. */
export function treeOf(pid: number): number[] {
  try {
    return [pid, ...childrenOf(pid).flatMap(treeOf)];
  } catch {
    return [];
  }
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8')
      .split(' ')
      .filter((child) => child !== '')
      .map(Number),
  );
}

/** Where there is no `/proc`; what a process started is not counted. */
async function fromPs(pids: readonly number[]): Promise<[number, Usage | undefined][]> {
  if (pids.length === 0) return [];
  const { stdout } = await promisify(execFile)('ps', [
    ...['-o', 'pid=', '-o', 'time=', '-o', 'rss=', '-p', pids.join(',')],
  ]).catch(() => ({ stdout: '' }));
  return parsePs(stdout);
}

/** Reads lines of pid, CPU time (`[[dd-]hh:]mm:ss[.ss]`) and resident memory in KiB. */
export function parsePs(text: string): [number, Usage][] {
  return text
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .flatMap(([pid, time, memory]) => {
      if (pid === undefined || time === undefined || memory === undefined) return [];
      const [days, clock = ''] = time.includes('-') ? time.split('-') : ['0', time];
      const seconds = clock.split(':').reduce((total, part) => total * 60 + Number(part), 0);
      const cpuSeconds = Number(days) * 86_400 + seconds;
      return [[Number(pid), { cpuSeconds, memoryBytes: Number(memory) * 1024 }]];
    });
}
