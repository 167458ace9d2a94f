// Rules of the edge function: what Lambda@Edge does not have.
import { GLOBAL_REGION } from '../contracts/aws-limits';
import { list, textOf } from './inputs';
import { type PolicyResource, type Rule, unless } from './rule';

const FUNCTION = 'aws:lambda/function:Function';

/** The functions that a distribution runs: those whose role CloudFront's replicator may assume. */
function edgeFunctions(resources: readonly PolicyResource[]): PolicyResource[] {
  return resources.filter(({ type, name }) => type === FUNCTION && /-edge-fn$/.test(name));
}

const edgeFunctionFits: Rule = {
  name: 'edge-function-fits',
  description: 'The edge function asks for nothing that Lambda@Edge does not have.',
  level: 'mandatory',
  types: [FUNCTION],
  check: (resources) =>
    edgeFunctions(resources).flatMap(({ urn, name, inputs }) =>
      [
        ...unless(
          inputs.region === GLOBAL_REGION,
          `is in ${textOf(inputs.region) ?? 'the home region'}. Set region to "${GLOBAL_REGION}".`,
        ),
        ...unless(
          inputs.environment === undefined,
          'has environment variables, which the edge has not. Make them constants of the bundle.',
        ),
        ...[
          'vpcConfig',
          'layers',
          'deadLetterConfig',
          'tracingConfig',
          'reservedConcurrentExecutions',
        ]
          .filter((key) => inputs[key] !== undefined)
          .map((key) => `has ${key}, which the edge has not. Leave it out.`),
        ...unless(
          list(inputs.architectures).every((architecture) => architecture === 'x86_64'),
          'is not for x86_64, all that the edge has. Set architectures to ["x86_64"].',
        ),
        ...unless(inputs.publish === true, 'has no version to replicate. Set publish.'),
        ...unless(
          inputs.skipDestroy === true,
          'would block destroy for hours while its replicas exist. Set skipDestroy.',
        ),
        ...unless(Number(inputs.timeout ?? 3) <= 5, 'may run longer than 5 s. Set timeout to 5.'),
        ...unless(
          Number(inputs.memorySize ?? 128) <= 128,
          'has more memory than the 128 MB of a viewer request. Set memorySize to 128.',
        ),
      ].map((fault) => ({ urn, message: `${name}: ${fault}` })),
    ),
};

/** All rules of the edge function. */
export const EDGE_FUNCTION_RULES: readonly Rule[] = [edgeFunctionFits];
