// The users directory as the platform knows it: who may call what, and what it needs of AWS.
import type { Workload } from '../contracts/workload';
import { keyKeeperRights, userRights } from './src/users/rights';
import { CREDENTIALS_TABLE, USERS_TABLE } from './src/users/table';

const { emailIndex } = USERS_TABLE;

export const workload: Workload = {
  name: 'users',
  port: 8080,
  health: '/healthz',
  errors: 'json-api',
  scopes: {
    'users:read': 'Read, list and export users; never their credentials.',
    'users:write': 'Create, change and delete users.',
  },
  rules: [
    // What describes the API holds no user: any key may read it.
    { methods: ['GET', 'HEAD', 'OPTIONS'], path: '/openapi.json', access: 'any-key' },
    { methods: ['GET', 'HEAD', 'OPTIONS'], path: '/docs', access: 'any-key' },
    { methods: ['GET', 'HEAD', 'OPTIONS'], path: '/users/**', scope: 'users:read' },
    { methods: ['POST', 'PATCH', 'PUT', 'DELETE'], path: '/users/**', scope: 'users:write' },
  ],
  tables: {
    users: {
      partitionKey: { [USERS_TABLE.partitionKey]: 'S' },
      indexes: {
        [emailIndex.name]: {
          partitionKey: { [emailIndex.partitionKey]: 'S' },
          attributes: emailIndex.projectedAttributes,
        },
      },
      ttl: USERS_TABLE.ttlAttribute,
      readable: USERS_TABLE.attributes,
    },
    credentials: {
      partitionKey: { [CREDENTIALS_TABLE.partitionKey]: 'S' },
      writeOnly: true,
    },
  },
  keys: { credentials: { purpose: 'credentials of users', sealed: true } },
  functions: {
    'key-keeper': {
      purpose: "Makes users' own keys and schedules their end",
      entry: 'src/key-keeper.ts',
      when: { CREDENTIAL_KEYS: 'per-user' },
      rights: keyKeeperRights,
    },
  },
  environment: {},
  secrets: {},
  rights: userRights,
};
