// Rules of what must outlive a mistake: the protections of Pulumi and of AWS agree.
import { resourceRule, type Rule, unless } from './rule';

/** Types that hold what cannot be made again, and the input that protects them on AWS, if any. */
const STATEFUL: Readonly<Record<string, string | undefined>> = {
  'aws:dynamodb/table:Table': 'deletionProtectionEnabled',
  'aws:lb/loadBalancer:LoadBalancer': 'enableDeletionProtection',
  'aws:kms/key:Key': undefined,
};

const protectionsAgree = resourceRule({
  name: 'protections-agree',
  description:
    'What AWS protects from deletion, Pulumi protects as well: else a replacement fails half-way.',
  types: Object.keys(STATEFUL),
  faults: ({ type, inputs, options }) => {
    const property = STATEFUL[type];
    if (property === undefined) return [];
    const byAws = inputs[property] === true;
    const byPulumi = options?.protect === true;
    return unless(
      byAws === byPulumi,
      `is protected by ${byAws ? `AWS (${property}) and not by Pulumi (protect)` : `Pulumi (protect) and not by AWS (${property})`}. Set both, or neither.`,
    );
  },
});

const statefulIsProtected = resourceRule({
  name: 'stateful-protected',
  description:
    'Tables and their keys survive a `destroy` by mistake; a throw-away stack may differ.',
  level: 'advisory',
  types: ['aws:dynamodb/table:Table', 'aws:kms/key:Key'],
  faults: ({ options }) =>
    unless(
      options?.protect === true,
      'is deleted with the stack. Set gatehouse:protect to true where the data matters.',
    ),
});

/** All rules of what must outlive a mistake. */
export const STATEFUL_RULES: readonly Rule[] = [protectionsAgree, statefulIsProtected];
