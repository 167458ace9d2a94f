// Sends one request to an AWS service over node:https: bounded in time, size and connections.
import { Agent, request } from 'node:https';
import type { LookupFunction } from 'node:net';

/** A POST to `/`, the only request that DynamoDB's protocol has. */
export interface Post {
  readonly host: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Deadline for all of it, in milliseconds: name, connection, headers and body. */
  readonly timeoutMs: number;
}

export interface Answer {
  readonly status: number | undefined;
  readonly text: string;
}

/** Rejects with a message fit for a log when there is no whole answer in time. */
export type Send = (post: Post) => Promise<Answer>;

/** What is needed of `node:https`. */
export interface Https {
  readonly Agent: typeof Agent;
  readonly request: typeof request;
}

/**
 * Loaded with the function and not at its first request: Lambda gives an instance that starts a
 * whole processor, and one of 128 MB that runs a fourteenth. Not `fetch`: that takes longer, and 10 MB.
 */
const HTTPS: Https = { Agent, request };

/** Connections to one region; a function that is busier waits for one until its deadline. */
const MAX_SOCKETS = 50;
/** An answer holds one record of less than 1 KB; more is not read. */
const MAX_ANSWER_LENGTH = 64 * 1024;

/**
 * Makes the function that sends, with connections of its own.
 * @param https what stands for `node:https`. @default node:https
 */
export function createTransport(https: Https = HTTPS): Send {
  const agent = new https.Agent({ keepAlive: true, maxSockets: MAX_SOCKETS });
  return ({ host, headers, body, timeoutMs }) =>
    new Promise((resolve, reject) => {
      const options = { host, method: 'POST', headers, agent };
      let isOver = false;
      const ask = () => {
        let isAnswered = false;
        const sent = https.request(options, (response) => {
          isAnswered = true;
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (part: string) => {
            text += part;
            if (text.length > MAX_ANSWER_LENGTH) {
              fail(new Error(`an answer of over ${MAX_ANSWER_LENGTH} characters`));
            }
          });
          response.on('error', fail);
          response.on('end', () => {
            isOver = true;
            clearTimeout(timer);
            resolve({ status: response.statusCode, text });
          });
        });
        sent.on('error', (error) => {
          // A kept connection that died while Lambda froze the process says nothing about the store.
          // It is gone from the pool now, so this ends with a new one, or by the deadline.
          if (sent.reusedSocket && !isAnswered && !isOver) {
            current = ask();
          } else {
            fail(error);
          }
        });
        return sent.end(body);
      };
      const fail = (error: NodeJS.ErrnoException) => {
        isOver = true;
        clearTimeout(timer);
        // The code alone, if there is one: where several addresses fail, the message is empty.
        reject(new Error(error.code ?? error.message));
        // Ends the connection, too. Further errors come back to here and change nothing.
        current.destroy();
      };
      let current = ask();
      // Not AbortSignal.timeout: that holds on to its memory until the time is over, answer or not.
      const timer = setTimeout(() => fail(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs);
    });
}

/** A host that is looked up nowhere: the connection ends before there is one. */
const nowhere: LookupFunction = (_host, _options, done) => done(new Error('warm-up'), '');

/**
 * Builds and compiles what a first request needs, TLS and its root certificates included, without a
 * packet sent. Done while an instance starts, it takes two thirds off its first decision
 * (docs/api-keys.md, "Cost of the check").
 */
export function warmUp(https: Https = HTTPS): void {
  https
    .request({ host: 'warm-up.invalid', lookup: nowhere })
    .on('error', () => {})
    .end();
}
