// A small HTTP server that answers JSON, for tests: CloudWatch, STS, or the console.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface JsonServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * @param answer gets the request and its body (undefined if it has none); what it returns is sent
 *   as JSON, what it throws becomes a 500.
 */
export async function startJsonServer(
  answer: (request: IncomingMessage, body: unknown) => unknown,
): Promise<JsonServer> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      response.setHeader('content-type', 'application/x-amz-json-1.0');
      try {
        response.end(JSON.stringify(answer(request, text === '' ? undefined : JSON.parse(text))));
      } catch (error) {
        response.writeHead(500).end(JSON.stringify({ message: String(error) }));
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
