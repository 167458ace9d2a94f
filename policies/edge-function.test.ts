// Holds the rules of the edge function to passing and failing cases.
import { EDGE_FUNCTION_RULES } from './edge-function';
import { holdRules, resource } from './testing/cases';

const goodFunction = {
  region: 'us-east-1',
  architectures: ['x86_64'],
  publish: true,
  skipDestroy: true,
  timeout: 5,
  memorySize: 128,
};
const edgeFunction = (inputs: object = {}, name = 'gh-edge-fn') =>
  resource('aws:lambda/function:Function', { ...goodFunction, ...inputs }, { name });

describe('EDGE_FUNCTION_RULES', () => {
  holdRules(EDGE_FUNCTION_RULES, {
    'edge-function-fits': {
      passes: {
        'a function for the edge': [edgeFunction()],
        'one that leaves the defaults': [
          edgeFunction({ timeout: undefined, memorySize: undefined }),
        ],
        'a function elsewhere': [edgeFunction({ region: undefined, environment: {} }, 'gh-fn')],
      },
      fails: {
        'another region': [[edgeFunction({ region: 'eu-central-1' })], 'is in eu-central-1'],
        'the home region': [[edgeFunction({ region: undefined })], 'is in the home region'],
        'environment variables': [
          [edgeFunction({ environment: { variables: { A: '1' } } })],
          'environment variables',
        ],
        'a VPC': [[edgeFunction({ vpcConfig: {} })], 'has vpcConfig'],
        ARM: [[edgeFunction({ architectures: ['arm64'] })], 'x86_64'],
        'no version': [[edgeFunction({ publish: false })], 'no version to replicate'],
        'deletion with the stack': [[edgeFunction({ skipDestroy: false })], 'block destroy'],
        'too much time': [[edgeFunction({ timeout: 30 })], 'longer than 5 s'],
        'too much memory': [[edgeFunction({ memorySize: 256 })], '128 MB'],
      },
    },
  });
});
