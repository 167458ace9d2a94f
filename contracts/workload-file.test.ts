// Tests of the reader of workload files: the documented form, every mistake by line, no crash ever; long because each mistake has its case.
import fc from 'fast-check';
import { stringify } from 'yaml';
import type { WorkloadResources } from './workload';
import { readWorkloadFile } from './workload-file';

/** The example of the documentation, to the letter. */
const ORDERS = `name: orders
port: 9000                      # default 8080
health: /healthz                # answers 200 while alive
errors: problem                 # or json-api: the form of the edge's own errors
scopes:
  orders:read: Read orders.
  orders:write: Change orders.
rules:                          # in order, the first that fits; what none names is denied
  - { methods: [GET, HEAD], path: /status, access: public }
  - { methods: [GET], path: /openapi.json, access: any-key }
  - { methods: [GET, HEAD], path: /orders/**, scope: orders:read }
  - { methods: [POST, PATCH, DELETE], path: /orders/**, scope: orders:write }
environment: { GREETING: hello }
secrets: { PAYMENT_KEY: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:payment-AbCdEf" }
tables:
  orders: { partitionKey: { id: S }, indexes: { by-day: { partitionKey: { day: S } } } }
rights:
  - { table: orders, actions: [GetItem, PutItem, Query] }
local:
  command: [python3, app.py]    # started in the file's folder; a secret is made up unless LOCAL_<NAME> is set
`;

const SMALLEST = 'name: tiny\nrules: [{ methods: [GET], path: /**, access: any-key }]\n';

const RESOURCES: WorkloadResources = {
  stack: 'dev',
  region: 'eu-central-1',
  accountId: '123456789012',
  tables: { orders: 'arn:aws:dynamodb:eu-central-1:123456789012:table/orders' },
  keys: { seals: 'arn:aws:kms:eu-central-1:123456789012:key/1' },
  environment: {},
};

function workload(source: string) {
  const reading = readWorkloadFile(source);
  if ('problems' in reading) throw new Error(reading.problems.join('\n'));
  return reading.workload;
}

function problems(source: string): readonly string[] {
  const reading = readWorkloadFile(source);
  return 'problems' in reading ? reading.problems : [];
}

describe('readWorkloadFile', () => {
  it('reads the documented example', () => {
    const { rights, ...rest } = workload(ORDERS);
    expect(rest).toEqual({
      name: 'orders',
      port: 9000,
      health: '/healthz',
      errors: 'problem',
      scopes: { 'orders:read': 'Read orders.', 'orders:write': 'Change orders.' },
      rules: [
        { methods: ['GET', 'HEAD'], path: '/status', access: 'public' },
        { methods: ['GET'], path: '/openapi.json', access: 'any-key' },
        { methods: ['GET', 'HEAD'], path: '/orders/**', scope: 'orders:read' },
        { methods: ['POST', 'PATCH', 'DELETE'], path: '/orders/**', scope: 'orders:write' },
      ],
      environment: { GREETING: 'hello' },
      secrets: {
        PAYMENT_KEY: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:payment-AbCdEf',
      },
      tables: {
        orders: {
          partitionKey: { id: 'S' },
          indexes: { 'by-day': { partitionKey: { day: 'S' } } },
        },
      },
      keys: {},
      local: { command: ['python3', 'app.py'] },
    });
    expect(rights(RESOURCES)).toEqual([
      {
        Sid: 'WorkloadRight1',
        Effect: 'Allow',
        Action: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'],
        Resource: [RESOURCES.tables.orders, `${RESOURCES.tables.orders}/index/*`],
      },
    ]);
  });

  it('fills in what may be left out', () => {
    expect(workload(SMALLEST)).toEqual({
      name: 'tiny',
      port: 8080,
      health: '/healthz',
      errors: 'problem',
      scopes: {},
      rules: [{ methods: ['GET'], path: '/**', access: 'any-key' }],
      tables: {},
      keys: {},
      environment: {},
      secrets: {},
      rights: expect.any(Function) as unknown,
    });
  });

  it('lets nothing read a table that is written only', () => {
    const text = (actions: string) => `${SMALLEST}
tables: { seals: { partitionKey: { id: S }, writeOnly: true } }
rights:
  - { table: seals, actions: [${actions}] }
`;
    expect(workload(text('PutItem, BatchWriteItem')).tables).toMatchObject({
      seals: { writeOnly: true },
    });
    expect(problems(text('PutItem, GetItem'))).toEqual([
      'line 6: rights[0].actions[1] is "GetItem", which a writeOnly table does not take: BatchWriteItem, DeleteItem, DescribeTable, PutItem, UpdateItem.',
    ]);
  });

  it('makes statements of rights on keys, and of IAM’s own', () => {
    const { rights } = workload(`${SMALLEST}
keys: { seals: { purpose: seals of orders } }
rights:
  - { key: seals, actions: [Encrypt, GenerateDataKey] }
  - actions: [s3:GetObject]
    resources: ['arn:aws:s3:::orders/*']
    conditions: { StringEquals: { 'aws:PrincipalTag/team': [orders] } }
`);
    expect(rights(RESOURCES)).toEqual([
      {
        Sid: 'WorkloadRight1',
        Effect: 'Allow',
        Action: ['kms:Encrypt', 'kms:GenerateDataKey'],
        Resource: [RESOURCES.keys.seals],
      },
      {
        Sid: 'WorkloadRight2',
        Effect: 'Allow',
        Action: ['s3:GetObject'],
        Resource: ['arn:aws:s3:::orders/*'],
        Condition: { StringEquals: { 'aws:PrincipalTag/team': ['orders'] } },
      },
    ]);
    expect(() => rights({ ...RESOURCES, keys: {} })).toThrow('The platform made no seals');
  });

  it('names every problem at once, each with its line and what was expected', () => {
    expect(
      problems(`name: Orders
prot: 9000
health: healthz
scopes:
  orders:read: Read orders.
  ORDERS: x
rules:
  - { methods: [GTE], path: /orders/**, scope: orders:read }
  - { methods: [GET], path: /x, acess: public }
  - methods: []
    path: /y
    scope: 7
environment:
  GREETING: 5
  PORT: '1'
tables:
  orders: { partitionKey: { id: S, day: S } }
  keys: { partitionKey: { id: S } }
rights:
  - { table: oders, actions: [GetItm] }
  - actions: ['s3:*']
    resources: ['*']
  - { actions: [GetItem] }
  - { key: seals, actions: [kms:Encrypt], resources: [x] }
local: { command: python3 app.py }
`),
    ).toEqual([
      'line 1: name is "Orders", expected up to 32 lower-case letters, digits and single dashes, a letter first.',
      'line 2: "prot" is not known here. Did you mean port?',
      'line 3: health is "healthz", expected a path of letters, digits, "-", "_", "." and "~", such as /healthz.',
      'line 6: scopes has the name "ORDERS", expected up to 64 lower-case letters and digits with ":", ".", "_" or "-" between them, such as orders:read.',
      'line 8: rules[0].methods[0] is "GTE", expected one of GET, HEAD, OPTIONS, POST, PATCH, PUT, DELETE.',
      'line 9: rules[1]: "acess" is not known here. Did you mean access?',
      'line 10: rules[2].methods is [], expected a method at least.',
      'line 12: rules[2].scope is 7, expected a scope.',
      'line 14: environment.GREETING is 5, expected a text; write a number or true in quotes.',
      'line 17: tables.orders.partitionKey is {"id":"S","day":"S"}, expected exactly one attribute and its type, such as { id: S }.',
      'line 23: rights[2] is {"actions":["GetItem"]}, expected one of table, key and resources.',
      'line 24: rights[3].resources[0] is "x", expected an ARN.',
      expect.stringMatching(
        /^line 24: rights\[3\] is .* expected one of table, key and resources\.$/,
      ),
      'line 25: local.command is "python3 app.py", expected a list: a program and its arguments.',
    ]);
  });

  it('looks at the meaning of the parts that have the right form', () => {
    expect(
      problems(`name: Orders
port: 4318
scopes: { orders:read: Read orders. }
rules:
  - { methods: [GET], path: /orders/**, scope: order:read }
  - { methods: [GET], path: orders, access: public }
environment: { PORT: '1', aws_region: x, ORDERS_TABLE: x, SEALS_KEY_ARN: x, BOTH: x }
secrets:
  BOTH: arn:aws:ssm:eu-central-1:123456789012:parameter/both
  OTEL_HEADERS: arn:aws:ssm:eu-central-1:123456789012:parameter/x
tables:
  orders:
    partitionKey: { id: S }
    sortKey: { id: S }
    indexes: { by-id: { partitionKey: { id: N }, sortKey: { id: N } } }
  tables: { partitionKey: { id: S } }
keys:
  seals: { purpose: seals }
  tables-eu-west-1: { purpose: x }
rights:
  - { table: oders, actions: [GetItm, 'dynamodb:GetItem'] }
  - { table: orders, actions: [DeleteTable] }
  - { key: seal, actions: [Encrypt] }
  - { actions: ['s3:*', GetObject], resources: ['*'] }
`),
    ).toEqual([
      expect.stringMatching(/^line 1: name is "Orders"/),
      'line 2: port is 4318, which the telemetry collector uses: choose another.',
      'line 5: rules: rule 1 (GET /orders/**) asks for the scope "order:read", which is not declared.',
      expect.stringMatching(
        /^line 6: rules: rule 2 \(GET orders\) has no path that can be matched/,
      ),
      'line 7: environment.PORT is set by the platform: remove it, or choose another name.',
      'line 7: environment.aws_region is set by the platform: remove it, or choose another name.',
      'line 7: environment.ORDERS_TABLE is set already, for the table orders: remove it.',
      'line 7: environment.SEALS_KEY_ARN is set already, for the key seals: remove it.',
      'line 9: secrets.BOTH is in environment, too: remove one of them.',
      'line 10: secrets.OTEL_HEADERS is set by the platform: remove it, or choose another name.',
      'line 12: tables.orders gives the key attribute id two types: DynamoDB takes one.',
      'line 12: tables.orders gives the key attribute id two types: DynamoDB takes one.',
      'line 12: tables.orders has one attribute for both keys: name two.',
      'line 15: tables.orders.indexes.by-id has one attribute for both keys: name two.',
      'line 16: tables.tables has a name that the platform uses itself: choose another.',
      'line 19: keys.tables-eu-west-1 has a name that the platform uses itself: choose another.',
      'line 21: rights[0].table is "oders", which is no table of this workload. Did you mean orders?',
      'line 21: rights[0].actions[0] is "GetItm", which is no action here. Did you mean GetItem?',
      'line 21: rights[0].actions[1] is "dynamodb:GetItem", which is no action here. Did you mean GetItem?',
      'line 22: rights[1].actions[0] is "DeleteTable", which is no action here. Possible: BatchGetItem, BatchWriteItem, ConditionCheckItem, DeleteItem, DescribeTable, GetItem, PartiQLDelete, PartiQLInsert, PartiQLSelect, PartiQLUpdate, PutItem, Query, Scan, UpdateItem.',
      'line 23: rights[2].key is "seal", which is no key of this workload. Did you mean seals?',
      'line 24: rights[3].actions[0] is "s3:*", expected one action by its full name, such as s3:GetObject.',
      'line 24: rights[3].actions[1] is "GetObject", expected one action by its full name, such as s3:GetObject.',
    ]);
  });

  it('says that a workload has no table where a right names one', () => {
    expect(problems(`${SMALLEST}rights: [{ table: orders, actions: [Scan] }]\n`)).toEqual([
      'line 3: rights[0].table is "orders", which is no table of this workload. There is no table.',
    ]);
    // A table that is wrong itself is said once.
    const broken = 'tables: { orders: {} }\nrights: [{ table: orders, actions: [Scan] }]\n';
    expect(problems(`${SMALLEST}${broken}`)).toEqual([
      'line 3: tables.orders.partitionKey is missing, expected exactly one attribute and its type, such as { id: S }.',
    ]);
  });

  it('counts indexes', () => {
    const index = (_: unknown, number: number) => [
      `by-${number}`,
      { partitionKey: { [`a${number}`]: 'S' } },
    ];
    const tables = (count: number) => ({
      orders: {
        partitionKey: { id: 'S' },
        indexes: Object.fromEntries(Array.from({ length: count }, index)) as object,
      },
    });
    expect(problems(`${SMALLEST}${stringify({ tables: tables(20) })}`)).toEqual([]);
    expect(problems(`${SMALLEST}${stringify({ tables: tables(21) })}`)).toEqual([
      expect.stringContaining('tables.orders has 21 indexes: DynamoDB takes 20.'),
    ]);
  });

  it.each([
    'arn:aws:secretsmanager:eu-central-1:123456789012:secret:team/payment-AbCdEf',
    'arn:aws:secretsmanager:eu-central-1:123456789012:secret:payment-AbCdEf:password::',
    'arn:aws:ssm:eu-central-1:123456789012:parameter/team/payment',
  ])('takes the secret %s', (arn) => {
    expect(problems(`${SMALLEST}secrets: { PAYMENT: "${arn}" }\n`)).toEqual([]);
  });

  it.each([
    'hunter2',
    'arn:aws:secretsmanager:eu-central-1:123456789012:secret:*',
    'arn:aws:ssm:eu-central-1:123456789012:parameter/*',
    'arn:aws:s3:::bucket/key',
  ])('refuses the secret %s', (arn) => {
    expect(problems(`${SMALLEST}secrets: { PAYMENT: "${arn}" }\n`)).toEqual([
      expect.stringMatching(/^line 3: secrets.PAYMENT is .*expected the ARN of a secret/),
    ]);
  });

  it.each([
    ['a mapping that is not closed', 'name: {', /^line 1: .*\.$/],
    ['a key twice', `${SMALLEST}name: other\n`, /^line 3: Map keys must be unique\.$/],
    ['two documents', `${SMALLEST}---\n${SMALLEST}`, /^line 3: .*multiple documents/],
    ['an alias of nothing', 'name: *nothing\n', /can't be read as YAML: Unresolved alias/],
    ['an alias of itself', 'name: &a [*a]\n', /can't be read as YAML: .*circular/],
    ['nesting without end', '['.repeat(20_000), /can't be read as YAML|^line 1:/],
    ['an empty file', '', /^line 1: the workload is null, expected a mapping with name/],
    ['a list', '- a', /^line 1: the workload is \["a"\], expected a mapping/],
    [
      'a name of JavaScript',
      `${SMALLEST}scopes: { __proto__: x }\n`,
      /"__proto__" can't be a name/,
    ],
  ])('says what is wrong with %s', (_, source, message) => {
    expect(problems(source)).toEqual(expect.arrayContaining([expect.stringMatching(message)]));
  });

  it('gives a workload or problems for any text whatever, and never crashes', () => {
    const word = fc.oneof(
      fc.constantFrom(
        ...(ORDERS.match(/[\w:/*-]+|\S/g) ?? []),
        '\n',
        '\n  ',
        ' ',
        ': ',
        '&a ',
        '*a',
      ),
      fc.string({ maxLength: 4 }),
    );
    const anything = fc.oneof(
      fc.string(),
      fc.array(word, { maxLength: 40 }).map((words) => words.join('')),
      fc.jsonValue().map((value) => JSON.stringify(value)),
    );
    fc.assert(
      fc.property(anything, (source) => {
        const reading = readWorkloadFile(source);
        expect('workload' in reading || reading.problems.length > 0).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('gives the same for the documented example with any line left out, doubled or cut', () => {
    const lines = ORDERS.split('\n');
    fc.assert(
      fc.property(
        fc.nat(lines.length - 1),
        fc.nat(60),
        fc.constantFrom('drop', 'double', 'cut'),
        (at, column, how) => {
          const line = lines[at] as string;
          const changed = { drop: [], double: [line, line], cut: [line.slice(0, column)] }[how];
          const source = lines.toSpliced(at, 1, ...(changed as string[])).join('\n');
          const reading = readWorkloadFile(source);
          const isSound =
            'workload' in reading
              ? reading.workload.name !== ''
              : reading.problems.length > 0 &&
                reading.problems.every((text) => /^(line \d+: |It can't).*\.$|\?$/s.test(text));
          expect([source, isSound]).toEqual([source, true]);
        },
      ),
      { numRuns: 300 },
    );
  });
});
