// Rules of who gets at data: tables read by attribute or not at all, keys used and never handed on.
import { READS_OF_TABLES } from '../contracts/table-actions';
import { READABLE_TAG, WRITE_ONLY_TAG } from '../contracts/tags';
import { at, textOf } from './inputs';
import { allowed, ROLE_POLICIES, texts } from './role-policies';
import { resourceRule, type PolicyResource, type Rule, unless } from './rule';

/** Conditions that bind a decryption to what was encrypted for one purpose, or to keys of one tag. */
const BOUND_DECRYPTION = /"(kms:EncryptionContext:|aws:ResourceTag\/)/;

const decryptsNamedKeys = resourceRule({
  name: 'no-decryption-under-every-key',
  description: 'Roles decrypt under named keys, or what an encryption context names (KMS.1, .2).',
  types: ROLE_POLICIES,
  faults: ({ inputs }) =>
    allowed(inputs.policy).flatMap((statement) => {
      const actions = texts(at(statement, 'Action')).filter((action) =>
        /^kms:(\*|Decrypt|ReEncrypt)/i.test(action),
      );
      const everything = texts(at(statement, 'Resource')).filter((arn) =>
        /^\*$|:key\/\*$/.test(arn),
      );
      return unless(
        actions.length === 0 ||
          everything.length === 0 ||
          BOUND_DECRYPTION.test(JSON.stringify(at(statement, 'Condition') ?? {})),
        `allows ${actions.join(', ')} under ${everything.join(', ')}. Name the keys.`,
      );
    }),
});

const noKeyGrants = resourceRule({
  name: 'no-key-grants',
  description: 'No role hands on the use of a key: a grant outlives the policy that allowed it.',
  types: ROLE_POLICIES,
  faults: ({ inputs }) =>
    allowed(inputs.policy)
      .filter(
        (statement) =>
          !JSON.stringify(at(statement, 'Condition') ?? {}).includes('kms:GrantIsForAWSResource'),
      )
      .flatMap((statement) => texts(at(statement, 'Action')))
      .filter((action) => /^kms:(CreateGrant|PutKeyPolicy)$/i.test(action))
      .map((action) => `allows ${action}. Leave it out, or bind it to AWS services.`),
});

const USES_OF_KEYS = /^kms:(\*|Encrypt|Decrypt|ReEncrypt\w*|GenerateDataKey\w*)$/i;
const LIFE_OF_KEYS =
  /^kms:(\*|CreateKey|TagResource|UntagResource|ScheduleKeyDeletion|DisableKey|UpdateAlias)$/i;

const keyLifeIsApart = resourceRule({
  name: 'key-use-and-life-apart',
  description:
    'A role that encrypts or decrypts makes, tags and ends no key: that is for a role of its own.',
  types: ROLE_POLICIES,
  faults: ({ inputs }) => {
    const actions = allowed(inputs.policy).flatMap((statement) => texts(at(statement, 'Action')));
    const life = actions.filter((action) => LIFE_OF_KEYS.test(action));
    return unless(
      life.length === 0 || !actions.some((action) => USES_OF_KEYS.test(action)),
      `uses keys and allows ${life.join(', ')}. Leave that to a function with a role of its own.`,
    );
  },
});

/** Reads that can be held to named attributes. */
const READS = /^dynamodb:(GetItem|BatchGetItem|Query|Scan)$/i;

/** Statements of roles that allow something on a table with a tag, or on an index of it. */
function grantsOn(resources: readonly PolicyResource[], tag: string) {
  return resources
    .filter(({ type }) => type === 'aws:dynamodb/table:Table')
    .flatMap((table) => {
      const marked = textOf(at(table.inputs, 'tags', tag));
      const arn = textOf(table.inputs.arn ?? table.outputs?.arn);
      if (marked === undefined || arn === undefined) return [];
      return resources
        .filter(({ type }) => ROLE_POLICIES.includes(type))
        .flatMap(({ urn, name, inputs }) =>
          allowed(inputs.policy)
            .filter((statement) =>
              texts(at(statement, 'Resource')).some((each) => each.startsWith(arn)),
            )
            .map((statement) => ({
              urn,
              role: name,
              table: table.name,
              arn,
              marked,
              statement,
              policy: inputs.policy,
            })),
        );
    });
}

const readsNamedAttributes: Rule = {
  name: 'reads-named-attributes',
  description:
    'Of a table that says what may be read (tag gatehouse:readable), roles read those attributes by name and no others.',
  level: 'mandatory',
  check: (resources) =>
    grantsOn(resources, READABLE_TAG)
      .filter(
        ({ statement, marked }) =>
          texts(at(statement, 'Action')).some((action) => READS.test(action)) &&
          !readsOnly(statement, marked.split(' ')),
      )
      .map(({ urn, role, table, marked }) => ({
        urn,
        message: `${role}: reads ${table} beyond ${marked}. Ask for dynamodb:Select SPECIFIC_ATTRIBUTES and these dynamodb:Attributes.`,
      })),
};

const writeOnlyIsNotRead: Rule = {
  name: 'write-only-table-not-read',
  description:
    'No role reads a table that is written only (tag gatehouse:write-only), and no write to it returns what it held.',
  level: 'mandatory',
  check: (resources) =>
    grantsOn(resources, WRITE_ONLY_TAG).flatMap((grant) => {
      const { urn, role, table, statement } = grant;
      const actions = texts(at(statement, 'Action'));
      const reads = actions.filter((action) =>
        READS_OF_TABLES.some((read) => read.toLowerCase() === action.toLowerCase()),
      );
      const returns = actions.filter((action) => RETURNS.test(action));
      return [
        ...unless(
          reads.length === 0,
          `${role}: allows ${reads.join(', ')} on ${table}, which is written only. Leave it out.`,
        ),
        ...unless(
          returns.length === 0 || returnsNothing(grant),
          `${role}: allows ${returns.join(', ')} on ${table} to return what it held. Bind it to dynamodb:ReturnValues NONE, or to transactions by dynamodb:EnclosingOperation.`,
        ),
      ].map((message) => ({ urn, message }));
    }),
};

/** Writes that may hand out the item as it was. */
const RETURNS = /^dynamodb:(PutItem|UpdateItem|DeleteItem)$/i;

/** By its own condition, in a transaction, or because the same policy denies it. */
function returnsNothing({ statement, policy, arn }: ReturnType<typeof grantsOn>[number]): boolean {
  const values = (of: unknown, operator: string, key: string) =>
    texts(at(of, 'Condition', operator, `dynamodb:${key}`)).join();
  return (
    values(statement, 'StringEqualsIfExists', 'ReturnValues') === 'NONE' ||
    values(statement, 'ForAnyValue:StringEquals', 'EnclosingOperation') === 'TransactWriteItems' ||
    allowed(policy, 'Deny').some(
      (denial) =>
        texts(at(denial, 'Resource')).includes(arn) &&
        values(denial, 'ForAnyValue:StringNotEquals', 'ReturnValues') === 'NONE',
    )
  );
}

function readsOnly(statement: unknown, readable: readonly string[]): boolean {
  const named = texts(
    at(statement, 'Condition', 'ForAllValues:StringEquals', 'dynamodb:Attributes'),
  );
  return (
    at(statement, 'Condition', 'StringEquals', 'dynamodb:Select') === 'SPECIFIC_ATTRIBUTES' &&
    named.length > 0 &&
    named.every((attribute) => readable.includes(attribute))
  );
}

/** All rules of access to data. */
export const DATA_ACCESS_RULES: readonly Rule[] = [
  decryptsNamedKeys,
  noKeyGrants,
  keyLifeIsApart,
  readsNamedAttributes,
  writeOnlyIsNotRead,
];
