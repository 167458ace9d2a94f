// What a load has shown, for people and for programs.
import type { Outcome } from './open-loop';

export interface Report {
  readonly outcome: Outcome & { readonly seconds: number };
  readonly url: URL;
}

const PERCENTILES = { p50: 50, p90: 90, p95: 95, p99: 99, p999: 99.9 };

/** One JSON document; latencies are null when nothing was answered. */
export function renderJson(report: Report): string {
  const { outcome, url } = report;
  const { sent, succeeded, failures, seconds } = outcome;
  return `${JSON.stringify(
    {
      ...{ url: url.href, seconds: round(seconds), requests: sent, succeeded },
      ...{ failed: sent - succeeded, failures, requestsPerSecond: round(sent / seconds) },
      latencyMs: latencies(outcome),
    },
    null,
    2,
  )}\n`;
}

/** A small table. */
export function renderText(report: Report): string {
  const { outcome, url } = report;
  const { sent, succeeded, failures, seconds } = outcome;
  const rows = [
    ['requests', `${sent} in ${round(seconds)} s, ${round(sent / seconds)} a second`],
    ['succeeded', String(succeeded)],
    ...Object.entries(failures).map(([name, count]) => [`failed: ${name}`, String(count)]),
    ...Object.entries(latencies(outcome)).map(([name, ms]) => [
      name,
      ms === null ? 'nothing to measure' : `${ms} ms`,
    ]),
  ];
  return `GET ${url.href}\n${rows.map(([name = '', value]) => `  ${name.padEnd(22)}${value}\n`).join('')}`;
}

function latencies({ latency }: Outcome): Record<string, number | null> {
  const ms = (micros: number) => (latency.count === 0 ? null : round(micros / 1000));
  return {
    mean: ms(latency.mean),
    ...Object.fromEntries(
      Object.entries(PERCENTILES).map(([name, at]) => [name, ms(latency.percentile(at))]),
    ),
    max: ms(latency.max),
  };
}

/** One line that is written again each second; a line each where nobody watches. */
export function liveLine(stream: NodeJS.WriteStream) {
  const [before, after] = stream.isTTY ? ['\r\u001b[K', ''] : ['', '\n'];
  return {
    show: ({ sent, succeeded, failures, latency }: Outcome, seconds: number): void => {
      const failed = Object.entries(failures).map(([name, count]) => `, ${name}: ${count}`);
      const p99 = latency.count === 0 ? '' : `, p99 ${round(latency.percentile(99) / 1000)} ms`;
      const text = `${Math.round(seconds)} s: ${sent} sent, ${succeeded} succeeded${failed.join('')}${p99}`;
      stream.write(`${before}${text}${after}`);
    },
    end: (): void => {
      if (stream.isTTY) stream.write('\r\u001b[K');
    },
  };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
