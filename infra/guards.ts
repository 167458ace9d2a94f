// Guards that see every resource before the engine does: what AWS would refuse late fails the plan.
// They are stack transforms, so they run in `pulumi preview` and `up` without the policy pack too.
import * as pulumi from '@pulumi/pulumi';
import { GLOBAL_REGION, NAME_LIMITS, NAME_SUFFIX_LENGTH } from '../contracts/aws-limits';

/**
 * A stack transform that changes nothing and refuses a logical name which, with Pulumi's suffix,
 * AWS would refuse: that shows at `up` only, when half of the stack exists.
 */
export function guardNames({ type, name }: pulumi.ResourceTransformArgs): undefined {
  const limit = NAME_LIMITS[type];
  if (limit === undefined || name.length + NAME_SUFFIX_LENGTH <= limit) return undefined;
  throw new pulumi.RunError(
    `${type} "${name}" would get a name of ${name.length + NAME_SUFFIX_LENGTH} characters with Pulumi's ` +
      `suffix, and AWS takes ${limit}: shorten the logical name to ${limit - NAME_SUFFIX_LENGTH}.`,
  );
}

/**
 * A stack transform that changes nothing and refuses what CloudFront takes from us-east-1 only, and
 * what Lambda@Edge does not take at all. AWS says so when the distribution is made, which is last.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-functions-restrictions.html
 */
export function guardEdge({ type, name, props }: pulumi.ResourceTransformArgs): undefined {
  const inputs = props as Record<string, unknown>;
  const problem = (EDGE_CHECKS[type] ?? (() => undefined))(inputs);
  if (problem === undefined) return undefined;
  throw new pulumi.RunError(`${type} "${name}" ${problem}`);
}

type EdgeCheck = (inputs: Record<string, unknown>) => string | undefined;

const EDGE_CHECKS: Record<string, EdgeCheck | undefined> = {
  'aws:wafv2/webAcl:WebAcl': globalScope,
  'aws:wafv2/ipSet:IpSet': globalScope,
  'aws:cloudfront/distribution:Distribution': globalArns,
  'aws:lambda/function:Function': edgeFunction,
};

function globalScope({ scope, region }: Record<string, unknown>): string | undefined {
  if (scope !== 'CLOUDFRONT' || region === GLOBAL_REGION) return undefined;
  return `has the scope CLOUDFRONT outside ${GLOBAL_REGION}: set region: '${GLOBAL_REGION}'.`;
}

function globalArns(inputs: Record<string, unknown>): string | undefined {
  const arns = textsIn(inputs).filter((text) => /^arn:aws:(acm|wafv2|lambda):/.test(text));
  const elsewhere = arns.find((arn) => arn.split(':')[3] !== GLOBAL_REGION);
  if (elsewhere !== undefined) {
    return `uses ${elsewhere}: certificate, web ACL and edge function must be in ${GLOBAL_REGION}.`;
  }
  const unversioned = arns.find((arn) => arn.includes(':lambda:') && !/:\d+$/.test(arn));
  if (unversioned === undefined) return undefined;
  return `uses ${unversioned}: Lambda@Edge needs a version; use qualifiedArn.`;
}

/** All texts that are known. Outputs (not known yet, or secret) pass: what makes them is guarded. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (value === null || typeof value !== 'object' || pulumi.Output.isInstance(value)) return [];
  return Object.values(value).flatMap(textsIn);
}

/** A function that outlives `destroy` is one that CloudFront replicates. */
function edgeFunction(inputs: Record<string, unknown>): string | undefined {
  if (inputs.skipDestroy !== true) return undefined;
  if (inputs.region !== GLOBAL_REGION) {
    return `is an edge function outside ${GLOBAL_REGION}: set region: '${GLOBAL_REGION}'.`;
  }
  const refused = ['environment', 'vpcConfig', 'layers', 'deadLetterConfig', 'kmsKeyArn'].find(
    (property) => inputs[property] !== undefined,
  );
  if (refused === undefined) return undefined;
  return `is an edge function with ${refused}, which Lambda@Edge does not take: remove it.`;
}
