// Wires what everything else stands on: keys, topics, logs, tables, the origin secret, the certificate.
import * as aws from '@pulumi/aws';
import { GLOBAL_REGION } from '../contracts/aws-limits';
import { originSecretsOf } from '../contracts/origin-secret';
import type * as pulumi from '@pulumi/pulumi';
import { AlarmTopics } from './watch/alarm-topics';
import { Certificate } from './front/certificate';
import { NAME, type Context } from './context';
import { Data } from './data/data';
import type { EdgeDomain } from './front/distribution';
import { Functions } from './functions/functions';
import { dashboardNames, type DashboardNames } from './watch/dashboard-names';
import { LogBucket } from './watch/logs';
import { OriginSecret } from './data/origin-secret';
import { TelemetryKeys } from './watch/telemetry-keys';

/** The parts that outlive a change of compute. */
export interface Foundation {
  /** KMS keys of log groups and topics, by region. */
  readonly logKeyArns: Record<string, pulumi.Output<string>>;
  /** Topics of alarms, by region. */
  readonly topicArns: Record<string, pulumi.Output<string>>;
  /** Names and addresses of the dashboards, which alarms link to. */
  readonly dashboards: DashboardNames;
  readonly logs: LogBucket;
  readonly data: Data;
  /** What the workload runs besides its process. */
  readonly functions: Functions;
  readonly originSecret: OriginSecret;
  /** The own domain with its certificate in us-east-1, when there is one. */
  readonly domain: EdgeDomain | undefined;
  /** Certificate of the own domain in the home region. */
  readonly originCertificateArn: pulumi.Output<string> | undefined;
}

/** Makes them all. */
export function layFoundation(context: Context): Foundation {
  const { config, accountId, edgeRegions, opts } = context;
  const { workload, region, protect, logRetentionDays, replicaRegions, alarmEmail } = config;
  const adopt = { tables: config.adoptTables, keys: config.adoptKeys };
  const keys = new TelemetryKeys(
    NAME,
    { accountId, homeRegion: region, regions: edgeRegions, protect, adopt: adopt.keys },
    opts,
  );
  const topics = new AlarmTopics(
    NAME,
    {
      accountId,
      // An alarm speaks to topics of its own region, and there are none but in these two.
      regions: [region, GLOBAL_REGION],
      keyArns: keys.arns,
      ...(alarmEmail === undefined ? {} : { email: alarmEmail }),
    },
    opts,
  );
  const logs = new LogBucket(
    NAME,
    { accountId, retentionDays: logRetentionDays, forceDestroy: !protect },
    opts,
  );
  const data = new Data(
    NAME,
    { workload, accountId, protect, region, replicaRegions, adopt },
    opts,
  );
  const originSecret = new OriginSecret(
    NAME,
    {
      kmsKeyArn: data.tablesKey.arn,
      protect,
      secrets: originSecretsOf(config.originSecret, config.originSecretSent),
    },
    opts,
  );
  return {
    logKeyArns: keys.arns,
    topicArns: topics.arns,
    dashboards: dashboardNames(NAME, region),
    logs,
    data,
    functions: functionsOf(context, data, keys.arns[region]),
    originSecret,
    ...domainOf(config.domain, config.hostedZone, region, opts),
  };
}

function functionsOf(
  { config, stack, accountId, opts }: Context,
  data: Data,
  logKeyArn: pulumi.Output<string> | undefined,
): Functions {
  const { workload, source, region, logRetentionDays } = config;
  return new Functions(
    NAME,
    {
      ...{ workload, folder: source.folder, data, stack, accountId, region, logRetentionDays },
      ...(logKeyArn === undefined ? {} : { logKeyArn }),
    },
    opts,
  );
}

function domainOf(
  name: string | undefined,
  hostedZone: string | undefined,
  region: string,
  opts: pulumi.ComponentResourceOptions,
): Pick<Foundation, 'domain' | 'originCertificateArn'> {
  if (name === undefined || hostedZone === undefined) {
    return { domain: undefined, originCertificateArn: undefined };
  }
  const zoneId = zoneIdOf(hostedZone, opts);
  const { arns } = new Certificate(
    NAME,
    { domainName: name, zoneId, regions: [GLOBAL_REGION, region] },
    opts,
  );
  const [certificateArn, originCertificateArn] = [arns[GLOBAL_REGION], arns[region]];
  if (certificateArn === undefined) throw new Error(`No certificate in ${GLOBAL_REGION}.`);
  return { domain: { name, zoneId, certificateArn }, originCertificateArn };
}

function zoneIdOf(name: string, opts: pulumi.ComponentResourceOptions): pulumi.Output<string> {
  const [provider] = opts.providers as pulumi.ProviderResource[];
  return aws.route53.getZoneOutput({ name, privateZone: false }, { provider }).zoneId;
}
