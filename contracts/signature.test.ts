// Signatures against aws4fetch, which serves all of AWS.
import { AwsV4Signer } from 'aws4fetch';
import fc from 'fast-check';
import { signedHeaders } from './signature';

describe('signedHeaders', () => {
  it('signs as aws4fetch does', async () => {
    const text = fc.string({ unit: fc.constantFrom(...'abcXYZ019/+='), minLength: 1 });
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          region: fc.constantFrom('eu-central-1', 'us-east-1'),
          service: fc.constantFrom('dynamodb', 'sts'),
          target: fc.constantFrom('DynamoDB_20120810.GetItem', 'A.B'),
          body: fc.string({ unit: 'binary' }).map((body) => JSON.stringify({ body })),
          time: fc.integer({ min: 0, max: 4e12 }),
        }),
        fc.record({
          accessKeyId: text,
          secretAccessKey: text,
          sessionToken: fc.option(text, { nil: undefined }),
        }),
        async (request, credentials) => {
          const host = `${request.service}.${request.region}.amazonaws.com`;
          const ours = signedHeaders({ ...request, host }, credentials);
          const theirs = await new AwsV4Signer({
            url: `https://${host}/`,
            method: 'POST',
            headers: {
              'content-type': 'application/x-amz-json-1.0',
              'x-amz-target': request.target,
            },
            body: request.body,
            ...credentials,
            service: request.service,
            region: request.region,
            datetime: ours['x-amz-date'],
            allHeaders: true,
          }).sign();
          expect(ours).toEqual(Object.fromEntries(theirs.headers));
        },
      ),
      { numRuns: 50 },
    );
  });
});
