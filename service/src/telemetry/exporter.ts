// Spans and metrics to the collector: batched, bounded, one export at a time, never in a request's way.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Instrument } from './metrics';
import { Clock, metricsBody, tracesBody } from './otlp';
import type { Attributes, TelemetrySettings } from './settings';

/** Answers after which the specification of OTLP/HTTP wants a retry. */
const RETRYABLE = new Set([429, 502, 503, 504]);
const RETRY_BASE_MS = 200;
const RETRY_CEILING_MS = 5000;

interface Batch {
  spans: string;
  count: number;
}

/** Told about trouble at most once an outage, so that a dead collector does not fill the log. */
export type TroubleReporter = (message: string, fields: Record<string, string | number>) => void;

export class Exporter {
  readonly clock = new Clock();
  /** Spans dropped because the queue was full or the collector refused them. */
  droppedSpans = 0;
  exportedSpans = 0;
  private open: Batch = { spans: '', count: 0 };
  private readonly queue: Batch[] = [];
  private queued = 0;
  private sending: Promise<void> | undefined;
  private spanTimer: NodeJS.Timeout | undefined;
  private readonly metricTimer: NodeJS.Timeout | undefined;
  private readonly instruments: Instrument[] = [];
  private metricsStart: string;
  private troubled = false;
  private readonly abort = new AbortController();

  constructor(
    private readonly settings: TelemetrySettings,
    private readonly resource: () => Attributes,
    private readonly report: TroubleReporter,
  ) {
    this.metricsStart = this.clock.nanoseconds(performance.now());
    if (settings.metricsUrl !== undefined) {
      this.metricTimer = setInterval(() => void this.exportMetrics(), settings.metricIntervalMs);
      this.metricTimer.unref();
    }
  }

  add(instrument: Instrument): void {
    this.instruments.push(instrument);
  }

  /** Takes a finished span as JSON. Costs a concatenation; a full queue drops it. */
  addSpan(span: string): void {
    if (this.queued >= this.settings.maxQueueSize) {
      this.droppedSpans += 1;
      return;
    }
    this.queued += 1;
    const { open } = this;
    open.spans = open.count === 0 ? span : `${open.spans},${span}`;
    open.count += 1;
    if (open.count >= this.settings.maxBatchSize) {
      this.closeBatch();
    } else if (this.spanTimer === undefined) {
      this.spanTimer = setTimeout(() => this.closeBatch(), this.settings.scheduleDelayMs);
      this.spanTimer.unref();
    }
  }

  /** Sends what is there; resolves when it is sent or given up, at the latest after `timeoutMs`. */
  async flush(timeoutMs: number): Promise<void> {
    this.closeBatch();
    const done = Promise.all([this.sending, this.exportMetrics()]);
    await Promise.race([done, sleep(timeoutMs, undefined, { ref: false })]);
  }

  /** Flushes and ends the timers and whatever is still being sent. */
  async shutdown(timeoutMs: number): Promise<void> {
    clearInterval(this.metricTimer);
    await this.flush(timeoutMs);
    clearTimeout(this.spanTimer);
    this.abort.abort();
  }

  private closeBatch(): void {
    clearTimeout(this.spanTimer);
    this.spanTimer = undefined;
    if (this.open.count === 0) return;
    this.queue.push(this.open);
    this.open = { spans: '', count: 0 };
    this.sending ??= this.drain().finally(() => {
      this.sending = undefined;
    });
  }

  private async drain(): Promise<void> {
    this.clock.adjust();
    for (let batch = this.queue.shift(); batch !== undefined; batch = this.queue.shift()) {
      const sent = await this.post(
        this.settings.tracesUrl ?? '',
        tracesBody(this.resource(), batch.spans),
      );
      this.queued -= batch.count;
      if (sent) this.exportedSpans += batch.count;
      else this.droppedSpans += batch.count;
    }
  }

  private async exportMetrics(): Promise<void> {
    if (this.settings.metricsUrl === undefined) return;
    const { temporality, metricsUrl } = this.settings;
    this.clock.adjust();
    const now = this.clock.nanoseconds(performance.now());
    const metrics = this.instruments
      .map((instrument) => instrument.collect(this.metricsStart, now, temporality))
      .filter((metric) => metric !== undefined);
    if (temporality === 'delta') this.metricsStart = now;
    if (metrics.length > 0) {
      await this.post(metricsUrl, metricsBody(this.resource(), metrics.join(',')));
    }
  }

  /** Posts with retries within the time limit. Never throws. */
  private async post(url: string, body: string): Promise<boolean> {
    const signal = AbortSignal.any([
      AbortSignal.timeout(this.settings.timeoutMs),
      this.abort.signal,
    ]);
    const headers = { ...this.settings.headers, 'content-type': 'application/json' };
    for (let attempt = 0; ; attempt += 1) {
      let reason: string;
      try {
        const response = await fetch(url, { method: 'POST', body, headers, signal });
        await response.arrayBuffer();
        if (response.ok) {
          this.troubled = false;
          return true;
        }
        reason = `HTTP ${response.status}`;
        if (!RETRYABLE.has(response.status)) return this.giveUp(url, reason);
      } catch (error) {
        reason = error instanceof Error ? error.name : 'unknown';
      }
      const pause = Math.random() * Math.min(RETRY_CEILING_MS, RETRY_BASE_MS * 2 ** attempt);
      const waited = await sleep(pause, true, { signal, ref: false }).catch(() => false);
      if (!waited) return this.giveUp(url, reason);
    }
  }

  private giveUp(url: string, reason: string): false {
    if (!this.troubled) {
      this.report('telemetry not exported', { url, reason, droppedSpans: this.droppedSpans });
    }
    this.troubled = true;
    return false;
  }
}
