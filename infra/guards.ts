// Guards that see every resource before the engine does: what AWS would refuse late fails the plan.
import * as pulumi from '@pulumi/pulumi';

/** Eight characters: a dash and seven hexadecimal digits that Pulumi appends to a logical name. */
const SUFFIX_LENGTH = 8;

/** Longest physical names, from the API references of the services. */
const NAME_LIMITS: Record<string, number | undefined> = {
  'aws:lb/loadBalancer:LoadBalancer': 32,
  'aws:lb/targetGroup:TargetGroup': 32,
  'aws:iam/role:Role': 64,
  'aws:iam/rolePolicy:RolePolicy': 128,
  'aws:lambda/function:Function': 64,
  'aws:s3/bucket:Bucket': 63,
  'aws:ec2/securityGroup:SecurityGroup': 255,
  'aws:ecs/service:Service': 255,
  'aws:ecs/cluster:Cluster': 255,
  'aws:dynamodb/table:Table': 255,
  'aws:sns/topic:Topic': 256,
  'aws:wafv2/webAcl:WebAcl': 128,
  'aws:wafv2/ipSet:IpSet': 128,
  'aws:cloudwatch/metricAlarm:MetricAlarm': 255,
  'aws:cloudwatch/logGroup:LogGroup': 512,
  'aws:cloudwatch/logDeliverySource:LogDeliverySource': 60,
  'aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination': 60,
  'aws:ecr/repository:Repository': 256,
};

/**
 * A stack transform that changes nothing and refuses a logical name which, with Pulumi's suffix,
 * AWS would refuse: that shows at `up` only, when half of the stack exists.
 */
export function guardNames({ type, name }: pulumi.ResourceTransformArgs): undefined {
  const limit = NAME_LIMITS[type];
  if (limit === undefined || name.length + SUFFIX_LENGTH <= limit) return undefined;
  throw new pulumi.RunError(
    `${type} "${name}" would get a name of ${name.length + SUFFIX_LENGTH} characters with Pulumi's ` +
      `suffix, and AWS takes ${limit}: shorten the logical name to ${limit - SUFFIX_LENGTH}.`,
  );
}
