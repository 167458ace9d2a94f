// The form of a workload, field by field: what each may hold, and what a person is told otherwise.
import { z } from 'zod';
import { ALLOWED_METHODS } from './access';
import { closed, mapping, text } from './form';
import { rightSchema } from './workload-rights';

const NAME = 'up to 32 lower-case letters, digits and single dashes, a letter first';
const name = text(/^(?=.{1,32}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$/, NAME);

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html */
const attributeName = text(
  /^[A-Za-z0-9_.-]{1,255}$/,
  'an attribute of 1 to 255 letters, digits, "_", "-" and "."',
);
const ONE_ATTRIBUTE = 'exactly one attribute and its type, such as { id: S }';
const keyAttribute = mapping(
  attributeName,
  z.enum(['S', 'N', 'B'], { error: 'S (text), N (number) or B (bytes)' }),
  ONE_ATTRIBUTE,
)
  .refine((attribute) => Object.keys(attribute).length === 1, { error: ONE_ATTRIBUTE })
  .meta({ minProperties: 1, maxProperties: 1 });
const attributes = z.array(attributeName, { error: 'a list of attributes' });

const index = closed(
  {
    partitionKey: keyAttribute,
    sortKey: keyAttribute.optional(),
    attributes: attributes
      .optional()
      .describe('Attributes that the index holds besides the keys; without it, all.'),
  },
  'an index: { partitionKey: { day: S } }',
);

const table = closed(
  {
    partitionKey: keyAttribute.describe('Name and type (S, N or B) of the partition key.'),
    sortKey: keyAttribute.optional().describe('Name and type of the sort key.'),
    indexes: mapping(
      text(/^[A-Za-z0-9_.-]{3,255}$/, '3 to 255 letters, digits, "_", "-" and "."'),
      index,
      'a mapping of names to indexes',
    )
      .optional()
      .describe('Global secondary indexes by name.'),
    ttl: attributeName
      .optional()
      .describe('Attribute with the epoch second from which on DynamoDB may remove an item.'),
    readable: attributes
      .optional()
      .describe('Attributes that the local console may show; without it, all.'),
    writeOnly: z
      .boolean({ error: 'true or false' })
      .optional()
      .describe('No role of the stack may read it; without it, those that rights name.'),
  },
  'a table: { partitionKey: { id: S } }',
);

/** https://docs.aws.amazon.com/lambda/latest/api/API_Environment.html */
const variableName = text(
  /^[A-Za-z][A-Za-z0-9_]{1,127}$/,
  'letters, digits and "_", a letter first, two at least',
);
const variableValue = z.string({ error: 'a text; write a number or true in quotes' });
const secretArn = text(
  /^arn:aws:(secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+(:[\w.-]*:[\w.-]*:[\w-]*)?|ssm:[a-z0-9-]+:\d{12}:parameter\/[\w./-]+)$/,
  'the ARN of a secret in Secrets Manager or of a parameter in SSM',
);

/** Variables of the process by name. */
const environment = mapping(variableName, variableValue, 'a mapping of variables to texts');

/** ARNs by the names of the variables that hold what is behind them. */
const secrets = mapping(variableName, secretArn, 'a mapping of variables to ARNs');

const rule = closed(
  {
    methods: z
      .array(z.enum(ALLOWED_METHODS, { error: `one of ${ALLOWED_METHODS.join(', ')}` }), {
        error: 'a list of methods',
      })
      .min(1, { error: 'a method at least' })
      .describe('HTTP methods that the rule speaks of.'),
    path: z
      .string({ error: 'a path' })
      .describe(
        'Literal segments, * for one, ** at the end for the rest: /orders/** fits /orders and everything below it.',
      ),
    access: z
      .enum(['public', 'any-key'], { error: 'public or any-key' })
      .optional()
      .describe('public asks for no key; any-key takes every valid one.'),
    scope: z.string({ error: 'a scope' }).optional().describe('Scope that the key must carry.'),
  },
  'a rule: { methods: [GET], path: /orders/**, scope: orders:read }',
)
  .refine(({ access, scope }) => (access === undefined) !== (scope === undefined), {
    error: 'either a scope, or access: public or any-key',
  })
  .meta({ oneOf: [{ required: ['access'] }, { required: ['scope'] }] });

const HEALTH = 'a path of letters, digits, "-", "_", "." and "~", such as /healthz';

/** What a declaration in TypeScript and one in YAML have in common, by field. */
export const declarationShape = {
  name: name.describe('What the API is called in traces, dashboards and messages.'),
  port: z
    .int({ error: 'a whole number from 1024 to 65535' })
    .min(1024, { error: 'a port from 1024 up: no process runs as root' })
    .max(65_535, { error: 'a port up to 65535' })
    .describe('TCP port that the process listens on; it is told in PORT.'),
  health: text(/^(?=.{1,128}$)(\/|(\/[A-Za-z0-9_.~-]+)+)$/, HEALTH).describe(
    'Path that answers 200 while the process lives.',
  ),
  errors: z
    .enum(['problem', 'json-api'], { error: 'problem or json-api' })
    .describe('Form of the errors that the edge answers with: RFC 9457, or JSON:API.'),
  scopes: mapping(
    text(
      /^(?=.{1,64}$)[a-z][a-z0-9]*([:._-][a-z0-9]+)*$/,
      'up to 64 lower-case letters and digits with ":", ".", "_" or "-" between them, such as orders:read',
    ),
    z.string({ error: 'a sentence that says what it allows' }),
    'a mapping of scopes to sentences',
  ).describe('What each scope allows, in one sentence.'),
  rules: z
    .array(rule, { error: 'a list of rules' })
    .min(1, { error: 'a rule at least: what none names is denied' })
    .describe('In order, the first that fits decides; what none fits is denied.'),
  tables: mapping(name, table, 'a mapping of names to tables').describe(
    'DynamoDB tables; the process finds the name of orders in ORDERS_TABLE.',
  ),
  keys: mapping(
    name,
    closed(
      {
        purpose: z
          .string({ error: 'what it encrypts, in a few words' })
          .describe('What it encrypts, in a few words.'),
        sealed: z
          .boolean({ error: 'true or false' })
          .optional()
          .describe(
            'No role of the stack may decrypt under it; without it, those that rights name.',
          ),
      },
      'a key: { purpose: … }',
    ),
    'a mapping of names to keys',
  ).describe('KMS keys; the process finds the ARN of seals in SEALS_KEY_ARN.'),
  environment: environment.describe('Variables of the process.'),
  secrets: secrets.describe(
    'Variables that are read from Secrets Manager or SSM when the process starts.',
  ),
  local: closed(
    {
      command: z
        .array(z.string({ error: 'a text' }), { error: 'a list: a program and its arguments' })
        .min(1, { error: 'a program at least' })
        .describe('Program and arguments, started in the folder of the declaration.'),
    },
    '{ command: [python3, app.py] }',
  )
    .optional()
    .describe('How it runs on a laptop.'),
};

const { port, health, errors, scopes, tables, keys } = declarationShape;

/** A workload file: the same, with defaults, and rights as data. */
export const workloadFileSchema = closed(
  {
    ...declarationShape,
    port: port.default(8080),
    health: health.default('/healthz'),
    errors: errors.default('problem'),
    scopes: scopes.default({}),
    tables: tables.default({}),
    keys: keys.default({}),
    environment: declarationShape.environment.default({}),
    secrets: declarationShape.secrets.default({}),
    rights: z
      .array(rightSchema, { error: 'a list of rights' })
      .default([])
      .describe('What the process may do on AWS: on its tables and keys, or by IAM statements.'),
  },
  'a mapping with name, scopes and rules at its top',
);

/** What a stack adds to a workload. */
export const extensionSchema = z.object({ environment, secrets });

/** Functions, which only a declaration in TypeScript has; their rights are looked at apart. */
const functions = mapping(
  name,
  closed(
    {
      purpose: z.string({ error: 'what it does, in a few words' }),
      entry: text(
        /^([a-z0-9-]+\/)*[a-z0-9-]+\.ts$/,
        'a module from the folder of the declaration, such as src/key-keeper.ts',
      ),
      when: z
        .record(z.string(), z.string(), { error: 'a mapping of variables to texts' })
        .optional(),
      rights: z.unknown(),
    },
    "a function: { purpose: 'keeps keys', entry: 'src/key-keeper.ts', rights }",
  ),
  'a mapping of names to functions',
);

/** A declaration in TypeScript; its rights are code, and looked at apart. */
export const declarationSchema = closed(
  { ...declarationShape, functions: functions.optional() },
  'a workload',
);

/** What a declaration holds, whoever wrote it, without its rights. */
export type Declaration = z.infer<typeof declarationSchema>;

/** A workload file as the parser hands it on. */
export type WorkloadFile = z.infer<typeof workloadFileSchema>;

/** The JSON schema of a workload file, for editors. */
export function workloadJsonSchema(): object {
  const schema = z.toJSONSchema(workloadFileSchema, { io: 'input', target: 'draft-7' });
  return { title: 'Workload of Gatehouse', ...schema };
}
