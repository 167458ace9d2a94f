// Mails to a server of SES's protocol: what is sent, signed by whom, and what a refusal says.
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { mailer } from './mail';

const MAIL = { to: 'ada@example.com', subject: 'Ends', text: 'Soon.' };
const ENV = { AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'secret' };

interface Seen {
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

/** Sends to a server that answers with `status`, and returns what it saw. */
async function send(env: NodeJS.ProcessEnv, status: number): Promise<Seen[]> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { url, headers } = request;
      seen.push({ url, headers, body: JSON.parse(body) });
      response.writeHead(status).end('{"message":"Email address is not verified."}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    await mailer({ from: 'keys@example.com', region: 'eu-central-1', env, endpoint })(MAIL);
  } finally {
    server.closeAllConnections();
    server.close();
  }
  return seen;
}

describe('mailer', () => {
  it.each([
    [ENV, undefined],
    [{ ...ENV, AWS_SESSION_TOKEN: 'token' }, 'token'],
  ])('sends a signed request', async (env, token) => {
    const [request, ...more] = await send(env, 200);
    expect(more).toEqual([]);
    expect([request?.url, request?.body]).toEqual([
      '/v2/email/outbound-emails',
      {
        FromEmailAddress: 'keys@example.com',
        Destination: { ToAddresses: ['ada@example.com'] },
        Content: { Simple: { Subject: { Data: 'Ends' }, Body: { Text: { Data: 'Soon.' } } } },
      },
    ]);
    const { authorization, 'x-amz-security-token': session } = request?.headers ?? {};
    expect(authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKID\/\d{8}\/eu-central-1\/ses\/aws4_request, /,
    );
    expect(session).toBe(token);
  });

  it('rejects with what SES says', async () => {
    await expect(send(ENV, 400)).rejects.toThrow(/^SES answered 400: .*not verified/);
  });
});
