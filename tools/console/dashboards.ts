// The recorded dashboards, drawn from this machine's metrics; what can't exist here says why.
import { EDGE_METRICS } from '../../contracts/metrics';
import { all } from '../../recorder/query';
import type { Recording } from '../../recorder/record';
import { compileDashboard } from '../cloudwatch/dashboard';
import type { Dashboard, DrawnWidget } from '../cloudwatch/dashboard';
import { noDelay } from '../cloudwatch/delays';
import type { MetricStore } from '../cloudwatch/metric-store';
import type { Alarms } from './alarms';
import type { Logs } from './logs';
import { runQuery } from './log-query';
import type { DrawnDashboard } from './view';

interface Named {
  name: string;
  title: string;
  dashboard: Dashboard;
}

/** Metrics that AWS has and this machine can't have, by `namespace name`. */
const ABSENT: readonly [RegExp, string][] = [
  [/^AWS\/DynamoDB ReplicationLatency$/, 'One region here: nothing is replicated.'],
  [/^AWS\/(Lambda|ApiGateway) /, 'The service runs in tasks here, not in a function.'],
  [/^AWS\/Logs /, 'Logs are files here, and cost nothing.'],
  [/^AWS\/XRay /, 'Traces are kept in memory here.'],
  [/ThrottleEvents$/, 'Nothing is throttled here unless the fault "Throttle DynamoDB" is on.'],
  [/^AWS\/KMS /, 'No call to KMS in this time range.'],
  [/^AWS\/CloudFront LambdaExecutionError$/, 'The edge function has not failed.'],
  [/^AWS\/WAFV2 BlockedRequests$/, 'Nothing was blocked.'],
];

/** Lambda@Edge logs in each region that it runs in, to a group of this name. */
const EDGE_LOGS = /SOURCE '\/aws\/lambda\/us-east-1\./;

/** The dashboards of a stack, read once. */
export class Dashboards {
  private readonly dashboards: Named[];
  private readonly region: string;

  /** @throws Error for a body that can't be read. */
  constructor(recording: Recording) {
    // The edge function runs once here: what other regions would count is not the same again.
    this.region = String(recording.outputs.region);
    const edgeElsewhere = (namespace: string, region: string) =>
      namespace === EDGE_METRICS.decisions.namespace && region !== this.region;
    this.dashboards = all(recording.resources, 'aws:cloudwatch/dashboard:Dashboard')
      .map(({ name, inputs }) => {
        const short = name.replace(/^[^-]+-/, '');
        return {
          name: short,
          title: short.charAt(0).toUpperCase() + short.slice(1),
          dashboard: compileDashboard(String(inputs.dashboardBody), edgeElsewhere),
        };
      })
      // The overview links to the others.
      .sort((a, b) => Number(b.name === 'overview') - Number(a.name === 'overview'));
  }

  names(): { name: string; title: string }[] {
    return this.dashboards.map(({ name, title }) => ({ name, title }));
  }

  /** @returns undefined when there is no such dashboard. */
  draw(
    name: string,
    options: {
      metrics: MetricStore;
      alarms: Alarms;
      logs: Logs;
      nowMs: number;
      /** When the platform started. */
      startedMs: number;
      /** @default the dashboard's own */
      rangeMs?: number;
    },
  ): DrawnDashboard | undefined {
    const { metrics, alarms, logs, nowMs } = options;
    const found = this.dashboards.find((each) => each.name === name);
    if (found === undefined) return undefined;
    const rangeMs = options.rangeMs ?? found.dashboard.rangeMs;
    const look = { rangeMs, sinceMs: options.startedMs };
    const source = metrics.source({ atMs: nowMs, delaySeconds: noDelay, partial: true });
    const widgets = found.dashboard.draw(source, nowMs, look).map((widget) => {
      switch (widget.type) {
        case 'metric':
          return withReason(widget);
        case 'alarm':
          return { ...widget, states: alarms.byArn(widget.alarms) };
        case 'log':
          if (EDGE_LOGS.test(widget.query) && widget.region !== this.region) {
            return { ...widget, absent: `The edge function logs once here: see ${this.region}.` };
          }
          return { ...widget, rows: runQuery(widget.query, logs, nowMs - rangeMs) };
        default:
          return widget;
      }
    });
    return { name, title: found.title, rangeMs, atMs: nowMs, widgets };
  }
}

function withReason(widget: Extract<DrawnWidget, { type: 'metric' }>) {
  if (widget.lines.some(({ values }) => values.some((value) => value !== null))) return widget;
  const reasons = widget.metrics.map(
    (metric) => ABSENT.find(([pattern]) => pattern.test(metric))?.[1],
  );
  const reason = reasons.find((each) => each !== undefined);
  return { ...widget, absent: reason ?? 'No data in this time range.' };
}
