// Rule of names: short enough that Pulumi's suffix still fits, and left to Pulumi where it can make them up.
import { type PolicyResource, type Rule } from './rule';

/** Characters that Pulumi adds to a logical name: a hyphen and seven hexadecimal digits. */
const SUFFIX_LENGTH = 8;

/**
 * Longest physical names, by AWS's API references, and the property that would set one by hand.
 */
export const NAME_LIMITS: Readonly<Record<string, { limit: number; property: string }>> = {
  'aws:lb/loadBalancer:LoadBalancer': { limit: 32, property: 'name' },
  'aws:lb/targetGroup:TargetGroup': { limit: 32, property: 'name' },
  'aws:iam/role:Role': { limit: 64, property: 'name' },
  'aws:lambda/function:Function': { limit: 64, property: 'name' },
  'aws:s3/bucket:Bucket': { limit: 63, property: 'bucket' },
  'aws:dynamodb/table:Table': { limit: 255, property: 'name' },
  'aws:wafv2/webAcl:WebAcl': { limit: 128, property: 'name' },
  'aws:cloudwatch/logDeliverySource:LogDeliverySource': { limit: 60, property: 'name' },
  'aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination': { limit: 60, property: 'name' },
  'aws:ecs/cluster:Cluster': { limit: 255, property: 'name' },
  'aws:sns/topic:Topic': { limit: 256, property: 'name' },
  'aws:secretsmanager/secret:Secret': { limit: 512, property: 'name' },
};

function faults({ type, name, inputs }: PolicyResource): string[] {
  const rule = NAME_LIMITS[type];
  if (rule === undefined) return [];
  const chosen = inputs[rule.property];
  // The engine shows a policy the name that Pulumi made up as if it had been chosen.
  const isMadeUp = typeof chosen !== 'string' || /-[0-9a-f]{7}$/.test(chosen);
  if (!isMadeUp) {
    return [
      `is always called ${chosen}, so it cannot be replaced, nor exist twice. Leave ${rule.property} out.`,
    ];
  }
  const room = rule.limit - SUFFIX_LENGTH;
  return name.length <= room
    ? []
    : [
        `has ${name.length} characters; with Pulumi's suffix AWS takes ${room} here. Choose a shorter logical name.`,
      ];
}

/** All rules of names. */
export const NAME_RULES: readonly Rule[] = [
  {
    name: 'names',
    description: 'Names are made up by Pulumi and fit the limits of AWS.',
    level: 'mandatory',
    types: Object.keys(NAME_LIMITS),
    check: (resources) =>
      resources.flatMap((resource) =>
        faults(resource).map((fault) => ({
          urn: resource.urn,
          message: `${resource.name}: ${fault}`,
        })),
      ),
  },
];
