// How the AWS SDK of any language reaches the endpoint on this machine, and what it signs with.

/** The endpoint wants to see a signature and does not check it: any id and secret will do. */
const ACCESS = { accessKeyId: 'local', secretAccessKey: 'local' };

/** Where the endpoint is, and in which region it pretends to be. */
export interface LocalAws {
  url: string;
  region: string;
}

/** Configuration of a client of the AWS SDK for JavaScript. */
export function clientOf({ url, region }: LocalAws) {
  return { endpoint: url, region, credentials: ACCESS };
}

/** The same by environment, as every SDK reads it: what Fargate and a role would provide. */
export function environmentOf({ url, region }: LocalAws): Record<string, string> {
  return {
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: ACCESS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: ACCESS.secretAccessKey,
    // There is no instance to ask, and asking takes seconds.
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}
