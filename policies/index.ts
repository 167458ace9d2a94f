// The policy pack that `pulumi preview --policy-pack policies` runs.
import { PolicyPack } from '@pulumi/policy';

import { packPolicies } from './pack';
import { RULES } from './rules';

new PolicyPack('gatehouse', {
  description: 'What must hold of the platform, by the rules that the offline plan runs as well.',
  policies: packPolicies(RULES),
});
