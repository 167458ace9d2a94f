// Posts OTLP bodies to the collector, with retries, by Node's own client: fetch costs twice the time.
import http from 'node:http';
import https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';

/** Answers after which the specification of OTLP/HTTP wants a retry. */
const RETRYABLE = new Set([429, 502, 503, 504]);
const RETRY_BASE_MS = 200;
const RETRY_CEILING_MS = 5000;

/** `undefined` when the collector took it, else why it did not. */
export type Refusal = string | undefined;

interface Outcome {
  readonly refusal: Refusal;
  readonly retry: boolean;
}

export class CollectorClient {
  private readonly agents = {
    'http:': new http.Agent({ keepAlive: true, maxSockets: 2 }),
    'https:': new https.Agent({ keepAlive: true, maxSockets: 2 }),
  };
  private readonly closing = new AbortController();

  constructor(
    private readonly headers: Readonly<Record<string, string>>,
    /** Longest time for one body with its retries, in milliseconds. */
    private readonly timeoutMs: number,
  ) {}

  /** Posts the parts as one JSON body. Never throws. */
  async post(url: string, parts: readonly Uint8Array[]): Promise<Refusal> {
    const signal = AbortSignal.any([AbortSignal.timeout(this.timeoutMs), this.closing.signal]);
    for (let attempt = 0; ; attempt += 1) {
      const outcome = await this.attempt(url, parts, signal);
      if (outcome.refusal === undefined || !outcome.retry) return outcome.refusal;
      const pause = Math.random() * Math.min(RETRY_CEILING_MS, RETRY_BASE_MS * 2 ** attempt);
      const inTime = await sleep(pause, true, { signal, ref: false }).catch(() => false);
      if (!inTime) return outcome.refusal;
    }
  }

  /** Gives up what is being sent, and closes the connections. */
  close(): void {
    this.closing.abort();
    for (const agent of Object.values(this.agents)) agent.destroy();
  }

  private attempt(
    url: string,
    parts: readonly Uint8Array[],
    signal: AbortSignal,
  ): Promise<Outcome> {
    const protocol = url.startsWith('https:') ? 'https:' : 'http:';
    const length = parts.reduce((sum, part) => sum + part.byteLength, 0);
    return new Promise((resolve) => {
      const request = (protocol === 'https:' ? https : http).request(
        url,
        {
          method: 'POST',
          agent: this.agents[protocol],
          signal,
          headers: {
            ...this.headers,
            'content-type': 'application/json',
            'content-length': length,
          },
        },
        (response) => {
          const status = Number(response.statusCode);
          const refusal = status >= 200 && status < 300 ? undefined : `HTTP ${status}`;
          // `close` follows the end as well as a lost connection; the status says enough.
          response.once('close', () => resolve({ refusal, retry: RETRYABLE.has(status) }));
          response.resume();
        },
      );
      request.on('error', (error: NodeJS.ErrnoException) => {
        resolve({ refusal: String(error.code), retry: true });
      });
      for (const part of parts) request.write(part);
      request.end();
    });
  }
}
