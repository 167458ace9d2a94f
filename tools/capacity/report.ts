// What a measurement of capacity has shown, for people and for programs.
import { rateByFit } from './fit';
import type { Fit, Step } from './fit';
import type { LocalTask } from './local-task';

export interface Report extends Fit {
  readonly url: string;
  readonly targetMs: number;
  /** Requests a second at the target. */
  readonly rate: number;
  readonly steps: readonly Step[];
  /** Taken off each answer: its way to the service and back. */
  readonly networkMs: number;
  /** By how much this process was late on average, where that is too much. */
  readonly lateMs: number | undefined;
  readonly task?: LocalTask & {
    /** Processor time of a request, milliseconds of a whole vCPU. */
    readonly cpuMs: number | undefined;
  };
}

/** One JSON document. */
export function renderJson(report: Report): string {
  const { url, targetMs, steps, networkMs, lateMs, task } = report;
  return `${JSON.stringify(
    {
      ...{ url, targetMs, requestsPerTaskPerMinute: perMinute(report) },
      ...{ requestsPerSecond: round(report.rate), serviceMs: round(report.serviceMs) },
      dependencyMs: round(report.dependencyMs),
      requestsPerSecondByFit: round(rateByFit(targetMs, report)),
      networkMs: round(networkMs),
      lateMs: lateMs === undefined ? null : round(lateMs),
      vcpu: task?.vcpu ?? null,
      cpuMs: task?.cpuMs === undefined ? null : round(task.cpuMs),
      steps: steps.map(({ rate, meanMs }) => ({
        requestsPerSecond: round(rate),
        // Nobody waited for the end of it.
        meanMs: Number.isFinite(meanMs) ? round(meanMs) : null,
      })),
    },
    null,
    2,
  )}\n`;
}

/** Sentences, and the line to write. */
export function renderText(report: Report): string {
  const { url, targetMs, serviceMs, dependencyMs, networkMs, lateMs, task } = report;
  const cpu =
    task?.cpuMs === undefined
      ? ''
      : `A request took ${round(task.cpuMs)} ms of processor time; the task has ${task.vcpu} vCPU.\n`;
  const network =
    networkMs === 0
      ? ''
      : `${round(networkMs)} ms of each answer were its way here, and do not count.\n`;
  const late =
    lateMs === undefined
      ? ''
      : `This machine is too busy: the load was ${round(lateMs)} ms late on average, and the task holds more than this.\n`;
  const here =
    task === undefined
      ? ''
      : `Here ${task.how}, on a processor that is not Fargate's: measure a deployed stack before you rely on it.\n`;
  return (
    `GET ${url}\n` +
    `One task holds ${Math.round(report.rate)} requests a second at an average of ${targetMs} ms.\n` +
    `By fit, a request needs ${round(serviceMs)} ms of the task (S) and ${round(dependencyMs)} ms that no task shortens (D).\n` +
    `${cpu}${network}${late}${here}\n  gatehouse:requestsPerTaskPerMinute: ${perMinute(report)}\n`
  );
}

/** To two figures: the third is chance. */
function perMinute({ rate }: Report): number {
  return Number((rate * 60).toPrecision(2));
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
