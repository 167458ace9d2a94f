// Sends a mail by Amazon SES, whose API is one signed POST.
import { AwsClient } from 'aws4fetch';
import type { Mail } from './check';

export interface MailerOptions {
  /** Sender: an identity that SES has verified in the region. */
  readonly from: string;
  readonly region: string;
  /** Credentials of the function. */
  readonly env: NodeJS.ProcessEnv;
  /** @default SES of the region */
  readonly endpoint?: string | undefined;
}

/** https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html */
const PATH = '/v2/email/outbound-emails';

/** @returns what sends; it rejects with what SES says. */
export function mailer({ from, region, env, endpoint }: MailerOptions) {
  const client = new AwsClient({
    accessKeyId: env.AWS_ACCESS_KEY_ID ?? '',
    secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? '',
    ...(env.AWS_SESSION_TOKEN === undefined ? {} : { sessionToken: env.AWS_SESSION_TOKEN }),
    service: 'ses',
    region,
    retries: 2,
  });
  const url = `${endpoint ?? `https://email.${region}.amazonaws.com`}${PATH}`;
  return async ({ to, subject, text }: Mail): Promise<void> => {
    const response = await client.fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        FromEmailAddress: from,
        Destination: { ToAddresses: [to] },
        Content: { Simple: { Subject: { Data: subject }, Body: { Text: { Data: text } } } },
      }),
    });
    if (!response.ok) throw new Error(`SES answered ${response.status}: ${await response.text()}`);
  };
}
