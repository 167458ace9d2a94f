// A stand-in for the collector: takes everything, and tells on GET how many spans came since it was asked.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeOtlp } from '../local/otlp-protobuf';

interface Traces {
  resourceSpans?: { scopeSpans?: { spans?: unknown[] }[] }[];
}

/** Read when they are asked for: reading takes the processor from those that are measured. */
let bodies: { readonly json: boolean; readonly body: Buffer }[] = [];

function spansIn({ resourceSpans = [] }: Traces): number {
  return resourceSpans
    .flatMap(({ scopeSpans = [] }) => scopeSpans)
    .reduce((sum, { spans = [] }) => sum + spans.length, 0);
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks);
    const json = request.headers['content-type'] === 'application/json';
    if (request.url === '/v1/traces') bodies.push({ json, body });
    if (request.method !== 'GET') return void response.end();
    const traces = bodies.map((each) =>
      each.json ? (JSON.parse(each.body.toString()) as Traces) : decodeOtlp('traces', each.body),
    );
    response.end(JSON.stringify({ spans: traces.reduce((sum, each) => sum + spansIn(each), 0) }));
    bodies = [];
  });
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
