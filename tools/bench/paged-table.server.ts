// A stand-in for DynamoDB's Scan, for the export benchmark alone: any number of users, a delay a page.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const USERS = Number(process.env['BENCH_USERS'] ?? 200_000);
const DELAY_MS = Number(process.env['BENCH_PAGE_DELAY_MS'] ?? 5);

interface Scan {
  Limit: number;
  Segment?: number;
  TotalSegments?: number;
  ExclusiveStartKey?: { id: { S: string } };
}

function user(number: number) {
  const id = `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
  return {
    id: { S: id },
    email: { S: `user${number}@example.com` },
    name: { S: `User Number ${number}` },
    createdAt: { S: '2026-11-01T00:00:00.000Z' },
    updatedAt: { S: '2026-11-01T00:00:00.000Z' },
    version: { N: '1' },
  };
}

/** One page of a segment: users whose number is the segment's, modulo the number of segments. */
function scan({ Limit, Segment = 0, TotalSegments = 1, ExclusiveStartKey }: Scan): string {
  const after =
    ExclusiveStartKey === undefined ? undefined : Number(ExclusiveStartKey.id.S.slice(-12));
  const Items = [];
  let number = after === undefined ? Segment : after + TotalSegments;
  for (; number < USERS && Items.length < Limit; number += TotalSegments) Items.push(user(number));
  const last = Items.at(-1);
  const LastEvaluatedKey =
    number < USERS && last !== undefined ? { id: last.id, email: last.email } : undefined;
  return JSON.stringify({
    Items,
    Count: Items.length,
    ScannedCount: Items.length,
    LastEvaluatedKey,
  });
}

const server = createServer((request, response) => {
  let text = '';
  request.on('data', (chunk: Buffer) => (text += chunk.toString()));
  request.on('end', () => {
    const body = scan(JSON.parse(text) as Scan);
    setTimeout(() => {
      response.setHeader('content-type', 'application/x-amz-json-1.0');
      response.end(body);
    }, DELAY_MS);
  });
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
