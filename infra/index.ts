// The platform: configuration in, components wired, outputs out.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { readConfig } from './config';
import { Data } from './data';

/** Short, because load balancers and target groups have 32 characters with Pulumi's suffix. */
const NAME = 'gh';

/** The Pulumi program; the CLI and the recorder call it once a stack. */
async function gatehouse(): Promise<Record<string, unknown>> {
  const config = readConfig();
  const provider = new aws.Provider('aws', {
    region: config.region as aws.Region,
    ...(config.profile === undefined ? {} : { profile: config.profile }),
    defaultTags: { tags: { 'gatehouse:stack': pulumi.getStack() } },
  });
  const opts = { providers: [provider] };
  const { accountId } = await aws.getCallerIdentity({}, { provider });

  const data = new Data(
    NAME,
    {
      accountId,
      protect: config.protect,
      region: config.region,
      replicaRegions: config.replicaRegions,
    },
    opts,
  );

  return {
    region: config.region,
    usersTable: data.usersTable.name,
    keysTable: data.keysTable.name,
  };
}

export = gatehouse;
