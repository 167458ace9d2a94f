// Fuzzes workload files: either a workload whose rights can be bound, or every problem in a sentence.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { readWorkloadFile } from '../../contracts/workload-file';
import { PROJECT_DIRECTORY } from '../../recorder/stack-file';
import { fuzzer, mutations, require, type Target } from './target';

const RESOURCES = {
  ...{ stack: 'dev', region: 'eu-central-1', accountId: '123456789012', environment: {} },
};
const FULL = `name: orders
scopes: { "orders:read": Read orders. }
rules:
  - { methods: [GET, HEAD], path: /status, access: public }
  - { methods: [GET], path: /openapi.json, access: any-key }
  - { methods: [GET], path: /orders/**, scope: "orders:read" }
secrets: { PAYMENT_KEY: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:payment-AbCdEf" }
tables:
  orders: { partitionKey: { id: S }, indexes: { by-day: { partitionKey: { day: S } } } }
keys: { cards: { purpose: numbers of cards } }
rights:
  - { table: orders, actions: [GetItem, PutItem, Query] }
  - { key: cards, actions: [Encrypt] }
local: { command: [python3, app.py] }
`;
const TEXTS = [FULL, readFileSync(join(PROJECT_DIRECTORY, 'examples/orders/orders.yaml'), 'utf8')];
const TOKENS = [
  ...[
    'name',
    'port',
    'health',
    'errors',
    'scopes',
    'rules',
    'environment',
    'secrets',
    'tables',
    'keys',
  ],
  ...[
    'rights',
    'local',
    'methods',
    'path',
    'access',
    'scope',
    'actions',
    'conditions',
    'indexes',
    'ttl',
  ],
  ...[
    '{',
    '}',
    '[',
    ']',
    ': ',
    ', ',
    '- ',
    '\n',
    '\n  ',
    '&a ',
    '*a',
    '<<: ',
    '!!set ',
    '? ',
    '# ',
    '|',
  ],
  ...[
    'null',
    'true',
    '0',
    '-1',
    '65536',
    '1e9',
    '""',
    '__proto__',
    'constructor',
    'toString',
    '/**',
    '/*',
  ],
  ...['orders', 'GET', 'S', 'B', 'public', 'orders:read', '%2e', '..', '*', '[]', '{}', '\u0000'],
];
const structure = fc
  .dictionary(
    fc.constantFrom(
      ...['name', 'scopes', 'rules', 'tables', 'keys', 'rights', 'local', 'secrets', 'port'],
    ),
    fc.jsonValue({ maxDepth: 4 }),
  )
  .map((value) => stringify(value));

export const workload: Target = {
  name: 'workload',
  about: 'workload files, at their reader',
  open: () => {
    const check = (text: string) => {
      const reading = readWorkloadFile(text);
      if ('problems' in reading) {
        require(reading.problems.length > 0, 'neither a workload nor a problem');
        for (const problem of reading.problems) {
          require(/[.!?)]$/.test(problem), `a problem that is no sentence: ${problem}`);
          require(!/undefined|\[object/.test(
            problem.replaceAll(/"[^"]*"/g, ''),
          ), `a problem: ${problem}`);
        }
        return;
      }
      const { tables, keys, rights } = reading.workload;
      const arns = (names: object) =>
        Object.fromEntries(Object.keys(names).map((name) => [name, `arn:aws:x:::${name}`]));
      for (const statement of rights({ ...RESOURCES, tables: arns(tables), keys: arns(keys) })) {
        require([statement.Resource].flat().length > 0, 'a right to nothing');
      }
    };
    return Promise.resolve(fuzzer(fc.oneof(mutations(TEXTS, TOKENS), structure), check));
  },
};
