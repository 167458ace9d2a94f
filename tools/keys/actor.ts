// Who acts, for the audit trail: the AWS principal where there is one, and the user and machine.
import { hostname, userInfo } from 'node:os';
import { AwsClient } from 'aws4fetch';
import type { Actor } from './audit';
import type { Target } from './target';

/** STS is asked once; an operator who must revoke a key does not wait for longer. */
const TIMEOUT_MS = 3000;

/** The operating system's user on this machine. */
export function localActor(): Actor {
  return { who: userInfo().username, from: hostname() };
}

/**
 * The caller's ARN as STS knows it. When STS can't be asked, the id of the access key stands in:
 * CloudTrail knows whose it is, and a revocation must not fail for want of a name.
 */
export async function actorOf({ keys, region, console }: Target): Promise<Actor> {
  const local = localActor();
  if (console !== undefined) {
    return local;
  }
  const from = `${local.who}@${local.from}`;
  const credentials = await keys.client.config.credentials();
  try {
    const sts = new AwsClient({ ...credentials, service: 'sts', region, retries: 0 });
    const url = new URL(stsAddress(region));
    url.search = 'Action=GetCallerIdentity&Version=2011-06-15';
    const response = await sts.fetch(url, {
      headers: { accept: 'application/json' },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const { GetCallerIdentityResponse: answer } = (await response.json()) as {
      GetCallerIdentityResponse: { GetCallerIdentityResult: { Arn: string } };
    };
    return { who: answer.GetCallerIdentityResult.Arn, from };
  } catch {
    return { who: `access key ${credentials.accessKeyId}`, from };
  }
}

/** The AWS SDK's own variables move STS, too. */
function stsAddress(region: string): string {
  const { AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL } = process.env;
  return AWS_ENDPOINT_URL_STS ?? AWS_ENDPOINT_URL ?? `https://sts.${region}.amazonaws.com/`;
}
