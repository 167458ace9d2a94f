// Servers of a test: started on any free port, ended after it.
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { answer, listen, readBody, shut } from '../http';

const opened: { close(): Promise<unknown> }[] = [];

/** Ends something after the test; the latest first. */
export function closeAfterwards<T extends { close(): Promise<unknown> }>(station: T): T {
  opened.push(station);
  return station;
}

/** To be called by `afterEach`. */
export async function closeAll(): Promise<void> {
  for (const station of opened.splice(0).reverse()) await station.close();
}

/** Starts a server; answers its port and a way to end it early. */
export async function serve(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer(handler);
  let closed: Promise<void> | undefined;
  const running = { port: 0, close: () => (closed ??= shut(server)) };
  closeAfterwards(running);
  running.port = await listen(server, 0);
  return running;
}

/** Answers what it was asked. */
export function echo(request: IncomingMessage, response: ServerResponse): void {
  void readBody(request, 1_000_000).then((body) => {
    const { method, url, headers } = request;
    answer(response, 200, { method, url, headers, body: body.toString() });
  });
}
