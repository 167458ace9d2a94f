// Sends one request to an AWS service over node:https: bounded in time, size and connections.
import type * as https from 'node:https';

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
export type Https = Pick<typeof https, 'Agent' | 'request'>;

/** Connections to one region; a function that is busier waits for one until its deadline. */
const MAX_SOCKETS = 50;
/** An answer holds one record of less than 1 KB; more is not read. */
const MAX_ANSWER_LENGTH = 64 * 1024;

/**
 * Makes the function that sends.
 *
 * Not `fetch`: Node.js takes 20 ms longer to load its own, and 10 MB.
 * @param load gives `node:https`; called at the first request and not before, because a cold function
 *   that refuses a stranger needs no connection. @default requires it
 */
export function createTransport(load: () => Https = loadHttps): Send {
  let agent: https.Agent | undefined;
  return ({ host, headers, body, timeoutMs }) =>
    new Promise((resolve, reject) => {
      const { Agent, request } = load();
      agent ??= new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS });
      const options = { host, method: 'POST', headers, agent };
      let isOver = false;
      const ask = () => {
        let isAnswered = false;
        const sent = request(options, (response) => {
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

function loadHttps(): Https {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import would load it at once
  return require('node:https') as Https;
}
