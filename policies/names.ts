// Rule of names: short enough that Pulumi's suffix still fits, and left to Pulumi where it can make them up.
import { NAME_LIMITS, NAME_SUFFIX_LENGTH } from '../contracts/aws-limits';
import { ADOPTED_TAG } from '../contracts/tags';
import { at } from './inputs';
import { type PolicyResource, resourceRule, type Rule, unless } from './rule';

/** Types whose names Pulumi makes up, and the property that would set one by hand. */
const NAME_PROPERTIES: Readonly<Record<string, string>> = {
  'aws:lb/loadBalancer:LoadBalancer': 'name',
  'aws:lb/targetGroup:TargetGroup': 'name',
  'aws:iam/role:Role': 'name',
  'aws:lambda/function:Function': 'name',
  'aws:s3/bucket:Bucket': 'bucket',
  'aws:dynamodb/table:Table': 'name',
  'aws:wafv2/webAcl:WebAcl': 'name',
  'aws:cloudwatch/logDeliverySource:LogDeliverySource': 'name',
  'aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination': 'name',
  'aws:ecs/cluster:Cluster': 'name',
  'aws:sns/topic:Topic': 'name',
  'aws:secretsmanager/secret:Secret': 'name',
};

function faults({ type, name, inputs }: PolicyResource): string[] {
  const property = NAME_PROPERTIES[type] as string;
  const chosen = inputs[property];
  // The engine shows a policy the name that Pulumi made up as if it had been chosen.
  const isMadeUp = typeof chosen !== 'string' || /-[0-9a-f]{7}$/.test(chosen);
  // What was there before the stack keeps its name.
  const isAdopted = at(inputs, 'tags', ADOPTED_TAG) === 'true';
  // What else a project makes may be called as its owner likes.
  if (!isMadeUp && !isAdopted && name.startsWith('gh-')) {
    return [
      `is always called ${chosen}, so it cannot be replaced, nor exist twice. Leave ${property} out.`,
    ];
  }
  const room = (NAME_LIMITS[type] as number) - NAME_SUFFIX_LENGTH;
  return unless(
    name.length <= room,
    `has ${name.length} characters; with Pulumi's suffix AWS takes ${room} here. Choose a shorter logical name.`,
  );
}

/** All rules of names. */
export const NAME_RULES: readonly Rule[] = [
  resourceRule({
    name: 'names',
    description: 'Names are made up by Pulumi and fit the limits of AWS.',
    types: Object.keys(NAME_PROPERTIES),
    faults,
  }),
];
