// Keys of the edge benchmark: any number of them, each with the record that the store has of it.
import { BASE62, formatKey, hashKey, KEY_ID_LENGTH, SECRET_LENGTH } from '../../contracts/api-key';

const EXPIRES_AT = Math.floor(Date.now() / 1000) + 3600;

/** A different key for every number; the secret need not be random here. */
export function makeKey(n: number): string {
  let id = '';
  for (let rest = n; id.length < KEY_ID_LENGTH; rest = Math.floor(rest / 62)) {
    id += BASE62.charAt(rest % 62);
  }
  return keyOf(id);
}

function keyOf(id: string): string {
  return formatKey('bench', id, id.padEnd(SECRET_LENGTH, 'x'));
}

/** DynamoDB's answer for any key id: its record, as though all of them had been issued. */
export function answerFor(keyId: string): string {
  return JSON.stringify({
    Item: {
      keyId: { S: keyId },
      hash: { S: hashKey(keyOf(keyId)) },
      owner: { S: 'team@example.com' },
      scopes: { L: [{ S: 'users:read' }, { S: 'users:write' }] },
      status: { S: 'active' },
      expiresAt: { N: String(EXPIRES_AT) },
    },
  });
}

/** A viewer request as a browser's: fourteen headers. */
export function eventWith(key: string): unknown {
  const header = (name: string, value: string) => ({ [name]: [{ key: name, value }] });
  return {
    Records: [
      {
        cf: {
          config: { eventType: 'viewer-request', requestId: 'bench' },
          request: {
            clientIp: '203.0.113.178',
            method: 'GET',
            uri: '/users',
            querystring: 'page%5Bsize%5D=10',
            headers: {
              ...header('host', 'd111111abcdef8.cloudfront.net'),
              ...header('x-api-key', key),
              ...header('accept', 'application/vnd.api+json'),
              ...header('user-agent', 'bench/1.0'),
              ...Object.fromEntries(
                Array.from({ length: 10 }, (_, i) => [
                  `x-other-${i}`,
                  [{ key: `X-Other-${i}`, value: 'value' }],
                ]),
              ),
            },
          },
        },
      },
    ],
  };
}
