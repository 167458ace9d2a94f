// The recorded alarms, evaluated on this machine's metrics as late as AWS would, pairs included.
import { all } from '../../recorder/query';
import type { Recording } from '../../recorder/record';
import type { AlarmState } from '../cloudwatch/alarm';
import { MetricAlarm } from '../cloudwatch/metric-alarm';
import type { MetricStore } from '../cloudwatch/metric-store';
import type { AlarmRow } from './view';

interface Watched {
  arn: string;
  row: AlarmRow;
  evaluate: (nowMs: number) => AlarmState;
}

export interface AlarmsOptions {
  metrics: MetricStore;
  timeScale: number;
  /** What makes an alarm ring here, or why it can't, by the end of its logical name. */
  here: (id: string) => string;
}

/** Alarms and pairs in the order of their declaration. */
export class Alarms {
  private readonly watched: Watched[];

  /** @throws Error for an alarm that can't be evaluated here. */
  constructor(recording: Recording, options: AlarmsOptions) {
    const startedMs = Date.now();
    const metric = all(recording.resources, 'aws:cloudwatch/metricAlarm:MetricAlarm').map(
      (resource): Watched => {
        const alarm = new MetricAlarm(resource, options.timeScale);
        const readyMs = startedMs + warmUpMs(resource) / options.timeScale;
        return {
          arn: String(resource.outputs.arn),
          row: rowOf(resource, recording.project, options),
          evaluate: (nowMs) =>
            nowMs < readyMs
              ? 'INSUFFICIENT_DATA'
              : alarm.evaluate(
                  options.metrics.source({ atMs: nowMs, timeScale: options.timeScale }),
                  nowMs,
                ),
        };
      },
    );
    const stateOf = (name: string) => metric.find(({ row }) => row.name === name)?.row.state;
    const pairs = all(recording.resources, 'aws:cloudwatch/compositeAlarm:CompositeAlarm').map(
      (resource): Watched => {
        const names = ringing(String(resource.inputs.alarmRule));
        return {
          arn: String(resource.outputs.arn),
          row: rowOf(resource, recording.project, options),
          evaluate: () => (names.every((name) => stateOf(name) === 'ALARM') ? 'ALARM' : 'OK'),
        };
      },
    );
    this.watched = [...metric, ...pairs];
  }

  /** Looks at the periods that have ended; says which alarms changed to or from ringing. */
  evaluate(nowMs: number): AlarmRow[] {
    const changed: AlarmRow[] = [];
    for (const { row, evaluate } of this.watched) {
      const state = evaluate(nowMs);
      if (state === row.state) continue;
      const rang = row.state === 'ALARM' || state === 'ALARM';
      Object.assign(row, { state, sinceMs: nowMs });
      if (rang && row.calls) changed.push(row);
    }
    return changed;
  }

  /** Those that call somebody. */
  rows(): AlarmRow[] {
    return this.watched.filter(({ row }) => row.calls).map(({ row }) => row);
  }

  /** By ARN, as dashboards name them. */
  byArn(arns: readonly string[]): AlarmRow[] {
    return this.watched.filter(({ arn }) => arns.includes(arn)).map(({ row }) => row);
  }
}

/** Points of each namespace are there after so long at the latest. */
const PUBLISHED_MS = 180_000;

/** An alarm for which missing data is bad would ring before there can be any. */
function warmUpMs({ inputs }: Declared): number {
  if (inputs.treatMissingData !== 'breaching') return 0;
  return Number(inputs.evaluationPeriods) * Number(inputs.period ?? 60) * 1000 + PUBLISHED_MS;
}

interface Declared {
  name: string;
  inputs: Record<string, unknown>;
  outputs: Record<string, unknown>;
}

function rowOf(
  { name, inputs, outputs }: Declared,
  project: string,
  { here }: AlarmsOptions,
): AlarmRow {
  const actions = (inputs.alarmActions ?? []) as unknown[];
  // The stack is in the page's heading, the reason in the runbook.
  const [described = name] = String(inputs.alarmDescription ?? name).split('\n');
  const title = /^(?:Stack [\w-]+: )?(.*?\.)(?: |$)/.exec(described)?.[1] ?? described;
  const id = name.replace(/^[a-z0-9]+-/, '');
  return {
    name: String(outputs.name ?? inputs.name ?? inputs.alarmName ?? `${project}-${name}`),
    ...{ title, state: 'INSUFFICIENT_DATA', sinceMs: Date.now(), here: here(id) },
    calls: actions.length > 0,
  };
}

/** The alarms of a pair's rule: `ALARM("a") AND ALARM("b")`. */
function ringing(rule: string): string[] {
  return [...rule.matchAll(/ALARM\("?([^")]+)"?\)/g)].map(([, name]) => name ?? '');
}
