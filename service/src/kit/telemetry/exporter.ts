// Spans and metrics to the collector: batched, bounded, one export at a time, never in a request's way.
import { setTimeout as sleep } from 'node:timers/promises';
import { CollectorClient } from './collector-client';
import type { Refusal } from './collector-client';
import type { Instrument } from './metrics';
import { Clock, metricsBody, tracesEnvelope } from './otlp';
import type { Attributes, TelemetrySettings } from './settings';
import { SpanBatch } from './span-batch';

/** Told about trouble at most once an outage, so that a dead collector does not fill the log. */
export type TroubleReporter = (message: string, fields: Record<string, string | number>) => void;

export class Exporter {
  readonly clock = new Clock();
  /** Spans dropped because the queue was full or the collector did not take them. */
  droppedSpans = 0;
  /** Runs what must not become part of any trace. */
  aside: <T>(work: () => T) => T = (work) => work();
  private readonly client: CollectorClient;
  private open: SpanBatch;
  private readonly queue: SpanBatch[] = [];
  private readonly spare: SpanBatch[] = [];
  /** Spans in all batches, the one being sent included. */
  private waiting = 0;
  private sending: Promise<void> | undefined;
  private spanTimer: NodeJS.Timeout | undefined;
  private readonly metricTimer: NodeJS.Timeout | undefined;
  private readonly instruments: Instrument[] = [];
  private metricsStart: string;
  /** Where exports fail at present. */
  private readonly troubled = new Set<string>();

  constructor(
    private readonly settings: TelemetrySettings,
    private readonly resource: () => Attributes,
    private readonly report: TroubleReporter,
  ) {
    this.client = new CollectorClient(settings.headers, settings.timeoutMs);
    this.open = new SpanBatch(settings.maxBatchSize);
    this.metricsStart = this.clock.nanoseconds(performance.now());
    if (settings.metricsUrl !== undefined) {
      this.metricTimer = setInterval(() => void this.exportMetrics(), settings.metricIntervalMs);
      this.metricTimer.unref();
    }
  }

  add(instrument: Instrument): void {
    this.instruments.push(instrument);
  }

  /** Takes a finished span as JSON. A full queue drops it. */
  addSpan(span: string): void {
    if (this.waiting >= this.settings.maxQueueSize) {
      this.droppedSpans += 1;
      return;
    }
    this.waiting += 1;
    this.open.add(span);
    if (this.open.count >= this.settings.maxBatchSize) {
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
    const timer = new AbortController();
    const late = sleep(timeoutMs, undefined, { signal: timer.signal }).catch(() => undefined);
    await Promise.race([done, late]);
    timer.abort();
  }

  /** Flushes and ends the timers and whatever is still being sent. */
  async shutdown(timeoutMs: number): Promise<void> {
    clearInterval(this.metricTimer);
    await this.flush(timeoutMs);
    clearTimeout(this.spanTimer);
    this.client.close();
  }

  private closeBatch(): void {
    clearTimeout(this.spanTimer);
    this.spanTimer = undefined;
    if (this.open.count === 0) return;
    this.queue.push(this.open);
    this.open = this.spare.pop() ?? new SpanBatch(this.settings.maxBatchSize);
    this.sending ??= this.drain().finally(() => {
      this.sending = undefined;
    });
  }

  private async drain(): Promise<void> {
    this.clock.adjust();
    for (let batch = this.queue.shift(); batch !== undefined; batch = this.queue.shift()) {
      const { head, tail } = tracesEnvelope(this.resource());
      // Without an address nobody makes spans.
      const url = this.settings.tracesUrl as string;
      const taken = await this.post(url, [Buffer.from(head), batch.bytes(), Buffer.from(tail)]);
      this.waiting -= batch.count;
      if (!taken) this.droppedSpans += batch.count;
      batch.clear();
      this.spare.push(batch);
    }
  }

  private async exportMetrics(): Promise<void> {
    const { temporality, metricsUrl } = this.settings;
    if (metricsUrl === undefined) return;
    this.clock.adjust();
    const now = this.clock.nanoseconds(performance.now());
    const metrics = this.instruments
      .map((instrument) => instrument.collect(this.metricsStart, now, temporality))
      .filter((metric) => metric !== undefined);
    if (temporality === 'delta') this.metricsStart = now;
    if (metrics.length === 0) return;
    await this.post(metricsUrl, [Buffer.from(metricsBody(this.resource(), metrics.join(',')))]);
  }

  private async post(url: string, parts: readonly Uint8Array[]): Promise<boolean> {
    return this.noteOutcome(url, await this.aside(() => this.client.post(url, parts)));
  }

  /** Reports what goes wrong at `url`, once an outage; true when it went well. */
  noteOutcome(url: string, refusal: Refusal): boolean {
    if (refusal === undefined) {
      this.troubled.delete(url);
      return true;
    }
    if (!this.troubled.has(url)) {
      const { origin } = new URL(url);
      this.report('telemetry not exported', { collector: origin, reason: refusal });
    }
    this.troubled.add(url);
    return false;
  }
}
