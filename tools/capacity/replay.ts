// Stands between a task and the embedded AWS: reads are answered from memory, after what DynamoDB takes.
import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { answer, listen, readBody, shut } from '../local/http';

const READ = /\.(GetItem|BatchGetItem|Query|Scan)$/;
const BODY_LIMIT_BYTES = 16 * 1024 * 1024;

interface Replayed {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/**
 * The embedded DynamoDB takes more of the processor than the task that is measured. What has been read
 * once is answered again without it. Telemetry is taken and forgotten.
 * @param aws The embedded AWS. @param delayMs What a call takes.
 */
export async function startReplay(aws: string, delayMs: number) {
  const known = new Map<string, Replayed>();
  const server = createServer((request, response) => {
    const reply = async (): Promise<void> => {
      const body = await readBody(request, BODY_LIMIT_BYTES);
      const target = request.headers['x-amz-target'];
      if (typeof target !== 'string') return void response.end();
      const key = `${target} ${body.toString()}`;
      const kept = known.get(key);
      const [found] = await Promise.all([kept ?? ask(aws, request.headers, body), sleep(delayMs)]);
      if (READ.test(target) && found.status === 200) known.set(key, found);
      answer(response, found.status, found.text, found.type);
    };
    reply().catch((error: unknown) => answer(response, 500, String(error), 'text/plain'));
  });
  server.keepAliveTimeout = 60_000;
  const port = await listen(server, 0);
  return { url: `http://127.0.0.1:${port}`, close: () => shut(server) };
}

async function ask(aws: string, headers: IncomingHttpHeaders, body: Buffer): Promise<Replayed> {
  const response = await fetch(aws, {
    method: 'POST',
    body: new Uint8Array(body),
    headers: {
      'content-type': String(headers['content-type']),
      'x-amz-target': String(headers['x-amz-target']),
      authorization: String(headers.authorization),
    },
  });
  const type = String(response.headers.get('content-type'));
  return { status: response.status, type, text: await response.text() };
}
