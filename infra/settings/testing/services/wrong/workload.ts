// A declaration with two problems.
import type { Workload } from '../../../../../contracts/workload';

export const workload: Workload = {
  name: 'Wrong',
  port: 80,
  health: '/healthz',
  errors: 'problem',
  scopes: {},
  rules: [{ methods: ['GET'], path: '/', access: 'public' }],
  tables: {},
  keys: {},
  environment: {},
  secrets: {},
  rights: () => [],
};
