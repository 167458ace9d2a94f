// Reads a recorded CloudWatch alarm, and keeps its state over time.
import type { RecordedResource } from '../../recorder/record';
import { COMPARISONS, EXTRA_PERIODS, evaluateAlarm } from './alarm';
import type { AlarmCondition, AlarmState } from './alarm';
import { compileMetricData } from './metric-data';
import type { MetricData, MetricDataQuery } from './metric-data';
import { windowUntil } from './series';
import type { MetricSource } from './series';

/** A metric of a recorded alarm; the simple form has its fields in the alarm itself. */
interface RecordedMetric {
  namespace: string;
  metricName: string;
  dimensions?: Record<string, string>;
  period: number;
}

interface RecordedAlarm extends Partial<RecordedMetric> {
  threshold: number;
  comparisonOperator: string;
  evaluationPeriods: number;
  datapointsToAlarm?: number;
  treatMissingData?: NonNullable<AlarmCondition['treatMissingData']>;
  statistic?: string;
  extendedStatistic?: string;
  metricQueries?: {
    id: string;
    expression?: string;
    period?: number;
    returnData?: boolean;
    metric?: RecordedMetric & { stat: string };
  }[];
}

/** An alarm that is evaluated again and again. */
export class MetricAlarm {
  state: AlarmState = 'INSUFFICIENT_DATA';
  private readonly data: MetricData;
  private readonly tracked: string;
  private readonly periodMs: number;
  private readonly condition: AlarmCondition;

  /**
   * @param alarm an `aws:cloudwatch/metricAlarm:MetricAlarm`.
   * @param timeScale how many times faster than real its periods pass.
   * @throws Error for a comparison, statistic or expression that is not known here.
   */
  constructor(
    readonly alarm: Pick<RecordedResource, 'name' | 'inputs'>,
    timeScale = 1,
  ) {
    const recorded = alarm.inputs as unknown as RecordedAlarm;
    const compare = COMPARISONS[recorded.comparisonOperator];
    if (compare === undefined) {
      throw new Error(
        `The alarm ${alarm.name} compares by ${recorded.comparisonOperator}, which is not known here.`,
      );
    }
    const queries = queriesOf(recorded);
    this.data = compileMetricData(queries);
    const queried = recorded.metricQueries ?? [];
    this.tracked =
      queried.find(({ returnData }) => returnData === true)?.id ?? queries[0]?.id ?? '';
    this.periodMs =
      (1000 / timeScale) *
      (recorded.period ??
        queried.map(({ metric, period }) => metric?.period ?? period ?? 60)[0] ??
        60);
    this.condition = {
      breaches: (value) => compare(value, recorded.threshold),
      evaluationPeriods: recorded.evaluationPeriods,
      datapointsToAlarm: recorded.datapointsToAlarm ?? recorded.evaluationPeriods,
      treatMissingData: recorded.treatMissingData ?? 'missing',
    };
  }

  /** Looks at the periods that have ended by `nowMs`. */
  evaluate(source: MetricSource, nowMs: number): AlarmState {
    const count = this.condition.evaluationPeriods + EXTRA_PERIODS;
    const window = windowUntil(nowMs - this.periodMs, this.periodMs, count);
    const [line] = this.data.evaluate(source, window).get(this.tracked);
    this.state = evaluateAlarm(this.condition, line?.values ?? [], this.state);
    return this.state;
  }
}

function queriesOf(alarm: RecordedAlarm): MetricDataQuery[] {
  const { namespace = '', metricName = '', dimensions = {}, metricQueries } = alarm;
  if (metricQueries === undefined) {
    const stat = alarm.extendedStatistic ?? alarm.statistic ?? 'Average';
    return [{ id: 'value', metric: { namespace, name: metricName, dimensions, stat } }];
  }
  return metricQueries.map(({ id, expression, metric }) => ({
    id,
    ...(expression === undefined ? {} : { expression }),
    ...(metric === undefined
      ? {}
      : {
          metric: {
            ...{ namespace: metric.namespace, name: metric.metricName, stat: metric.stat },
            dimensions: metric.dimensions ?? {},
          },
        }),
  }));
}
