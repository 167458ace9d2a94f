// Calls that faults make or need to be seen by: from addresses of this machine that nobody else has, with keys of their own.
import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { operationsOf } from './openapi';
import type { OpenApi } from './openapi';

/** Who calls, and how. */
export type CallKind = 'few' | 'writes' | 'strangers' | 'flood' | 'rush';

export interface CallsOptions {
  edge: string;
  keyHeader: string;
  /** A path that a key may read. */
  readPath: string;
  /** The API's description of itself. */
  openApi: (key: string) => Promise<OpenApi>;
  /** Issues a key with every scope. */
  issue: (owner: string) => Promise<string>;
  /** A key that is well formed and does not exist. */
  unknownKey: () => string;
  /** The web ACL's rate rules, which count as they say at the moment; those without a header by address. */
  rateRules: readonly { limit: number; windowSeconds: number; header?: string }[];
}

/** However long a fault stays on: no load without an end. */
const LONGEST_MS = 1_200_000;
/** A few calls that show what a fault does, below every limit. */
const FEW_EVERY_MS = 150;
const WRITE_EVERY_MS = 300;
/** Sixty a second, each address below its limit. */
const GUESSING_ADDRESSES = 4;
const GUESS_EVERY_MS = 65;
/** What one machine can exceed: a stack's own limits are for callers with far more processors. */
const LOW_LIMIT_PER_SECOND = 10;
/** Until it is blocked as fast as it is answered, then as often as rings the alarm of the web ACL. */
const FLOOD_CONNECTIONS = 16;
const BLOCKED_EVERY_MS = 250;
/** More at once than a task answers within the target, each address and each key below its limit. */
const RUSH_ADDRESSES = 40;
const RUSH_KEYS = 5;
const RUSH_EVERY_MS = 10;

interface Sending {
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  body?: string;
}

/** Starts calls of a kind; each ends when its fault is taken back. */
export class Calls {
  private readonly keys = new Map<string, Promise<string>>();

  constructor(private readonly options: CallsOptions) {}

  /** Resolves when it has ended, however it does. */
  async run(kind: CallKind, isOn: () => boolean): Promise<void> {
    const endMs = Date.now() + LONGEST_MS;
    const goesOn = () => isOn() && Date.now() < endMs;
    await this[kind](goesOn);
  }

  private async few(isOn: () => boolean): Promise<void> {
    const headers = await this.keyOf('faults@localhost', isOn);
    await this.from(2, isOn, FEW_EVERY_MS, (send) => send({ headers }));
  }

  /** Creates something and removes it again. */
  private async writes(isOn: () => boolean): Promise<void> {
    const headers = await this.keyOf('faults@localhost', isOn);
    const api = await this.persistently(isOn, () =>
      this.options.openApi(headers[this.options.keyHeader] ?? ''),
    );
    if (api === undefined) return;
    const write = operationsOf(api).find(
      ({ method, path, body }) => method === 'POST' && body !== undefined && !path.includes('{'),
    );
    if (write === undefined) {
      await this.few(isOn);
      return;
    }
    const { method, path, type = 'application/json', body = '' } = write;
    await this.from(3, isOn, WRITE_EVERY_MS, async (send) => {
      const made = await send({
        ...{ method, path, headers: { ...headers, 'content-type': type } },
        body: body.replaceAll(/[\w.+-]+@example\.com/g, `${randomUUID()}@example.com`),
      });
      if (made.location !== undefined) {
        await send({ method: 'DELETE', path: made.location, headers });
      }
    });
  }

  private async strangers(isOn: () => boolean): Promise<void> {
    const { keyHeader, unknownKey } = this.options;
    const one = (_none: unknown, index: number) =>
      this.from(10 + index, isOn, GUESS_EVERY_MS, (send) =>
        send({ headers: { [keyHeader]: unknownKey() } }),
      );
    await Promise.all(Array.from({ length: GUESSING_ADDRESSES }, one));
  }

  private async flood(isOn: () => boolean): Promise<void> {
    let blocked = false;
    const one = () =>
      this.from(20, isOn, 0, async (send) => {
        const { status } = await send({});
        blocked ||= status === 403 || status === 429;
        // Nothing listens any more, or it is the time between two blocked calls.
        if (blocked || status === 0) await sleep(BLOCKED_EVERY_MS);
      });
    const rateRules = this.options.rateRules.filter(({ header }) => header === undefined);
    const limits = rateRules.map(({ limit }) => limit);
    for (const rule of rateRules) {
      rule.limit = Math.min(rule.limit, LOW_LIMIT_PER_SECOND * rule.windowSeconds);
    }
    await Promise.all(Array.from({ length: FLOOD_CONNECTIONS }, one));
    rateRules.forEach((rule, at) => (rule.limit = limits[at] ?? rule.limit));
  }

  private async rush(isOn: () => boolean): Promise<void> {
    const keys = await Promise.all(
      Array.from({ length: RUSH_KEYS }, (_none, index) =>
        this.keyOf(`rush-${index + 1}@localhost`, isOn),
      ),
    );
    const one = (_none: unknown, index: number) =>
      this.from(30 + index, isOn, RUSH_EVERY_MS, (send) =>
        send({ headers: keys[index % RUSH_KEYS] ?? {} }),
      );
    await Promise.all(Array.from({ length: RUSH_ADDRESSES }, one));
  }

  /** Headers with a key that is issued once. */
  private async keyOf(owner: string, isOn: () => boolean): Promise<Record<string, string>> {
    const { keyHeader, issue } = this.options;
    const key = await this.persistently(isOn, async () => {
      const issued = this.keys.get(owner) ?? issue(owner);
      this.keys.set(owner, issued);
      // One that could not be issued is not waited for again.
      issued.catch(() => this.keys.delete(owner));
      return issued;
    });
    return key === undefined ? {} : { [keyHeader]: key };
  }

  /** Tries until it succeeds or the fault is taken back: what is asked may be what is broken. */
  private async persistently<T>(
    isOn: () => boolean,
    ask: () => Promise<T>,
  ): Promise<T | undefined> {
    while (isOn()) {
      try {
        return await ask();
      } catch {
        await sleep(FEW_EVERY_MS);
      }
    }
    return undefined;
  }

  /** Calls again and again from one address of the loopback network, where a system has them. */
  private async from(
    host: number,
    isOn: () => boolean,
    everyMs: number,
    call: (send: (what: Sending) => Promise<Answer>) => Promise<unknown>,
  ): Promise<void> {
    const localAddress = process.platform === 'linux' ? { localAddress: `127.0.1.${host}` } : {};
    const agent = new Agent({ keepAlive: true, ...localAddress });
    const { edge, readPath } = this.options;
    try {
      while (isOn()) {
        const nextMs = performance.now() + everyMs;
        await call(({ path = readPath, ...what }) =>
          ask(new URL(path, edge), { agent, ...localAddress, ...what }),
        );
        await sleep(Math.max(0, nextMs - performance.now()));
      }
    } finally {
      agent.destroy();
    }
  }
}

interface Answer {
  /** 0 when there was none. */
  status: number;
  location?: string;
}

function ask(
  url: URL,
  { body, ...options }: Omit<Sending, 'path'> & { agent: Agent; localAddress?: string },
): Promise<Answer> {
  return new Promise((resolve) => {
    const sent = request(url, options, (response) => {
      const { statusCode = 0, headers } = response;
      const location = headers.location === undefined ? {} : { location: headers.location };
      response.resume().on('close', () => resolve({ status: statusCode, ...location }));
    });
    sent.on('error', () => resolve({ status: 0 }));
    sent.end(body);
  });
}
