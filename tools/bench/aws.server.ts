// A stand-in for DynamoDB and KMS that answers what the service's benchmarks ask for, after a delay.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a call takes within a region, in milliseconds. */
const DELAY_MS = 1;

const USER = {
  id: { S: '0b7e3f1c-6d7e-4d7a-9f43-0d8f2f6f2f11' },
  email: { S: 'ana@example.com' },
  name: { S: 'Ana Example' },
  createdAt: { S: '2026-11-01T00:00:00.000Z' },
  updatedAt: { S: '2026-11-01T00:00:00.000Z' },
  version: { N: '1' },
};

/** By the last part of the operation's name in `x-amz-target`. */
const ANSWERS: Readonly<Record<string, string | undefined>> = {
  GetItem: JSON.stringify({ Item: USER }),
  TransactWriteItems: '{}',
  Encrypt: JSON.stringify({
    CiphertextBlob: Buffer.alloc(200, 7).toString('base64'),
    KeyId: 'arn:aws:kms:us-east-1:123456789012:key/bench',
  }),
};

const server = createServer((request, response) => {
  const operation = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
  request.resume().on('end', () => {
    setTimeout(() => {
      const answer = ANSWERS[operation];
      response.writeHead(answer === undefined ? 400 : 200, {
        'content-type': 'application/x-amz-json-1.0',
        'x-amzn-requestid': '18BO1FEPJSSAOGNJEDPTPCMIU7VV4KQNSO5AEMVJF66Q9ASUAAJG',
      });
      response.end(answer ?? `{"__type":"ValidationException","message":"${operation}"}`);
    }, DELAY_MS);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
