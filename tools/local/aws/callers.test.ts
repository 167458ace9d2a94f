import { request } from 'node:http';
import { startAwsEndpoint } from './endpoint';
import type { AwsEndpoint } from './endpoint';

describe('who may call', () => {
  let endpoint: AwsEndpoint;
  beforeAll(async () => {
    endpoint = await startAwsEndpoint();
  });
  afterAll(() => endpoint.close());

  const ask = (headers: Record<string, string>) =>
    new Promise<number | undefined>((resolve, reject) => {
      const signed = {
        authorization: 'AWS4-HMAC-SHA256 any',
        'x-amz-target': 'DynamoDB_20120810.ListTables',
      };
      request(endpoint.url, { method: 'POST', headers: { ...signed, ...headers } }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode));
      })
        .on('error', reject)
        .end('{}');
    });

  it.each([
    [{}, 200],
    [{ host: 'localhost:4566' }, 200],
    [{ host: 'dynamodb.eu-central-1.amazonaws.com' }, 200],
    [{ host: 'evil.example' }, 403],
    [{ host: 'dynamodb.eu-central-1.amazonaws.com.evil.example' }, 403],
    [{ origin: 'https://evil.example' }, 403],
  ])('answers a request with %j by %i', async (headers, status) => {
    expect(await ask(headers as Record<string, string>)).toBe(status);
  });
});
