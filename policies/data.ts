// Rules of what is stored: encrypted by keys of one's own, recoverable, and not deleted by accident.
import { SEALED_TAG } from '../contracts/tags';
import { at, list, parsed } from './inputs';
import { resourceRule, type Rule, unless } from './rule';

const TABLE = 'aws:dynamodb/table:Table';
const KEYS = ['aws:kms/key:Key', 'aws:kms/replicaKey:ReplicaKey'];

const tableIsOnDemand = resourceRule({
  name: 'table-on-demand',
  description: 'Tables scale by themselves (DynamoDB.1).',
  types: [TABLE],
  faults: ({ inputs }) =>
    unless(
      inputs.billingMode === 'PAY_PER_REQUEST',
      'has provisioned capacity. Set billingMode to "PAY_PER_REQUEST".',
    ),
});

const tableIsRecoverable = resourceRule({
  name: 'table-point-in-time-recovery',
  description: 'Tables and their replicas can be restored to any second of 35 days (DynamoDB.2).',
  types: [TABLE],
  faults: ({ inputs }) => [
    ...unless(
      at(inputs, 'pointInTimeRecovery', 'enabled') === true,
      'has no point-in-time recovery. Enable it.',
    ),
    ...list(inputs.replicas)
      .filter((replica) => at(replica, 'pointInTimeRecovery') !== true)
      .map(
        (replica) =>
          `its replica in ${String(at(replica, 'regionName'))} has no point-in-time recovery. Enable it.`,
      ),
  ],
});

const tableHasCustomerKey = resourceRule({
  name: 'table-customer-key',
  description: 'Tables and their replicas are encrypted by a customer-managed key (CKV_AWS_119).',
  types: [TABLE],
  faults: ({ inputs }) => [
    ...unless(
      at(inputs, 'serverSideEncryption', 'enabled') === true &&
        typeof at(inputs, 'serverSideEncryption', 'kmsKeyArn') === 'string',
      'is encrypted by a key of AWS. Set serverSideEncryption.kmsKeyArn.',
    ),
    ...list(inputs.replicas)
      .filter((replica) => typeof at(replica, 'kmsKeyArn') !== 'string')
      .map(
        (replica) =>
          `its replica in ${String(at(replica, 'regionName'))} is encrypted by a key of AWS. Set its kmsKeyArn.`,
      ),
  ],
});

const keyRotates = resourceRule({
  name: 'key-rotation',
  description: 'Customer-managed keys rotate every year (KMS.4).',
  types: ['aws:kms/key:Key'],
  faults: ({ inputs }) =>
    unless(inputs.enableKeyRotation === true, 'never rotates. Set enableKeyRotation.'),
});

const keyWaitsBeforeDeletion = resourceRule({
  name: 'key-deletion-window',
  description: 'A key that was deleted by mistake can be kept for 30 days.',
  types: KEYS,
  faults: ({ inputs }) =>
    unless(
      inputs.deletionWindowInDays === undefined || inputs.deletionWindowInDays === 30,
      `is gone after ${String(inputs.deletionWindowInDays)} days. Set deletionWindowInDays to 30.`,
    ),
});

const keyIsNotPublic = resourceRule({
  name: 'key-not-public',
  description: 'No key may be used by everybody (KMS.5).',
  types: KEYS,
  faults: ({ inputs }) =>
    unless(
      !list(at(parsed(inputs.policy), 'Statement')).some(
        (statement) =>
          at(statement, 'Effect') === 'Allow' &&
          at(statement, 'Condition') === undefined &&
          (at(statement, 'Principal') === '*' ||
            list(at(statement, 'Principal', 'AWS')).includes('*')),
      ),
      'may be used by everybody. Name the account or the service in the key policy.',
    ),
});

const sealHolds = resourceRule({
  name: 'sealed-key',
  description: 'Under a sealed key no role of the stack may decrypt: the key policy denies it.',
  types: KEYS,
  faults: ({ inputs }) => {
    const denied = list(at(parsed(inputs.policy), 'Statement'))
      .filter((statement) => at(statement, 'Effect') === 'Deny')
      .flatMap((statement) => list(at(statement, 'Action')));
    const open = ['kms:Decrypt', 'kms:ReEncryptFrom', 'kms:CreateGrant', 'kms:PutKeyPolicy'].filter(
      (action) => !denied.includes(action),
    );
    return unless(
      at(inputs, 'tags', SEALED_TAG) === undefined || open.length === 0,
      `is sealed, and its policy does not deny ${open.join(', ')}. Deny them to the roles of the stack.`,
    );
  },
});

const secretHasCustomerKey = resourceRule({
  name: 'secret-customer-key',
  description: 'Secrets are encrypted by a customer-managed key.',
  types: ['aws:secretsmanager/secret:Secret'],
  faults: ({ inputs }) =>
    unless(typeof inputs.kmsKeyId === 'string', 'is encrypted by a key of AWS. Set kmsKeyId.'),
});

/** All rules of stored data. */
export const DATA_RULES: readonly Rule[] = [
  tableIsOnDemand,
  tableIsRecoverable,
  tableHasCustomerKey,
  keyRotates,
  keyWaitsBeforeDeletion,
  keyIsNotPublic,
  sealHolds,
  secretHasCustomerKey,
];
