// What a sentence about a role is, and what most of them speak of: roles, tables, keys, conditions.
import type { Recording } from '../../recorder/record';
import { outputOf } from './recorded-role';
import type { AccessRequest } from './evaluate';

/** One sentence about a role, and what IAM is asked to find out whether it is true. */
export interface RoleSentence {
  /** Logical name of the role. */
  readonly role: string;
  readonly can: boolean;
  /** What it can or can't do; "can" or "can't" goes before. */
  readonly what: string;
  readonly request: (recording: Recording) => AccessRequest;
}

export const TASK = 'gh-task-role';
export const EXECUTION = 'gh-exec-role';
export const EDGE = 'gh-edge-role';
export const CHECK = 'gh-key-check-role';
export const FLOW = 'gh-flow-role';
export const KEEPER = 'gh-key-keeper-helper-role';
/** Only where deployments shift requests: canary and blue/green. */
export const SHIFT = 'gh-shift-role';

export const arn = (recording: Recording, type: string, name: string): string =>
  outputOf(recording, type, name, 'arn');
export const table = (name: string) => (recording: Recording) =>
  arn(recording, 'aws:dynamodb/table:Table', name);
export const key = (name: string) => (recording: Recording) =>
  arn(recording, 'aws:kms/key:Key', name);
export const users = table('gh-users');
export const credentials = table('gh-credentials');
export const apiKeys = table('gh-keys');
export const region = ({ outputs }: Recording): string => String(outputs.region);

/** A read of named attributes, which is what `dynamodb:Select` then says. */
export const reading = (attributes: string[]): AccessRequest['context'] => ({
  'dynamodb:Attributes': attributes,
  'dynamodb:Select': 'SPECIFIC_ATTRIBUTES',
});
export const everything: AccessRequest['context'] = { 'dynamodb:Select': 'ALL_ATTRIBUTES' };
/** A write of credentials, and what it is when it stands in a transaction. */
export const ciphertext = { 'dynamodb:Attributes': ['id', 'ciphertext'] };
export const inTransaction = { 'dynamodb:EnclosingOperation': 'TransactWriteItems' };
export const forUser: AccessRequest['context'] = {
  'kms:EncryptionContextKeys': ['purpose', 'user'],
  'kms:EncryptionContext:purpose': 'credentials',
  'kms:EncryptionContext:user': '0b7e3f1c-6d7e-4d7a-9f43-0d8f2f6f2f11',
};

/** Key of a user of a stack, and the tags by which IAM tells it. */
export const userKey = (recording: Recording, stack = String(recording.stack)) => ({
  resource: `arn:aws:kms:${region(recording)}:123456789012:key/of-a-user`,
  context: {
    'aws:ResourceTag/gatehouse:stack': stack,
    'aws:ResourceTag/gatehouse:user': '0b7e3f1c-6d7e-4d7a-9f43-0d8f2f6f2f11',
  },
});
export const tagged = ({ stack }: Recording): AccessRequest['context'] => ({
  'aws:RequestTag/gatehouse:stack': stack,
  'aws:RequestTag/gatehouse:user': '0b7e3f1c-6d7e-4d7a-9f43-0d8f2f6f2f11',
  'aws:TagKeys': ['gatehouse:stack', 'gatehouse:user'],
});
